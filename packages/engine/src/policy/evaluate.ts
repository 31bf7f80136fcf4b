// The plain evaluator, and the authority: the first rule that matches decides. A rule that only may match leaves the
// answer open unless the one that matches after it says the same.

import type { ResourceId } from "../event.js";
import type { RuleAccess, RuleDirection } from "./rule.js";
import { type FiveTuple, type Match, matchRule, type NameContents } from "./rule-match.js";
import type { Clause, Entry, RuleSet } from "./rule-set.js";
import type { RuleVersion } from "./rule-version.js";

export type GroupVerdict =
  | { readonly decision: RuleAccess; readonly group: ResourceId; readonly decidedBy: RuleVersion }
  | { readonly decision: "unknown"; readonly group: ResourceId; readonly because: readonly Doubt[] };

/** Why a rule, or rules nobody saw (null), may or may not have matched. */
export type Doubt = { readonly rule: RuleVersion | null; readonly because: string };

type Possible = { readonly access: RuleAccess | null; readonly doubt: Doubt };

export function evaluate(set: RuleSet, direction: RuleDirection, tuple: FiveTuple, names: NameContents): GroupVerdict {
  return evaluateEntries({ set, entries: set[direction] }, tuple, names);
}

/** Of the set's entries those that are worth trying: the answer is the same without any that do not match. */
export type TriedEntries = { readonly set: RuleSet; readonly entries: readonly Entry[] };

export function evaluateEntries({ set, entries }: TriedEntries, tuple: FiveTuple, names: NameContents): GroupVerdict {
  const possible: Possible[] = [];
  if (set.incomplete !== null) possible.push({ access: set.presumed, doubt: { rule: null, because: set.incomplete } });
  for (const entry of entries) {
    const tried = tryEntry(entry, tuple, names);
    if (tried === "matched") return settle(set, entry, possible);
    possible.push(...tried);
  }
  possible.push({ access: null, doubt: { rule: null, because: "no rule matches, default rules included" } });
  return { decision: "unknown", group: set.group, because: doubtsOf(possible) };
}

/** `matched` for sure, or what the rule may have said to this packet. */
function tryEntry(entry: Entry, tuple: FiveTuple, names: NameContents): "matched" | Possible[] {
  const possible: Possible[] = [];
  for (const clause of entry.clauses) {
    const match = matchClause(clause, tuple, names);
    if (match.is === "yes" && entry.certain) return "matched";
    if (match.is === "no") continue;
    const because = match.is === "maybe" ? match.because : (clause.because ?? "it is not settled whether it was there");
    possible.push({ access: clause.access, doubt: { rule: entry.version, because } });
  }
  return possible;
}

function matchClause(clause: Clause, tuple: FiveTuple, names: NameContents): Match {
  if (clause.matcher === null) return { is: "maybe", because: clause.because ?? "the rule could not be read" };
  return matchRule(clause.matcher, tuple, names);
}

function settle(set: RuleSet, entry: Entry, possible: readonly Possible[]): GroupVerdict {
  const access = entry.clauses[0]!.access!;
  const open = possible.filter((other) => other.access !== access);
  if (open.length === 0) return { decision: access, group: set.group, decidedBy: entry.version };
  return { decision: "unknown", group: set.group, because: doubtsOf(open) };
}

/** Each once, also where several candidates of one rule are in doubt for the same reason. */
function doubtsOf(possible: readonly Possible[]): Doubt[] {
  const doubts = possible.map(({ doubt }) => doubt);
  const same = (a: Doubt, b: Doubt) => a.rule === b.rule && a.because === b.because;
  return doubts.filter((doubt, index) => doubts.findIndex((other) => same(other, doubt)) === index);
}
