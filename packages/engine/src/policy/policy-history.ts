// Turns control events, in whatever order they came, into the versions of every rule of every security group: what was
// in force when, who began and ended it, and whether it is recorded or inferred (DESIGN 4). It judges no packet.

import {
  type ControlEvent,
  compareControlEvents,
  type GroupKind,
  type RecordedEvent,
  type ResourceId,
  type SecurityGroupSeen,
} from "../event.js";
import { countAtOrBelow } from "../grouping.js";
import { beginningOfTime, endOfTime, type Micros } from "../time.js";
import { unreachable } from "../unreachable.js";
import { defaultRulesOf } from "./default-rules.js";
import { type GroupSpan, groupSpans, type WholeSnapshot } from "./group-span.js";
import { type Edit, editOf, joinOperations } from "./operation.js";
import { type Rule, type RuleContent, ruleKey } from "./rule.js";
import { resolveAliases, sightingOf } from "./rule-alias.js";
import type { RuleFact } from "./rule-fact.js";
import { RuleSet } from "./rule-set.js";
import { type Contradiction, type RuleSpan, ruleTimeline } from "./rule-timeline.js";
import { causeOf, type RuleVersion } from "./rule-version.js";
import { currentSnapshots } from "./snapshot-evidence.js";

/** A contradiction in the evidence about one rule, or about a group as a whole. */
export type PolicyFinding = Contradiction & { readonly group: ResourceId; readonly rule: string | null };

export type GroupHistory = {
  readonly group: ResourceId;
  readonly name: string;
  readonly kind: GroupKind;
  /** All versions of all rules, by name and time. */
  readonly versions: readonly RuleVersion[];
  /** Why, after the last evidence, rules that no evidence names may exist; null where the group is known whole. */
  readonly incomplete: string | null;
  ruleSetAt(time: Micros): RuleSet;
};

export type PolicyHistory = {
  /** By lower-case id. */
  readonly groups: ReadonlyMap<string, GroupHistory>;
  readonly findings: readonly PolicyFinding[];
};

type GroupSeenEvent = RecordedEvent<SecurityGroupSeen>;
type GroupEvidence = { readonly snapshots: GroupSeenEvent[]; readonly edits: Edit[] };

export function buildPolicyHistory(events: readonly ControlEvent[]): PolicyHistory {
  const groups = new Map<string, GroupHistory>();
  const findings: PolicyFinding[] = [];
  for (const [key, evidence] of [...gatherEvidence(events)].sort(byKey)) {
    const { history, found } = buildGroup(evidence);
    groups.set(key, history);
    findings.push(...found);
  }
  return { groups, findings };
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}

function gatherEvidence(events: readonly ControlEvent[]): Map<string, GroupEvidence> {
  const evidence = new Map<string, GroupEvidence>();
  const of = (group: ResourceId): GroupEvidence => {
    const key = group.toLowerCase();
    const known = evidence.get(key) ?? { snapshots: [], edits: [] };
    evidence.set(key, known);
    return known;
  };
  for (const event of currentSnapshots(events)) {
    if (event.type === "security-group-seen") of(event.data.group).snapshots.push(event);
  }
  const edits = joinOperations(events).flatMap((operation) => editOf(operation) ?? []);
  for (const edit of edits) if (edit.kind !== "group-removed") of(edit.group).edits.push(edit);
  for (const edit of edits) {
    if (edit.kind === "group-removed") evidence.get(edit.group.toLowerCase())?.edits.push(edit);
  }
  return evidence;
}

function buildGroup(evidence: GroupEvidence): { history: GroupHistory; found: PolicyFinding[] } {
  const snapshots = evidence.snapshots.sort(compareControlEvents);
  const group = snapshots[0]?.data.group ?? evidence.edits[0]!.group;
  const names = { group, name: snapshots[0]?.data.name ?? lastSegment(group), kind: kindOf(group, snapshots[0]) };
  const edits = names.kind === "security-group" ? editsByContent(evidence) : evidence.edits;
  const spans = groupSpans(snapshots.filter(({ data }) => data.partial !== true).map(wholeSnapshot), edits);
  const found: PolicyFinding[] = [];
  const versions = defaultVersions(names, snapshots, spans);
  for (const [rule, facts] of ruleFacts(snapshots, edits)) {
    const timeline = ruleTimeline(facts);
    const own = versionsOf(timeline.spans, { ...inGroup(names, rule), isDefault: false });
    versions.push(...own);
    spans.push(...assumedAbsences(rule, timeline.spans));
    found.push(...timeline.contradictions.map((contradiction) => ({ ...contradiction, group, rule })));
  }
  return { history: groupHistory(names, versions, spans), found };
}

function wholeSnapshot({ time, data }: GroupSeenEvent): WholeSnapshot {
  return { time, begins: data.begins === true };
}

/** What rules the group holds, as its snapshot says, else as AWS's ids tell. */
function kindOf(group: ResourceId, snapshot: GroupSeenEvent | undefined): GroupKind {
  if (snapshot !== undefined) return snapshot.data.kind ?? "network-security-group";
  if (/^sg-[0-9a-f]+$/i.test(group)) return "security-group";
  return /^acl-[0-9a-f]+$/i.test(group) ? "network-acl" : "network-security-group";
}

function editsByContent({ snapshots, edits }: GroupEvidence): Edit[] {
  const seen = snapshots.flatMap(({ time, data }) => data.rules.map((rule) => sightingOf(time, rule)));
  return resolveAliases(edits, seen);
}

type GroupNames = { readonly group: ResourceId; readonly name: string; readonly kind: GroupKind };

function inGroup({ group, name }: GroupNames, rule: string) {
  return { group, groupName: name, rule };
}

function lastSegment(id: ResourceId): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

type VersionNames = Pick<RuleVersion, "group" | "groupName" | "rule" | "isDefault">;

function versionsOf(spans: readonly RuleSpan[], names: VersionNames): RuleVersion[] {
  const versions: RuleVersion[] = [];
  spans.forEach(({ assumed: _, content, ...span }, index) => {
    if (content === null) return;
    const assumed = spans[index - 1]?.assumed ?? null;
    const made = { ...names, ...span, content, version: versions.length + 1 };
    versions.push(assumed === null ? made : { ...made, beginningInferred: true });
  });
  return versions;
}

function assumedAbsences(rule: string, spans: readonly RuleSpan[]): GroupSpan[] {
  return spans.flatMap(({ from, to, content, assumed }): GroupSpan[] =>
    content === null && assumed !== null ? [{ from, to, is: "inferred", because: `rule \`${rule}\`: ${assumed}` }] : [],
  );
}

/** The group's own default rules as its earliest snapshot shows them, else those of its kind; each time it was made. */
function defaultVersions(
  names: GroupNames,
  snapshots: readonly GroupSeenEvent[],
  spans: readonly GroupSpan[],
): RuleVersion[] {
  const shown = snapshots.find((snapshot) => snapshot.data.defaultRules.length > 0);
  const rules = shown?.data.defaultRules ?? defaultRulesOf(names.kind).filter((rule) => !isShown(rule, snapshots));
  return livesOf(spans).flatMap(({ from, to, recordedFrom }, index) =>
    rules.map((rule) => ({
      ...inGroup(names, rule.name),
      version: index + 1,
      from,
      to,
      recordedFrom,
      content: { kind: "known", rule } as const,
      isDefault: true,
      begunBy: null,
      endedBy: null,
    })),
  );
}

/** Network ACLs show their final rules among the others. */
function isShown(own: RuleContent, snapshots: readonly GroupSeenEvent[]): boolean {
  return snapshots.some(({ data }) =>
    data.rules.some(({ direction, priority }) => direction === own.direction && priority === own.priority),
  );
}

type Life = Pick<RuleVersion, "from" | "to" | "recordedFrom">;

/** When the group existed. A default rule decides where no other does, which is recorded once the group was seen whole. */
function livesOf(spans: readonly GroupSpan[]): Life[] {
  const absent = spans.filter(({ is }) => is === "absent");
  const begins = [beginningOfTime, ...absent.map(({ to }) => to)];
  const ends = [...absent.map(({ from }) => from), endOfTime];
  return begins.flatMap((from, index) => {
    const to = ends[index]!;
    const unseen = spans.find((span) => span.from === from && span.is !== "absent");
    return from < to ? [{ from, to, recordedFrom: unseen?.to ?? from }] : [];
  });
}

/** For each rule ever named: what each snapshot and edit says of it, in order of time. */
function ruleFacts(snapshots: readonly GroupSeenEvent[], edits: readonly Edit[]): Map<string, RuleFact[]> {
  const names = new Map<string, string>();
  const learn = (name: string) => names.set(ruleKey(name), names.get(ruleKey(name)) ?? name);
  for (const snapshot of snapshots) for (const rule of snapshot.data.rules) learn(rule.name);
  for (const edit of edits) {
    if (edit.kind === "group-written") for (const rule of edit.rules ?? []) learn(rule.name);
    if (edit.kind === "rule-written" && edit.rule !== null) learn(edit.rule.name);
  }
  for (const edit of edits) if (edit.kind === "rule-written" || edit.kind === "rule-deleted") learn(edit.ruleName);
  const facts = new Map<string, RuleFact[]>();
  for (const [key, name] of [...names].sort(byKey)) {
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

function groupHistory(names: GroupNames, versions: readonly RuleVersion[], spans: readonly GroupSpan[]): GroupHistory {
  const ends = [...versions, ...spans].flatMap(({ from, to }) => [from, to]);
  const boundaries = [...new Set(ends)].sort((a, b) => a - b);
  const sets = new Map<number, RuleSet>();
  const ruleSetAt = (time: Micros): RuleSet => {
    const epoch = countAtOrBelow(boundaries, time);
    const known = sets.get(epoch);
    if (known !== undefined) return known;
    const holds = (span: { readonly from: Micros; readonly to: Micros }) => span.from <= time && time < span.to;
    const now = spans.filter(holds);
    const incomplete = now.find(({ is }) => is !== "inferred")?.because ?? null;
    const assumed = now.filter(({ is }) => is === "inferred").map(({ because }) => because);
    const made = new RuleSet(names.group, names.name, versions.filter(holds), incomplete, {
      kind: names.kind,
      assumed,
    });
    sets.set(epoch, made);
    return made;
  };
  const incomplete = spans.find(({ to, is }) => to === endOfTime && is === "blind")?.because ?? null;
  return { ...names, versions, incomplete, ruleSetAt };
}
