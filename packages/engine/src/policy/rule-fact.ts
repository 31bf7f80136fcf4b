// What single events say of one rule, and what follows where several speak of the same instant, or one does not know
// which rule it speaks of.

import { groupBy } from "../grouping.js";
import type { Micros } from "../time.js";
import { equalRules, type Rule } from "./rule.js";
import type { Cause } from "./rule-version.js";

/**
 * What a rule was right after an event. `opaque`: written, and the record does not say what. `perhaps-absent`: some
 * rule of the group was deleted, perhaps this one; settled, that is this content, or no such rule. `perhaps-present`:
 * perhaps it was written; settled, there is none of these.
 */
export type RuleState =
  | { readonly is: "present"; readonly rule: Rule }
  | { readonly is: "absent" }
  | { readonly is: "opaque"; readonly mayBeAbsent: boolean }
  | { readonly is: "perhaps-absent"; readonly rule: Rule | null; readonly because: string }
  | { readonly is: "perhaps-present"; readonly rule: Rule };

/** What one event says of one rule. */
export type RuleFact = {
  readonly time: Micros;
  readonly cause: Cause;
  readonly shown: "by-edit" | "by-snapshot";
  /**
   * Whether the rule was there just before, as an edit says; null where nothing says. `likely`: AWS answers to a
   * revocation of what never was there as to any other (DOMAIN 4.7). `perhaps`: a rule was changed to say this, and
   * nobody knows whether it said so before.
   */
  readonly existed: boolean | "likely" | "perhaps" | null;
  /** What it said just before, where a deletion says. */
  readonly before?: Rule;
  readonly after: RuleState;
};

/** One fact an instant (two where a doubt follows a snapshot), in order of time, none of them in doubt about which rule it speaks of if a later one tells. */
export function settleFacts(facts: readonly RuleFact[]): RuleFact[] {
  return settleDoubts(settleInstants(facts));
}

/** Several facts of one instant become one; edits that disagree make the content unknown. */
function settleInstants(facts: readonly RuleFact[]): RuleFact[] {
  const byTime = groupBy(facts, (fact) => fact.time);
  return [...byTime.values()].flatMap((same) => {
    const edits = same.filter((fact) => fact.shown === "by-edit");
    const snapshots = same.filter((fact) => fact.shown === "by-snapshot");
    const certain = edits.some((fact) => !isDoubt(fact));
    const made = certain && snapshots.some(({ existed }) => existed === false);
    const settled = [certain ? [] : snapshots, edits].flatMap((counted) =>
      counted.length === 0 ? [] : settleAlike(counted),
    );
    return made ? settled.map((fact) => ({ ...fact, existed: false })) : settled;
  });
}

function mayBeWriting({ after }: RuleFact): boolean {
  return after.is === "perhaps-present";
}

function isDoubt({ after }: RuleFact): boolean {
  return after.is === "perhaps-absent" || after.is === "perhaps-present";
}

function settleAlike(counted: readonly RuleFact[]): RuleFact {
  const first = counted[0]!;
  const agree = counted.every((fact) => sameOutcome(fact, first));
  const after = agree ? first.after : ({ is: "opaque", mayBeAbsent: true } as const);
  return { ...first, existed: agreedExistence(counted), after };
}

function agreedExistence(facts: readonly RuleFact[]): RuleFact["existed"] {
  const [said = null, ...others] = new Set(facts.flatMap((fact) => fact.existed ?? []));
  return others.length === 0 ? said : null;
}

function sameOutcome(a: RuleFact, b: RuleFact): boolean {
  if (a.after.is === "present" && b.after.is === "present") return equalRules(a.after.rule, b.after.rule);
  return a.after.is === b.after.is;
}

/** Whether a deletion of some rule was one of this rule, from what was known before and what is known next. */
function settleDoubts(facts: readonly RuleFact[]): RuleFact[] {
  const settled: RuleFact[] = [];
  facts.forEach((fact, index) => {
    const resolved = isDoubt(fact) ? settleDoubt(fact, settled.at(-1), facts.slice(index + 1)) : fact;
    if (resolved !== null) settled.push(resolved);
  });
  return settled;
}

/** Null: it changed nothing here. Of several that may have ended the rule, nobody knows which did. */
function settleDoubt(fact: RuleFact, last: RuleFact | undefined, later: readonly RuleFact[]): RuleFact | null {
  const next = later.find((other) => !isDoubt(other));
  if (fact.after.is === "perhaps-present") return settleWriting(fact, fact.after.rule, last, [next, later[0]]);
  if (fact.after.is !== "perhaps-absent") return fact;
  const remade = later.slice(0, next === undefined ? later.length : later.indexOf(next)).some(mayBeWriting);
  if (last === undefined || last.after.is === "absent" || (existsBefore(next) === true && !remade)) return null;
  if (existsBefore(next) === false && later[0] === next) return { ...fact, after: { is: "absent" } };
  if (last.after.is === "opaque") return { ...fact, after: { is: "opaque", mayBeAbsent: true } };
  const rule = last.after.is === "perhaps-present" ? null : last.after.rule;
  return { ...fact, after: { ...fact.after, rule } };
}

/** Null: it was there already, or the next evidence shows that it never came to be. */
function settleWriting(
  fact: RuleFact,
  rule: Rule,
  last: RuleFact | undefined,
  [certain, next]: readonly [RuleFact | undefined, RuleFact | undefined],
): RuleFact | null {
  if (last?.after.is === "present" || last?.after.is === "opaque") return null;
  const exists = certain === next ? existsBefore(next) : null;
  if (exists === false) return null;
  if (exists === true) return { ...fact, after: { is: "present", rule } };
  const because = "perhaps it was written, and no evidence says whether";
  return { ...fact, after: { is: "perhaps-absent", rule, because } };
}

/** Whether the rule was there just before a fact; null where it does not tell. */
function existsBefore(fact: RuleFact | undefined): boolean | null {
  if (typeof fact?.existed === "boolean") return fact.existed;
  if (fact === undefined || fact.existed !== null) return null;
  if (fact.shown === "by-edit" || fact.after.is === "opaque") return null;
  return fact.after.is === "present";
}
