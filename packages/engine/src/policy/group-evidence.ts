// All evidence about each group: snapshots and edits in order of time, and what kind of group they speak of.

import {
  type ControlEvent,
  compareControlEvents,
  type GroupKind,
  type RecordedEvent,
  type ResourceId,
  type SecurityGroupSeen,
} from "../event.js";
import { groupBy } from "../grouping.js";
import { nameOfId } from "../resource-id.js";
import { endOfTime } from "../time.js";
import { accessLapses } from "./access-grant.js";
import { type Edit, editOf, joinOperations } from "./operation.js";
import { resolveAliases, sightingOf } from "./rule-alias.js";
import { causeOf } from "./rule-version.js";
import { currentSnapshots } from "./snapshot-evidence.js";

export type GroupSeenEvent = RecordedEvent<SecurityGroupSeen>;

export type GroupNames = { readonly group: ResourceId; readonly name: string; readonly kind: GroupKind };

export type GroupEvidence = {
  readonly names: GroupNames;
  readonly snapshots: readonly GroupSeenEvent[];
  readonly edits: readonly Edit[];
};

function byTime(a: Edit, b: Edit): number {
  return a.cause.time - b.cause.time || (a.cause.event < b.cause.event ? -1 : a.cause.event > b.cause.event ? 1 : 0);
}

/** By lower-case id. A deletion alone makes no group: it may be of anything. */
export function gatherEvidence(events: readonly ControlEvent[]): Map<string, GroupEvidence> {
  const seen = currentSnapshots(events).filter((event) => event.type === "security-group-seen");
  const snapshots = groupBy(seen.sort(compareControlEvents), (event) => event.data.group.toLowerCase());
  const allEdits = joinOperations(events).flatMap((operation) => editOf(operation) ?? []);
  const edits = groupBy([...allEdits, ...accessLapses(events)].sort(byTime), (edit) => edit.group.toLowerCase());
  const evidence = new Map<string, GroupEvidence>();
  for (const key of [...new Set([...snapshots.keys(), ...edits.keys()])].sort()) {
    const own = edits.get(key) ?? [];
    const known = snapshots.has(key) || own.some((edit) => edit.kind !== "group-removed");
    if (known) evidence.set(key, evidenceOf(snapshots.get(key) ?? [], own));
  }
  return evidence;
}

function evidenceOf(snapshots: readonly GroupSeenEvent[], edits: readonly Edit[]): GroupEvidence {
  const group = snapshots[0]?.data.group ?? edits[0]!.group;
  const name = snapshots[0]?.data.name ?? nameOfId(group);
  const names = { group, name, kind: kindOf(group, snapshots[0]) };
  return { names, snapshots, edits: names.kind === "security-group" ? editsByContent(snapshots, edits) : edits };
}

function editsByContent(snapshots: readonly GroupSeenEvent[], edits: readonly Edit[]): Edit[] {
  const rules = snapshots.flatMap((event) => event.data.rules.map((rule) => sightingOf(causeOf(event), rule)));
  const whole = snapshots.find(({ data }) => data.partial !== true);
  return resolveAliases(edits, { rules, wholeFrom: whole?.time ?? endOfTime });
}

/** What rules the group holds, as its snapshot says, else as AWS's ids tell. */
function kindOf(group: ResourceId, snapshot: GroupSeenEvent | undefined): GroupKind {
  if (snapshot !== undefined) return snapshot.data.kind ?? "network-security-group";
  if (/^sg-[0-9a-f]+$/i.test(group)) return "security-group";
  return /^acl-[0-9a-f]+$/i.test(group) ? "network-acl" : "network-security-group";
}
