// One rule's life, from the facts about it in order of time: what edits made of it and what snapshots showed.

import { beginningOfTime, endOfTime, type Micros } from "../time.js";
import { equalRules, type Rule } from "./rule.js";
import { type RuleFact, settleFacts } from "./rule-fact.js";
import type { Cause, VersionContent } from "./rule-version.js";

/** A span in which the rule said one thing; `null` content: there was no such rule. */
export type RuleSpan = {
  readonly from: Micros;
  readonly to: Micros;
  readonly recordedFrom: Micros;
  readonly content: VersionContent | null;
  readonly begunBy: Cause | null;
  readonly endedBy: Cause | null;
  /** Why, where there was no such rule, that is only inferred; null where evidence shows it. */
  readonly assumed: string | null;
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
  const settled = settleFacts(facts);
  const contradictions: Contradiction[] = [];
  const spans: RuleSpan[] = [spanBeforeFirst(settled[0]!)];
  for (let index = 0; index < settled.length; index++) {
    const next = settled[index + 1] ?? null;
    spans.push(spanBetween(settled[index]!, next));
    if (next !== null) contradictions.push(...contradictionOf(settled[index]!, next));
  }
  return { spans: mergeEqual(spans), contradictions };
}

/** The rule, null where there was none, undefined where the fact does not say. */
function knownRule(fact: RuleFact): Rule | null | undefined {
  if (fact.after.is === "present") return fact.after.rule;
  return fact.after.is === "absent" ? null : undefined;
}

/** An edit, or a snapshot of a group made at that instant. */
function isChange(fact: RuleFact): boolean {
  return fact.shown === "by-edit" || fact.existed === false;
}

function causeOfChange(fact: RuleFact | null): Cause | null {
  return fact !== null && isChange(fact) ? fact.cause : null;
}

function spanBeforeFirst(first: RuleFact): RuleSpan {
  return {
    from: beginningOfTime,
    to: first.time,
    recordedFrom: first.time,
    content: contentBeforeFirst(first),
    begunBy: null,
    endedBy: causeOfChange(first),
    assumed: saysNothingBefore(first) ? "its first recorded write does not say that it was new" : null,
  };
}

function saysNothingBefore({ shown, existed, after }: RuleFact): boolean {
  return shown === "by-edit" && existed === null && after.is === "present";
}

function contentBeforeFirst(first: RuleFact): VersionContent | null {
  const { existed, before } = first;
  if (existed === false) return null;
  if (first.shown === "by-snapshot") return contentBeforeSnapshot(knownRule(first));
  if (existed === null) {
    const silent = first.after.is === "opaque";
    return silent ? unknown("the first recorded edit does not say what the rule was before") : null;
  }
  if (existed === "perhaps") return perhapsBefore("rule" in first.after ? first.after.rule : null);
  if (before !== undefined) return { kind: "known", rule: before };
  return unknown("it was there before the first recorded edit, and what it said is not recorded");
}

function perhapsBefore(rule: Rule | null): VersionContent {
  return {
    kind: "unsettled",
    candidates: [rule, null],
    because: "a rule was changed to this, and from what is not recorded",
  };
}

function contentBeforeSnapshot(shown: Rule | null | undefined): VersionContent | null {
  if (shown === undefined) return unknown("snapshots of one instant show it differently");
  return shown === null ? null : { kind: "known", rule: shown };
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
    begunBy: causeOfChange(fact),
    endedBy: causeOfChange(next),
    assumed: null,
  };
}

function contentBetween(fact: RuleFact, next: RuleFact | null): VersionContent | null {
  if (fact.after.is === "opaque") return contentAfterOpaque(fact.after.mayBeAbsent, next);
  if (fact.after.is === "perhaps-absent") return contentInDoubt(fact.after);
  const held = fact.after.is === "present" ? fact.after.rule : null;
  const known: VersionContent | null = held === null ? null : { kind: "known", rule: held };
  if (next === null) return known;
  return isChange(next) ? contentUntilEdit(held, known, next) : contentUntilSnapshot(held, known, next);
}

function contentInDoubt({ rule, because }: RuleFact["after"] & { is: "perhaps-absent" }): VersionContent {
  return { kind: "unsettled", candidates: [rule, null], because };
}

function contentAfterOpaque(mayBeAbsent: boolean, next: RuleFact | null): VersionContent | null {
  if (mayBeAbsent && next?.existed === false) return null;
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
    if (next.before !== undefined) return madeUnrecorded(next.before);
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

function madeUnrecorded(rule: Rule): VersionContent {
  const because = "an edit shows that it was there, and its making is not recorded";
  return { kind: "unsettled", candidates: [null, rule], because };
}

/** What is not known although both ends say something. */
function contradictionOf(fact: RuleFact, next: RuleFact): Contradiction[] {
  const content = contentBetween(fact, next);
  if (content === null || content.kind === "known" || fact.after.is === "perhaps-absent") return [];
  const bothSay = fact.after.is !== "opaque" || (next.shown === "by-snapshot" && next.after.is !== "opaque");
  if (!bothSay) return [];
  const kind = isChange(next) ? "unrecorded-edit" : "drift";
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
