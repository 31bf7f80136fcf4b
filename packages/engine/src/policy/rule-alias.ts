// AWS names rules by ids (`sgr-…`) where they are changed or revoked; everywhere else a rule is named by what it says.
// Turns edits that name an id into edits of the rules meant (DOMAIN 4.7).

import { sameId } from "../resource-id.js";
import type { Micros } from "../time.js";
import { unreachable } from "../unreachable.js";
import type { Edit } from "./operation.js";
import { isUnreadable, type Rule, type RuleDirection, ruleKey } from "./rule.js";
import type { Cause } from "./rule-version.js";

/** A rule shown or written by an event, under the id it then had; null: the evidence names none. */
export type RuleSighting = {
  readonly cause: Cause;
  readonly key: string;
  readonly id: string | null;
  readonly direction: RuleDirection | null;
  /** Under an id of its own from then on. */
  readonly made: boolean;
};

/** Rules that a snapshot shows. */
export function sightingOf(cause: Cause, rule: Rule): RuleSighting {
  const id = isUnreadable(rule) ? null : (rule.id ?? null);
  return { cause, key: ruleKey(rule.name), id, direction: rule.direction, made: false };
}

const isId = (name: string) => /^sgr-/i.test(name);

export type Seen = {
  /** In snapshots. */
  readonly rules: readonly RuleSighting[];
  /** From when on no rule can have been there under no name at all; `endOfTime`: never. */
  readonly wholeFrom: Micros;
};

/** Edits come and go in order of time. */
export function resolveAliases(edits: readonly Edit[], { rules, wholeFrom }: Seen): Edit[] {
  const directed = withDirections(edits, rules);
  const sightings = [...rules, ...directed.flatMap(sightingsOfEdit)].sort((a, b) => a.cause.time - b.cause.time);
  return directed.flatMap((edit) => resolveEdit(edit, { rules: sightings, wholeFrom }));
}

/** A rule keeps its direction for as long as it has its id, so any sight of it tells. */
function withDirections(edits: readonly Edit[], rules: readonly RuleSighting[]): Edit[] {
  const plain = edits.filter((edit) => edit.kind !== "rule-written" || edit.ifOutbound === null);
  const told = [...rules, ...plain.flatMap(sightingsOfEdit)];
  const directions = new Map(told.flatMap(({ id, direction }) => (id === null ? [] : [[id.toLowerCase(), direction]])));
  return edits.map((edit) => {
    if (edit.kind !== "rule-written" || edit.ifOutbound === null) return edit;
    const direction = directions.get(edit.ruleName.toLowerCase()) ?? null;
    if (direction === null) return edit;
    return { ...edit, rule: direction === "outbound" ? edit.ifOutbound : edit.rule, ifOutbound: null };
  });
}

/** What may be outbound or not has been seen under both names, and under no id for sure. */
function sightingsOfEdit(edit: Edit): RuleSighting[] {
  if (edit.kind !== "rule-written" || edit.rule === null) return [];
  const made = (rule: Rule) => ({ ...sightingOf(edit.cause, rule), made: true });
  if (edit.ifOutbound !== null) return [edit.rule, edit.ifOutbound].map((rule) => ({ ...made(rule), id: null }));
  return [isId(edit.ruleName) ? { ...made(edit.rule), id: edit.ruleName } : made(edit.rule)];
}

function resolveEdit(edit: Edit, seen: Seen): Edit[] {
  switch (edit.kind) {
    case "group-written":
    case "group-removed":
    case "some-rule-deleted":
    case "rule-lapsed":
    case "rule-perhaps-written":
      return [edit];
    case "rule-deleted":
      return isId(edit.ruleName) ? deletionOf(edit.ruleName, edit, seen) : [likelyDeletion(edit)];
    case "rule-written":
      return isId(edit.ruleName) ? changeOf(edit, seen) : [{ ...edit, existed: edit.existed ?? false }];
    default:
      return unreachable(edit);
  }
}

/** AWS answers to a revocation of what never was there as to any other. */
function likelyDeletion(edit: Edit & { kind: "rule-deleted" }): Edit {
  return { ...edit, existed: edit.existed ?? "likely" };
}

/** Of the rule that had the id; else of one of those whose id nobody knows, or of one that nobody knows at all. */
function deletionOf(id: string, { group, cause }: Edit, { rules, wholeFrom }: Seen): Edit[] {
  const earlier = rules.filter((seen) => seen.cause.time <= cause.time && seen.cause.event !== cause.event);
  const named = earlier.findLast((sighting) => sighting.id !== null && sameId(sighting.id, id));
  const deletion = { kind: "rule-deleted", group, cause, ruleName: named?.key ?? id, rule: null } as const;
  if (named !== undefined) return [{ ...deletion, existed: true }];
  const candidates = keysWithoutId(earlier);
  const some: Edit = { kind: "some-rule-deleted", group, cause, candidates };
  if (candidates.size === 0) return [{ ...deletion, existed: true }];
  return wholeFrom < cause.time ? [some] : [some, { ...deletion, existed: "likely" }];
}

function keysWithoutId(sightings: readonly RuleSighting[]): ReadonlySet<string> {
  const ids = new Map<string, string | null>();
  for (const { key, id, made } of sightings) ids.set(key, made ? id : (id ?? ids.get(key) ?? null));
  return new Set([...ids].filter(([, id]) => id === null).map(([key]) => key));
}

/** A rule that changes ends under its old name and begins under that of what it then says. */
function changeOf(edit: Edit & { kind: "rule-written" }, seen: Seen): Edit[] {
  const { group, cause, rule, ifOutbound } = edit;
  if (rule !== null && ifOutbound !== null) return changeEitherWay(edit, [rule, ifOutbound], seen);
  if (rule === null) return [{ kind: "group-written", group, cause, rules: null, existed: null }];
  const begun = { ...edit, ruleName: rule.name };
  const key = ruleKey(rule.name);
  const ended = deletionOf(edit.ruleName, edit, seen);
  const same = ended.some((old) => old.kind === "rule-deleted" && ruleKey(old.ruleName) === key);
  return same
    ? [{ ...begun, existed: true }]
    : [...ended.map((old) => otherThan(old, key)), { ...begun, existed: "perhaps" }];
}

/** It says one of the two from then on. */
function changeEitherWay(edit: Edit & { kind: "rule-written" }, forms: readonly Rule[], seen: Seen): Edit[] {
  const { group, cause } = edit;
  const ended = deletionOf(edit.ruleName, edit, seen);
  const others = forms.reduce((all, { name }) => all.map((old) => otherThan(old, ruleKey(name))), ended);
  const begun = forms.map(
    (rule) => ({ kind: "rule-perhaps-written", group, cause, ruleName: rule.name, rule }) as const,
  );
  return [...others, ...begun];
}

/** What is there afterwards did not end. */
function otherThan(edit: Edit, key: string): Edit {
  if (edit.kind !== "some-rule-deleted") return edit;
  return { ...edit, candidates: new Set([...edit.candidates].filter((candidate) => candidate !== key)) };
}
