// What the evidence about a group says of each of its rules.

import { unreachable } from "../unreachable.js";
import type { GroupSeenEvent } from "./group-evidence.js";
import type { Edit } from "./operation.js";
import { type Rule, ruleKey } from "./rule.js";
import type { RuleFact } from "./rule-fact.js";
import { causeOf } from "./rule-version.js";

/** For each rule ever named: what each snapshot and edit says of it, in order of time. */
export function ruleFacts(snapshots: readonly GroupSeenEvent[], edits: readonly Edit[]): Map<string, RuleFact[]> {
  const names = new Map<string, string>();
  const learn = (name: string) => names.set(ruleKey(name), names.get(ruleKey(name)) ?? name);
  for (const snapshot of snapshots) for (const rule of snapshot.data.rules) learn(rule.name);
  for (const edit of edits) {
    if (edit.kind === "group-written") for (const rule of edit.rules ?? []) learn(rule.name);
    if (edit.kind === "rule-written" && edit.rule !== null) learn(edit.rule.name);
  }
  for (const edit of edits) if (edit.kind === "rule-written" || edit.kind === "rule-deleted") learn(edit.ruleName);
  const facts = new Map<string, RuleFact[]>();
  for (const [key, name] of [...names].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    const all = [
      ...snapshots.flatMap((event) => factOfSnapshot(event, key)),
      ...edits.flatMap((edit) => factOfEdit(edit, key)),
    ];
    facts.set(
      name,
      all.sort((a, b) => a.time - b.time || (a.cause.event < b.cause.event ? -1 : 1)),
    );
  }
  return facts;
}

function factOfSnapshot(event: GroupSeenEvent, key: string): RuleFact[] {
  const rule = event.data.rules.find((candidate) => ruleKey(candidate.name) === key);
  if (rule === undefined && event.data.partial === true) return [];
  const existed = event.data.begins === true && rule !== undefined ? false : null;
  return [{ time: event.time, cause: causeOf(event), shown: "by-snapshot", existed, after: presentOrAbsent(rule) }];
}

function presentOrAbsent(rule: Rule | undefined): RuleFact["after"] {
  return rule === undefined ? { is: "absent" } : { is: "present", rule };
}

function factOfEdit(edit: Edit, key: string): RuleFact[] {
  const base = { time: edit.cause.time, cause: edit.cause, shown: "by-edit", existed: null } as const;
  switch (edit.kind) {
    case "group-removed":
      return [{ ...base, after: { is: "absent" } }];
    case "group-written":
      return [{ ...base, ...writtenWhole(edit, key) }];
    case "some-rule-deleted":
      return edit.candidates.has(key) ? [{ ...base, after: { is: "perhaps-absent", rule: null } }] : [];
    case "rule-lapsed":
      return ruleKey(edit.ruleName) === key ? [{ ...base, after: { is: "absent" } }] : [];
    case "rule-deleted":
      return ruleKey(edit.ruleName) === key ? [{ ...base, ...deleted(edit) }] : [];
    case "rule-written": {
      const after = edit.rule === null ? opaque : presentOrAbsent(edit.rule);
      return ruleKey(edit.ruleName) === key ? [{ ...base, existed: edit.existed, after }] : [];
    }
    default:
      return unreachable(edit);
  }
}

const opaque = { is: "opaque", mayBeAbsent: false } as const;

/** In a group that was made anew, no rule was there before. */
function writtenWhole({ rules, existed }: Edit & { kind: "group-written" }, key: string) {
  const before = existed === false ? false : null;
  if (rules === null) return { existed: before, after: { is: "opaque", mayBeAbsent: true } } as const;
  return { existed: before, after: presentOrAbsent(rules.find((rule) => ruleKey(rule.name) === key)) };
}

function deleted({ rule, existed }: Edit & { kind: "rule-deleted" }) {
  const fact = { existed: existed ?? true, after: { is: "absent" } } as const;
  return rule === null ? fact : { ...fact, before: rule };
}
