// What the evidence about a group says of each of its rules.

import { groupBy } from "../grouping.js";
import { unreachable } from "../unreachable.js";
import type { GroupSeenEvent } from "./group-evidence.js";
import type { Edit } from "./operation.js";
import { type Rule, ruleKey } from "./rule.js";
import type { RuleFact } from "./rule-fact.js";
import { causeOf } from "./rule-version.js";

/** For each rule ever named: what each snapshot and edit says of it, in order of time. */
export function ruleFacts(snapshots: readonly GroupSeenEvent[], edits: readonly Edit[]): Map<string, RuleFact[]> {
  const facts = new Map<string, RuleFact[]>();
  const find = ruleFinder();
  const editsOfOne = groupBy(edits.filter(isOfOneRule), (edit) => ruleKey(edit.ruleName));
  const editsOfMany = edits.filter((edit) => !isOfOneRule(edit));
  for (const [key, name] of rulesNamed(snapshots, edits)) {
    const all = [
      ...snapshots.flatMap((event) => factOfSnapshot(event, find(event.data.rules, key))),
      ...[...editsOfMany, ...(editsOfOne.get(key) ?? [])].flatMap((edit) => factOfEdit(edit, key, find)),
    ];
    facts.set(
      name,
      all.sort((a, b) => a.time - b.time || (a.cause.event < b.cause.event ? -1 : 1)),
    );
  }
  return facts;
}

/** Keys and names in order of the keys; written as the first snapshot has it, else as a body has it. */
function rulesNamed(snapshots: readonly GroupSeenEvent[], edits: readonly Edit[]): [string, string][] {
  const names = new Map<string, string>();
  const learn = (name: string) => names.set(ruleKey(name), names.get(ruleKey(name)) ?? name);
  for (const snapshot of snapshots) for (const rule of snapshot.data.rules) learn(rule.name);
  for (const edit of edits) {
    if (edit.kind === "group-written") for (const rule of edit.rules ?? []) learn(rule.name);
    if ((edit.kind === "rule-written" || edit.kind === "rule-perhaps-written") && edit.rule !== null)
      learn(edit.rule.name);
  }
  for (const edit of edits) if (isOfOneRule(edit)) learn(edit.ruleName);
  return [...names].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

function isOfOneRule(edit: Edit): edit is Edit & { readonly ruleName: string } {
  return "ruleName" in edit;
}

type RuleFinder = (rules: readonly Rule[], key: string) => Rule | undefined;

/** The first of a key; every list is asked for every rule of the group, so it is indexed once. */
function ruleFinder(): RuleFinder {
  const indexes = new Map<readonly Rule[], Map<string, Rule[]>>();
  return (rules, key) => {
    const index = indexes.get(rules) ?? groupBy(rules, (rule) => ruleKey(rule.name));
    indexes.set(rules, index);
    return index.get(key)?.[0];
  };
}

function factOfSnapshot(event: GroupSeenEvent, rule: Rule | undefined): RuleFact[] {
  if (rule === undefined && event.data.partial === true) return [];
  const existed = event.data.begins === true && rule !== undefined ? false : null;
  return [{ time: event.time, cause: causeOf(event), shown: "by-snapshot", existed, after: presentOrAbsent(rule) }];
}

function presentOrAbsent(rule: Rule | undefined): RuleFact["after"] {
  return rule === undefined ? { is: "absent" } : { is: "present", rule };
}

function factOfEdit(edit: Edit, key: string, find: RuleFinder): RuleFact[] {
  const base = { time: edit.cause.time, cause: edit.cause, shown: "by-edit", existed: null } as const;
  switch (edit.kind) {
    case "group-removed":
      return [{ ...base, after: { is: "absent" } }];
    case "group-written":
      return [{ ...base, ...writtenWhole(edit, (rules) => find(rules, key)) }];
    case "some-rule-deleted":
      return edit.candidates.has(key) ? [{ ...base, after: { is: "perhaps-absent", ...deletedById } }] : [];
    case "rule-lapsed":
      return ruleKey(edit.ruleName) === key ? [{ ...base, after: { is: "absent" } }] : [];
    case "rule-deleted":
      return [{ ...base, ...deleted(edit) }];
    case "rule-perhaps-written": {
      const after = { is: "perhaps-present", rule: edit.rule } as const;
      return [{ ...base, existed: "perhaps", after }];
    }
    case "rule-written": {
      const after = edit.rule === null ? opaque : presentOrAbsent(edit.rule);
      return [{ ...base, existed: edit.existed, after }];
    }
    default:
      return unreachable(edit);
  }
}

const deletedById = {
  rule: null,
  because: "a rule of the group was deleted by an id, and no evidence says which rule has that id",
};

const opaque = { is: "opaque", mayBeAbsent: false } as const;

/** In a group that was made anew, no rule was there before. */
function writtenWhole(
  { rules, existed }: Edit & { kind: "group-written" },
  find: (rules: readonly Rule[]) => Rule | undefined,
) {
  const before = existed === false ? false : null;
  if (rules === null) return { existed: before, after: { is: "opaque", mayBeAbsent: true } } as const;
  return { existed: before, after: presentOrAbsent(find(rules)) };
}

function deleted({ rule, existed }: Edit & { kind: "rule-deleted" }) {
  const fact = { existed: existed ?? true, after: { is: "absent" } } as const;
  return rule === null ? fact : { ...fact, before: rule };
}
