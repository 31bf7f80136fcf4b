// The rules of one group that are in force at one time, in the order in which they are tried.

import type { GroupKind, ResourceId } from "../event.js";
import { isUnreadable, type Rule, type RuleAccess, type RuleDirection } from "./rule.js";
import { compileMatcher, type RuleMatcher } from "./rule-match.js";
import type { RuleVersion } from "./rule-version.js";

/** One thing that a rule may say. `matcher` is null where it can't be read: it may match anything. */
export type Clause = {
  readonly access: RuleAccess | null;
  readonly matcher: RuleMatcher | null;
  readonly because: string | null;
};

/** A rule in its place. Certain: one clause and nothing in doubt; else any of the clauses, or no rule at all. */
export type Entry = {
  readonly version: RuleVersion;
  readonly priority: number;
  readonly certain: boolean;
  readonly clauses: readonly Clause[];
};

export class RuleSet {
  readonly inbound: readonly Entry[];
  readonly outbound: readonly Entry[];
  readonly kind: GroupKind;
  /** What of the set is only inferred, and why: a verdict that rests on it is, too. */
  readonly assumed: readonly string[];
  /** What a rule says of which nobody knows anything: a security group has no rules that deny [W2]. */
  readonly presumed: RuleAccess | null;

  constructor(
    readonly group: ResourceId,
    readonly name: string,
    readonly versions: readonly RuleVersion[],
    /** Why rules that are not in the set may exist; null where it is whole. */
    readonly incomplete: string | null,
    more: { readonly kind?: GroupKind; readonly assumed?: readonly string[] } = {},
  ) {
    this.kind = more.kind ?? "network-security-group";
    this.assumed = more.assumed ?? [];
    this.presumed = this.kind === "security-group" ? "allow" : null;
    this.inbound = entriesOf(versions, "inbound", this.presumed);
    this.outbound = entriesOf(versions, "outbound", this.presumed);
  }
}

function entriesOf(versions: readonly RuleVersion[], direction: RuleDirection, presumed: RuleAccess | null): Entry[] {
  const entries = versions
    .map((version) => entriesMade(version, presumed)[direction])
    .filter((entry) => entry !== null);
  return entries.sort((a, b) => a.priority - b.priority || (a.version.rule < b.version.rule ? -1 : 1));
}

type Entries = {
  readonly presumed: RuleAccess | null;
  readonly inbound: Entry | null;
  readonly outbound: Entry | null;
};

/** A version is in many sets, one for each span between two edits of its group, and says the same in all of them. */
const made = new WeakMap<RuleVersion, Entries>();

function entriesMade(version: RuleVersion, presumed: RuleAccess | null): Entries {
  const known = made.get(version);
  if (known?.presumed === presumed) return known;
  const [inbound, outbound] = [entryOf(version, "inbound", presumed), entryOf(version, "outbound", presumed)];
  const entries = { presumed, inbound, outbound };
  made.set(version, entries);
  return entries;
}

function entryOf(version: RuleVersion, direction: RuleDirection, presumed: RuleAccess | null): Entry | null {
  const { content } = version;
  if (content.kind === "unknown") {
    return {
      version,
      priority: 0,
      certain: false,
      clauses: [{ access: presumed, matcher: null, because: content.because }],
    };
  }
  const rules = content.kind === "known" ? [content.rule] : content.candidates.filter((rule) => rule !== null);
  const relevant = rules.filter((rule) => rule.direction === direction || rule.direction === null);
  if (relevant.length === 0) return null;
  const because = content.kind === "unsettled" ? content.because : null;
  return {
    version,
    priority: Math.min(...relevant.map((rule) => rule.priority ?? 0)),
    certain: content.kind === "known" && !isUnreadable(content.rule),
    clauses: relevant.map((rule) => clauseOf(rule, because, presumed)),
  };
}

function clauseOf(rule: Rule, because: string | null, presumed: RuleAccess | null): Clause {
  if (isUnreadable(rule)) return { access: rule.access ?? presumed, matcher: null, because: rule.unreadable };
  let matcher: RuleMatcher | null = null;
  return {
    access: rule.access,
    because,
    /** Parsed when first asked: most sets are looked at, and judge nothing. */
    get matcher() {
      matcher ??= compileMatcher(rule);
      return matcher;
    },
  };
}
