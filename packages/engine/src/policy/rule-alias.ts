// AWS names rules by ids (`sgr-…`) where they are changed or revoked; everywhere else a rule is named by what it says.
// Turns edits that name an id into edits of the rules meant (DOMAIN 4.7).

import type { Edit } from "./operation.js";
import { isUnreadable, type Rule, ruleKey } from "./rule.js";
import type { Cause } from "./rule-version.js";

/** A rule shown or written by an event, under the id it then had; null: the evidence names none. */
export type RuleSighting = { readonly cause: Cause; readonly key: string; readonly id: string | null };

export function sightingOf(cause: Cause, rule: Rule): RuleSighting {
  return { cause, key: ruleKey(rule.name), id: isUnreadable(rule) ? null : (rule.id ?? null) };
}

const isId = (name: string) => /^sgr-/i.test(name);

/** `seen`: what snapshots show. Edits come and go in order of time. */
export function resolveAliases(edits: readonly Edit[], seen: readonly RuleSighting[]): Edit[] {
  const sightings = [...seen, ...edits.flatMap(sightingOfEdit)].sort((a, b) => a.cause.time - b.cause.time);
  return edits.flatMap((edit) => resolveEdit(edit, sightings));
}

function sightingOfEdit(edit: Edit): RuleSighting[] {
  if (edit.kind !== "rule-written" || edit.rule === null) return [];
  const sighting = sightingOf(edit.cause, edit.rule);
  return [isId(edit.ruleName) ? { ...sighting, id: edit.ruleName } : sighting];
}

function resolveEdit(edit: Edit, sightings: readonly RuleSighting[]): Edit[] {
  switch (edit.kind) {
    case "group-written":
    case "group-removed":
    case "some-rule-deleted":
    case "rule-lapsed":
      return [edit];
    case "rule-deleted":
      return isId(edit.ruleName) ? [deletionOf(edit.ruleName, edit, sightings)] : [likelyDeletion(edit)];
    case "rule-written":
      return isId(edit.ruleName) ? changeOf(edit, sightings) : [{ ...edit, existed: edit.existed ?? false }];
  }
}

/** AWS answers to a revocation of what never was there as to any other. */
function likelyDeletion(edit: Edit & { kind: "rule-deleted" }): Edit {
  return { ...edit, existed: edit.existed ?? "likely" };
}

function deletionOf(id: string, { group, cause }: Edit, sightings: readonly RuleSighting[]): Edit {
  const earlier = sightings.filter((seen) => seen.cause.time <= cause.time && seen.cause.event !== cause.event);
  const named = earlier.findLast((sighting) => sameId(sighting.id, id));
  const base = { group, cause } as const;
  if (named !== undefined) return { ...base, kind: "rule-deleted", ruleName: named.key, rule: null, existed: true };
  const candidates = keysWithoutId(earlier);
  if (candidates.size > 0) return { ...base, kind: "some-rule-deleted", candidates };
  return { ...base, kind: "rule-deleted", ruleName: id, rule: null, existed: true };
}

function keysWithoutId(sightings: readonly RuleSighting[]): ReadonlySet<string> {
  const ids = new Map<string, string | null>();
  for (const { key, id } of sightings) ids.set(key, id ?? ids.get(key) ?? null);
  return new Set([...ids].filter(([, id]) => id === null).map(([key]) => key));
}

/** A rule that changes ends under its old name and begins under that of what it then says. */
function changeOf(edit: Edit & { kind: "rule-written" }, sightings: readonly RuleSighting[]): Edit[] {
  const ended = deletionOf(edit.ruleName, edit, sightings);
  if (edit.rule === null) return [{ kind: "group-written", group: edit.group, cause: edit.cause, ...unsaid }];
  const begun = { ...edit, ruleName: edit.rule.name, existed: null };
  const same = ended.kind === "rule-deleted" && ruleKey(ended.ruleName) === ruleKey(edit.rule.name);
  return same ? [{ ...begun, existed: true }] : [ended, begun];
}

const unsaid = { rules: null, existed: null } as const;

function sameId(a: string | null, b: string): boolean {
  return a !== null && a.toLowerCase() === b.toLowerCase();
}
