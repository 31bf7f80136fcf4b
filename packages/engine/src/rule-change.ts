// What changed in a group's rules at an instant, and which packets that can matter to: where no rule that came or went
// matches, the answer is what it was.

import type { GroupHistory } from "./policy/policy-history.js";
import type { RuleDirection } from "./policy/rule.js";
import { type FiveTuple, matchRule, type NameContents } from "./policy/rule-match.js";
import type { Entry, RuleSet } from "./policy/rule-set.js";
import { type Micros, toMicros } from "./time.js";

/** Rules that came or went, in each direction; null: more than rules changed, and anything may matter. */
export type RuleChange = { readonly [direction in RuleDirection]: readonly Entry[] } | null;

export function ruleChangeAt(history: GroupHistory, time: Micros): RuleChange {
  const [before, after] = [history.ruleSetAt(toMicros(time - 1)), history.ruleSetAt(time)];
  if (before.incomplete !== after.incomplete || before.kind !== after.kind) return null;
  return { inbound: changed(before, after, "inbound"), outbound: changed(before, after, "outbound") };
}

/** A rule that nobody touched is the same entry in both sets. */
function changed(before: RuleSet, after: RuleSet, direction: RuleDirection): Entry[] {
  const [old, current] = [new Set(before[direction]), new Set(after[direction])];
  return [
    ...before[direction].filter((entry) => !current.has(entry)),
    ...after[direction].filter((entry) => !old.has(entry)),
  ];
}

export function mayMatch(entries: readonly Entry[], tuple: FiveTuple, names: NameContents): boolean {
  return entries.some(({ clauses }) =>
    clauses.some(({ matcher }) => matcher === null || matchRule(matcher, tuple, names).is !== "no"),
  );
}
