// One rule's life, from the facts about it in order of time: what edits made of it and what snapshots showed.

import { groupBy } from "../grouping.js";
import { beginningOfTime, endOfTime, type Micros } from "../time.js";
import { equalRules, type Rule } from "./rule.js";
import type { Cause, VersionContent } from "./rule-version.js";

/** What one event says of one rule. `opaque`: written, and the record does not say what. */
export type RuleFact = {
  readonly time: Micros;
  readonly cause: Cause;
  readonly shown: "by-edit" | "by-snapshot";
  /** Whether the rule was there just before, as an edit says; null where nothing says. */
  readonly existed: boolean | null;
  readonly after:
    | { readonly is: "present"; readonly rule: Rule }
    | { readonly is: "absent" }
    | { readonly is: "opaque"; readonly mayBeAbsent: boolean };
};

/** A span in which the rule said one thing; `null` content: there was no such rule. */
export type RuleSpan = {
  readonly from: Micros;
  readonly to: Micros;
  readonly recordedFrom: Micros;
  readonly content: VersionContent | null;
  readonly begunBy: Cause | null;
  readonly endedBy: Cause | null;
};

/** Evidence that contradicts other evidence about the same rule. */
export type Contradiction = {
  readonly kind: "drift" | "unrecorded-edit";
  readonly cause: Cause;
  readonly message: string;
};

export type RuleTimeline = { readonly spans: readonly RuleSpan[]; readonly contradictions: readonly Contradiction[] };

/** The spans cover all of time without holes; neighbours that say the same are one. */
export function ruleTimeline(facts: readonly RuleFact[]): RuleTimeline {
  const settled = settleInstants(facts);
  const contradictions: Contradiction[] = [];
  const spans: RuleSpan[] = [spanBeforeFirst(settled[0]!)];
  for (let index = 0; index < settled.length; index++) {
    const next = settled[index + 1] ?? null;
    spans.push(spanBetween(settled[index]!, next));
    if (next !== null) contradictions.push(...contradictionOf(settled[index]!, next));
  }
  return { spans: mergeEqual(spans), contradictions };
}

/** Several facts of one instant become one; edits that disagree make the content unknown. */
function settleInstants(facts: readonly RuleFact[]): RuleFact[] {
  const byTime = groupBy(facts, (fact) => fact.time);
  return [...byTime.values()].map((same) => {
    const edits = same.filter((fact) => fact.shown === "by-edit");
    const counted = edits.length > 0 ? edits : same;
    const first = counted[0]!;
    const agree = counted.every((fact) => sameOutcome(fact, first));
    return {
      ...first,
      existed: agreedExistence(counted),
      after: agree ? first.after : { is: "opaque", mayBeAbsent: true },
    };
  });
}

function agreedExistence(facts: readonly RuleFact[]): boolean | null {
  const [said = null, ...others] = new Set(facts.flatMap((fact) => fact.existed ?? []));
  return others.length === 0 ? said : null;
}

function sameOutcome(a: RuleFact, b: RuleFact): boolean {
  if (a.after.is === "present" && b.after.is === "present") return equalRules(a.after.rule, b.after.rule);
  return a.after.is === b.after.is;
}

function knownRule(fact: RuleFact): Rule | null | undefined {
  if (fact.after.is === "opaque") return undefined;
  return fact.after.is === "present" ? fact.after.rule : null;
}

function spanBeforeFirst(first: RuleFact): RuleSpan {
  return {
    from: beginningOfTime,
    to: first.time,
    recordedFrom: first.time,
    content: contentBeforeFirst(first),
    begunBy: null,
    endedBy: first.shown === "by-edit" ? first.cause : null,
  };
}

function contentBeforeFirst(first: RuleFact): VersionContent | null {
  const { after, existed } = first;
  if (first.shown === "by-snapshot") {
    const shown = knownRule(first);
    if (shown === undefined) return unknown("snapshots of one instant show it differently");
    return shown === null ? null : { kind: "known", rule: shown };
  }
  if (existed === true) return unknown("it was there before the first recorded edit, and what it said is not recorded");
  const silent = existed === null && after.is === "opaque";
  return silent ? unknown("the first recorded edit does not say what the rule was before") : null;
}

function unknown(because: string): VersionContent {
  return { kind: "unknown", because };
}

function spanBetween(fact: RuleFact, next: RuleFact | null): RuleSpan {
  return {
    from: fact.time,
    to: next?.time ?? endOfTime,
    recordedFrom: fact.after.is === "opaque" ? (next?.time ?? endOfTime) : fact.time,
    content: contentBetween(fact, next),
    begunBy: fact.shown === "by-edit" ? fact.cause : null,
    endedBy: next !== null && next.shown === "by-edit" ? next.cause : null,
  };
}

function contentBetween(fact: RuleFact, next: RuleFact | null): VersionContent | null {
  if (fact.after.is === "opaque") return contentAfterOpaque(fact.after.mayBeAbsent, next);
  const held = fact.after.is === "present" ? fact.after.rule : null;
  const known: VersionContent | null = held === null ? null : { kind: "known", rule: held };
  if (next === null) return known;
  return next.shown === "by-snapshot" ? contentUntilSnapshot(held, known, next) : contentUntilEdit(held, known, next);
}

function contentAfterOpaque(mayBeAbsent: boolean, next: RuleFact | null): VersionContent | null {
  const shown = next !== null && next.shown === "by-snapshot" ? knownRule(next) : undefined;
  if (shown === undefined) return unknown("it was written, and the record does not say what");
  if (shown !== null) return { kind: "known", rule: shown };
  return mayBeAbsent ? null : unknown("it was written, the record does not say what, and its deletion is not recorded");
}

function contentUntilSnapshot(held: Rule | null, known: VersionContent | null, next: RuleFact): VersionContent | null {
  const shown = knownRule(next);
  if (shown === undefined) return unknown("later snapshots of one instant show it differently");
  if (sameRule(held, shown)) return known;
  return {
    kind: "unsettled",
    candidates: [held, shown],
    because: "a later snapshot shows it otherwise, and no edit between is recorded",
  };
}

function sameRule(a: Rule | null, b: Rule | null): boolean {
  return a === null || b === null ? a === b : equalRules(a, b);
}

function contentUntilEdit(held: Rule | null, known: VersionContent | null, next: RuleFact): VersionContent | null {
  if (held === null && next.existed === true) {
    return unknown("an edit shows that it was there, and its making is not recorded");
  }
  if (held !== null && next.existed === false) {
    return {
      kind: "unsettled",
      candidates: [held, null],
      because: "it was made anew later, and its deletion is not recorded",
    };
  }
  return known;
}

/** What is not known although both ends say something. */
function contradictionOf(fact: RuleFact, next: RuleFact): Contradiction[] {
  const content = contentBetween(fact, next);
  const bothSay = fact.after.is !== "opaque" || (next.shown === "by-snapshot" && next.after.is !== "opaque");
  if (content === null || content.kind === "known" || !bothSay) return [];
  const kind = next.shown === "by-snapshot" ? "drift" : "unrecorded-edit";
  return [{ kind, cause: next.cause, message: content.because }];
}

function mergeEqual(spans: readonly RuleSpan[]): RuleSpan[] {
  const merged: RuleSpan[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (span.from === span.to) continue;
    if (last !== undefined && sameContent(last.content, span.content)) {
      merged[merged.length - 1] = { ...last, to: span.to, endedBy: span.endedBy };
    } else merged.push(span);
  }
  return merged;
}

function sameContent(a: VersionContent | null, b: VersionContent | null): boolean {
  if (a === null || b === null) return a === b;
  return a.kind === "known" && b.kind === "known" && equalRules(a.rule, b.rule);
}
