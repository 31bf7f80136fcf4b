// Turns control events, in whatever order they came, into the versions of every rule of every security group: what was
// in force when, who began and ended it, and whether it is recorded or inferred (DESIGN 4). It judges no packet.

import {
  type ControlEvent,
  compareControlEvents,
  type RecordedEvent,
  type ResourceId,
  type SecurityGroupSeen,
} from "../event.js";
import { countAtOrBelow } from "../grouping.js";
import { beginningOfTime, endOfTime, type Micros } from "../time.js";
import { accessLapses } from "./access-grant.js";
import { type BlindSpan, blindSpans } from "./blind-spans.js";
import { azureDefaultRules } from "./default-rules.js";
import { type Edit, editOf, joinOperations } from "./operation.js";
import { type Rule, ruleKey } from "./rule.js";
import { RuleSet } from "./rule-set.js";
import { type Contradiction, type RuleFact, ruleTimeline } from "./rule-timeline.js";
import { causeOf, type RuleVersion } from "./rule-version.js";
import { currentSnapshots } from "./snapshot-evidence.js";

/** A contradiction in the evidence about one rule, or about a group as a whole. */
export type PolicyFinding = Contradiction & { readonly group: ResourceId; readonly rule: string | null };

export type GroupHistory = {
  readonly group: ResourceId;
  readonly name: string;
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
  for (const operation of joinOperations(events)) {
    const edit = editOf(operation);
    if (edit !== null) of(edit.group).edits.push(edit);
  }
  for (const edit of accessLapses(events)) of(edit.group).edits.push(edit);
  return evidence;
}

function buildGroup(evidence: GroupEvidence): { history: GroupHistory; found: PolicyFinding[] } {
  const snapshots = evidence.snapshots.sort(compareControlEvents);
  const group = snapshots[0]?.data.group ?? evidence.edits[0]!.group;
  const name = snapshots[0]?.data.name ?? lastSegment(group);
  const names = { group, name };
  const found: PolicyFinding[] = [];
  const versions = defaultVersions(names, snapshots, firstSeenWhole(evidence));
  for (const [rule, facts] of ruleFacts(snapshots, evidence.edits)) {
    const { spans, contradictions } = ruleTimeline(facts);
    const present = spans.filter((span) => span.content !== null);
    present.forEach((span, index) => {
      versions.push({ ...inGroup(names, rule), ...span, content: span.content!, version: index + 1, isDefault: false });
    });
    found.push(...contradictions.map((contradiction) => ({ ...contradiction, group, rule })));
  }
  const blind = blindSpans(
    snapshots.map((event) => event.time),
    evidence.edits,
  );
  return { history: groupHistory(names, versions, blind), found };
}

type GroupNames = { readonly group: ResourceId; readonly name: string };

function inGroup({ group, name }: GroupNames, rule: string) {
  return { group, groupName: name, rule };
}

function lastSegment(id: ResourceId): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** A default rule decides where no other rule does, and that is recorded only from here on. */
function firstSeenWhole({ snapshots, edits }: GroupEvidence): Micros {
  const written = edits.filter((edit) => edit.kind === "group-written" && edit.rules !== null);
  const times = [...snapshots.map(({ time }) => time), ...written.map(({ cause }) => cause.time)];
  return Math.min(...times, endOfTime) as Micros;
}

/** The group's own default rules as its earliest snapshot shows them, else the six of the platform. */
function defaultVersions(names: GroupNames, snapshots: readonly GroupSeenEvent[], recordedFrom: Micros): RuleVersion[] {
  const shown = snapshots.find((snapshot) => snapshot.data.defaultRules.length > 0);
  const rules: readonly Rule[] = shown?.data.defaultRules ?? azureDefaultRules;
  return rules.map((rule) => ({
    ...inGroup(names, rule.name),
    version: 1,
    from: beginningOfTime,
    to: endOfTime,
    recordedFrom,
    content: { kind: "known", rule },
    isDefault: true,
    begunBy: null,
    endedBy: null,
  }));
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
  for (const edit of edits) if (edit.kind !== "group-written") learn(edit.ruleName);
  const facts = new Map<string, RuleFact[]>();
  for (const [key, name] of [...names].sort(byKey)) {
    const all = [
      ...snapshots.map((event) => factOfSnapshot(event, key)),
      ...edits.flatMap((edit) => factOfEdit(edit, key)),
    ];
    facts.set(
      name,
      all.sort((a, b) => a.time - b.time || (a.cause.event < b.cause.event ? -1 : 1)),
    );
  }
  return facts;
}

function factOfSnapshot(event: GroupSeenEvent, key: string): RuleFact {
  const rule = event.data.rules.find((candidate) => ruleKey(candidate.name) === key);
  const base = { time: event.time, cause: causeOf(event), shown: "by-snapshot", existed: null } as const;
  return { ...base, after: presentOrAbsent(rule) };
}

function presentOrAbsent(rule: Rule | undefined): RuleFact["after"] {
  return rule === undefined ? { is: "absent" } : { is: "present", rule };
}

function factOfEdit(edit: Edit, key: string): RuleFact[] {
  const base = { time: edit.cause.time, cause: edit.cause, shown: "by-edit" } as const;
  if (edit.kind === "group-written") {
    const whole = edit.rules;
    if (whole === null) return [{ ...base, existed: null, after: { is: "opaque", mayBeAbsent: true } }];
    return [{ ...base, existed: null, after: presentOrAbsent(whole.find((rule) => ruleKey(rule.name) === key)) }];
  }
  if (ruleKey(edit.ruleName) !== key) return [];
  if (edit.kind === "rule-lapsed") return [{ ...base, existed: null, after: { is: "absent" } }];
  if (edit.kind === "rule-deleted") return [{ ...base, existed: true, after: { is: "absent" } }];
  const { existed, rule } = edit;
  return [{ ...base, existed, after: rule === null ? { is: "opaque", mayBeAbsent: false } : presentOrAbsent(rule) }];
}

function groupHistory(names: GroupNames, versions: readonly RuleVersion[], blind: readonly BlindSpan[]): GroupHistory {
  const ends = [...versions, ...blind].flatMap(({ from, to }) => [from, to]);
  const boundaries = [...new Set(ends)].sort((a, b) => a - b);
  const sets = new Map<number, RuleSet>();
  const ruleSetAt = (time: Micros): RuleSet => {
    const epoch = countAtOrBelow(boundaries, time);
    const known = sets.get(epoch);
    if (known !== undefined) return known;
    const inForce = versions.filter((version) => version.from <= time && time < version.to);
    const incomplete = blind.find(({ from, to }) => from <= time && time < to)?.because ?? null;
    const made = new RuleSet(names.group, names.name, inForce, incomplete);
    sets.set(epoch, made);
    return made;
  };
  const incomplete = blind.find(({ to }) => to === endOfTime)?.because ?? null;
  return { group: names.group, name: names.name, versions, incomplete, ruleSetAt };
}
