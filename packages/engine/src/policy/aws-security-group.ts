// AWS security groups: they hold rules that allow, an interface has several, and what any rule of any of them allows is
// allowed (DOMAIN 2.5).

import { evaluate, type GroupVerdict } from "./evaluate.js";
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

export function evaluateTogether({ sets, direction, tuple, names }: GroupsAsked): GroupVerdict {
  const [first, ...others] = sets.map((set) => evaluate(set, direction, tuple, names));
  return mostPermissive([first!, ...others]);
}

/**
 * What the groups' own verdicts come to. Which of several rules that allow is named makes no difference to the packet:
 * the first by group id, then by name. Where none allows, a doubt in any group leaves the answer open.
 */
export function mostPermissive(verdicts: readonly [GroupVerdict, ...GroupVerdict[]]): GroupVerdict {
  const inOrder = [...verdicts].sort((a, b) => (a.group.toLowerCase() < b.group.toLowerCase() ? -1 : 1));
  const allowed = inOrder.find(({ decision }) => decision === "allow");
  if (allowed !== undefined) return allowed;
  const doubtful = inOrder.filter((verdict) => verdict.decision === "unknown");
  const [first] = doubtful;
  return first === undefined ? inOrder[0]! : { ...first, because: doubtful.flatMap(({ because }) => because) };
}
