// What the fold hands out, as rows of the views.

import {
  type DeniedAttempt,
  type FlowRecord,
  formatAddress,
  type GateOutcome,
  type MinuteOfTraffic,
  type PolicyFinding,
  type RuleVersion,
  type TableFull,
  type UnrecordedHits,
} from "@conntrail/engine";
import { canonicalJson } from "../canonical-json.js";
import type { FlowCircumstance, FlowRowTable, FlowTable } from "./flow-schema.js";
import type { DeniedTable, TableFullTable, TrafficTable, UnrecordedHitTable } from "./segment-schema.js";
import type { FindingTable, RuleVersionTable } from "./view-schema.js";

/** What a gate said when a flow was opened; the rule is named, its content stands in the versions. */
export type GateRow = {
  readonly gate: string;
  readonly decision: string;
  readonly group: string | null;
  readonly rule: string | null;
  readonly version: number | null;
  readonly isDefault: boolean | null;
  readonly because: readonly string[];
};

export function gateRow(outcome: GateOutcome): GateRow {
  const { gate, decision, group } = outcome;
  const because = "because" in outcome ? outcome.because.map((doubt) => doubt.because) : [];
  const decidedBy = "decidedBy" in outcome ? outcome.decidedBy : null;
  if (decidedBy === null) return { gate, decision, group, rule: null, version: null, isDefault: null, because };
  const { rule, version, isDefault } = decidedBy;
  return { gate, decision, group: decidedBy.group, rule, version, isDefault, because };
}

/** As questions read it. */
export function flowRow(record: FlowRecord): FlowTable {
  return { ...ownRow(record), ...circumstanceOf(record) };
}

/** What the record has in common with no other. */
export function ownRow(record: FlowRecord): Omit<FlowRowTable, "circumstance"> {
  return {
    id: record.id,
    source: formatAddress(record.source),
    source_port: record.sourcePort,
    destination: formatAddress(record.destination),
    destination_port: record.destinationPort,
    icmp: record.icmp,
    opened_at: record.openedAt,
    opened_frame: record.openedBy.frame,
    history: record.history,
    last_seen: record.lastSeen,
    ends_at: record.endsAt,
    packets_forward: record.forward.packets,
    packets_backward: record.backward.packets,
    bytes_forward: record.forward.bytes,
    bytes_backward: record.backward.bytes,
    payload_forward: record.forward.payloadBytes,
    payload_backward: record.backward.payloadBytes,
  };
}

export function circumstanceOf(record: FlowRecord): FlowCircumstance {
  return {
    place: record.place,
    interface: record.interface,
    interface_name: record.interfaceName,
    direction: record.direction,
    protocol: record.protocol,
    opened_sha256: record.openedBy.sha256,
    mid_stream: record.midStream ? 1 : 0,
    decision: record.admission.decision,
    untracked: record.admission.untracked ?? null,
    gates: canonicalJson(record.admission.gates.map(gateRow)),
    state: record.state,
    conn_state: record.connState,
    ends_by: record.endsBy,
  };
}

export function deniedRow(attempt: DeniedAttempt): DeniedTable {
  return {
    interface: attempt.interface,
    interface_name: attempt.interfaceName,
    direction: attempt.direction,
    source: formatAddress(attempt.source),
    destination: formatAddress(attempt.destination),
    destination_port: attempt.destinationPort,
    protocol: attempt.protocol,
    ...versionKey(attempt.decidedBy),
    first: attempt.first,
    last: attempt.last,
    count: attempt.count,
  };
}

export function tableFullRow(full: TableFull): TableFullTable {
  const { interfaceName, ...rest } = full;
  return { ...rest, interface_name: interfaceName };
}

export function unrecordedHitRow({ rule: version, first, last, ...counts }: UnrecordedHits): UnrecordedHitTable {
  return {
    ...versionKey(version),
    first,
    last,
    passed_packets: counts.passedPackets,
    passed_bytes: counts.passedBytes,
    denied_packets: counts.deniedPackets,
  };
}

export function trafficRow({ interfaceName, ...rest }: MinuteOfTraffic): TrafficTable {
  return { ...rest, interface_name: interfaceName };
}

function versionKey({ group, rule, version, isDefault }: RuleVersion) {
  return { group, rule, version, is_default: isDefault ? 1 : 0 };
}

export function versionRow(version: RuleVersion): RuleVersionTable {
  return {
    ...versionKey(version),
    from: version.from,
    to: version.to,
    recorded_from: version.recordedFrom,
    content: canonicalJson(version.content),
    begun_by: version.begunBy?.event ?? null,
    ended_by: version.endedBy?.event ?? null,
  };
}

export function findingRow(finding: PolicyFinding): FindingTable {
  return {
    group: finding.group,
    rule: finding.rule ?? "",
    event: finding.cause.event,
    kind: finding.kind,
    message: finding.message,
  };
}
