// AWS security groups: they hold rules that allow, an interface has several, and what any rule of any of them allows is
// allowed (DOMAIN 2.5).

import { type Doubt, evaluate, type GroupVerdict } from "./evaluate.js";
import type { RuleDirection } from "./rule.js";
import type { FiveTuple, NameContents } from "./rule-match.js";
import type { RuleSet } from "./rule-set.js";

export type GroupsAsked = {
  /** All groups of the interface, in any order; never none, since AWS leaves no interface without. */
  readonly sets: readonly [RuleSet, ...RuleSet[]];
  readonly direction: RuleDirection;
  readonly tuple: FiveTuple;
  readonly names: NameContents;
};

/**
 * Which of several rules that allow is named makes no difference to the packet: the first by group id, then by name.
 * Where none allows, a doubt in any group leaves the answer open.
 */
export function evaluateTogether({ sets, direction, tuple, names }: GroupsAsked): GroupVerdict {
  const inOrder = [...sets].sort((a, b) => (a.group.toLowerCase() < b.group.toLowerCase() ? -1 : 1));
  const verdicts = inOrder.map((set) => evaluate(set, direction, tuple, names));
  const doubts: Doubt[] = [];
  for (const verdict of verdicts) {
    if (verdict.decision === "allow") return verdict;
    if (verdict.decision === "unknown") doubts.push(...verdict.because);
  }
  const doubtful = verdicts.find(({ decision }) => decision === "unknown");
  return doubtful === undefined ? verdicts[0]! : { decision: "unknown", group: doubtful.group, because: doubts };
}
