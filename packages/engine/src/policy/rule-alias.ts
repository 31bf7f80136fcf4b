// AWS names rules by ids (`sgr-…`) where they are changed or revoked; everywhere else a rule is named by what it says.
// Turns edits that name an id into edits of the rules meant (DOMAIN 4.7).

import type { Micros } from "../time.js";
import { unreachable } from "../unreachable.js";
import type { Edit } from "./operation.js";
import { isUnreadable, type Rule, ruleKey } from "./rule.js";
import type { Cause } from "./rule-version.js";

/** A rule shown or written by an event, under the id it then had; null: the evidence names none. */
export type RuleSighting = {
  readonly cause: Cause;
  readonly key: string;
  readonly id: string | null;
  /** Under an id of its own from then on. */
  readonly made: boolean;
};

/** Rules that a snapshot shows. */
export function sightingOf(cause: Cause, rule: Rule): RuleSighting {
  return { cause, key: ruleKey(rule.name), id: isUnreadable(rule) ? null : (rule.id ?? null), made: false };
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
  const sightings = [...rules, ...edits.flatMap(sightingOfEdit)].sort((a, b) => a.cause.time - b.cause.time);
  return edits.flatMap((edit) => resolveEdit(edit, { rules: sightings, wholeFrom }));
}

function sightingOfEdit(edit: Edit): RuleSighting[] {
  if (edit.kind !== "rule-written" || edit.rule === null) return [];
  const sighting = { ...sightingOf(edit.cause, edit.rule), made: true };
  return [isId(edit.ruleName) ? { ...sighting, id: edit.ruleName } : sighting];
}

function resolveEdit(edit: Edit, seen: Seen): Edit[] {
  switch (edit.kind) {
    case "group-written":
    case "group-removed":
    case "some-rule-deleted":
    case "rule-lapsed":
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
  const named = earlier.findLast((sighting) => sameId(sighting.id, id));
  const deletion = { kind: "rule-deleted", group, cause, ruleName: named?.key ?? id, rule: null } as const;
  if (named !== undefined) return [{ ...deletion, existed: true }];
  const candidates = keysWithoutId(earlier);
  const some: Edit = { kind: "some-rule-deleted", group, cause, candidates };
  if (candidates.size === 0) return [{ ...deletion, existed: true }];
  return wholeFrom <= cause.time ? [some] : [some, { ...deletion, existed: "likely" }];
}

function keysWithoutId(sightings: readonly RuleSighting[]): ReadonlySet<string> {
  const ids = new Map<string, string | null>();
  for (const { key, id, made } of sightings) ids.set(key, made ? id : (id ?? ids.get(key) ?? null));
  return new Set([...ids].filter(([, id]) => id === null).map(([key]) => key));
}

/** A rule that changes ends under its old name and begins under that of what it then says. */
function changeOf(edit: Edit & { kind: "rule-written" }, seen: Seen): Edit[] {
  const { group, cause, rule } = edit;
  if (rule === null) return [{ kind: "group-written", group, cause, rules: null, existed: null }];
  const begun = { ...edit, ruleName: rule.name };
  const key = ruleKey(rule.name);
  const ended = deletionOf(edit.ruleName, edit, seen);
  const same = ended.some((old) => old.kind === "rule-deleted" && ruleKey(old.ruleName) === key);
  return same
    ? [{ ...begun, existed: true }]
    : [...ended.map((old) => otherThan(old, key)), { ...begun, existed: "perhaps" }];
}

/** What is there afterwards did not end. */
function otherThan(edit: Edit, key: string): Edit {
  if (edit.kind !== "some-rule-deleted") return edit;
  return { ...edit, candidates: new Set([...edit.candidates].filter((candidate) => candidate !== key)) };
}

function sameId(a: string | null, b: string): boolean {
  return a !== null && a.toLowerCase() === b.toLowerCase();
}
