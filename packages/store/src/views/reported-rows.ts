// What the fold of reports hands out, as rows of the views.

import {
  type CheckClue,
  type CheckTally,
  type Disagreement,
  formatAddress,
  type ReportedDenial,
  type ReportedRecord,
  type ReportedRule,
  type SensorHour,
  type SkippedWindow,
} from "@conntrail/engine";
import { canonicalJson } from "../canonical-json.js";
import type {
  CheckTallyTable,
  DisagreementTable,
  ReportedDeniedTable,
  ReportedFlowTable,
  SensorHourTable,
  SkippedWindowTable,
} from "./reported-schema.js";
import { gateRow } from "./view-rows.js";

export function reportedFlowRow(record: ReportedRecord): ReportedFlowTable {
  const { forward, backward, admission } = record;
  return {
    id: record.id,
    sensor: canonicalJson(record.sensor),
    rule: ruleText(record.rule),
    verdict: record.verdict,
    interface: record.interface,
    interface_name: record.interfaceName,
    direction: record.direction,
    protocol: record.protocol,
    source: formatAddress(record.source),
    source_port: record.sourcePort,
    destination: formatAddress(record.destination),
    destination_port: record.destinationPort,
    icmp: record.icmp,
    opened_at: record.openedAt,
    opening_told: record.openingTold ? 1 : 0,
    last_seen: record.lastSeen,
    ended_at: record.endedAt,
    reports: record.reports,
    packets_forward: forward.packets,
    packets_backward: backward.packets,
    bytes_forward: forward.bytes,
    bytes_backward: backward.bytes,
    derived: record.derived,
    gates: canonicalJson((admission?.gates ?? []).map(gateRow)),
    basis: record.basis,
    outcome: record.outcome,
    clue: clueText(record.clue),
    detail: record.detail,
  };
}

export function reportedDeniedRow(denial: ReportedDenial): ReportedDeniedTable {
  return {
    sensor: canonicalJson(denial.sensor),
    rule: ruleText(denial.rule),
    interface: denial.interface ?? "",
    interface_name: denial.interfaceName,
    direction: denial.direction,
    source: formatAddress(denial.source),
    destination: formatAddress(denial.destination),
    destination_port: denial.destinationPort,
    protocol: denial.protocol,
    first: denial.first,
    last: denial.last,
    count: denial.count,
  };
}

export function sensorHourRow({ sensor, noData, ...told }: SensorHour): SensorHourTable {
  return { sensor: canonicalJson(sensor), no_data: noData, ...told };
}

export function skippedWindowRow({ sensor, ...told }: SkippedWindow): SkippedWindowTable {
  return { sensor: canonicalJson(sensor), ...told };
}

export function checkTallyRow({ sensor, rule, derivedRule, reported, basis, ...tally }: CheckTally): CheckTallyTable {
  const derived_rule = derivedRule === null ? "" : canonicalJson(derivedRule);
  const named = { sensor: canonicalJson(sensor), rule: ruleText(rule), derived_rule };
  return { ...named, reported: reported ?? "none", basis: basis ?? "", ...tally };
}

export function disagreementRow(disagreement: Disagreement): DisagreementTable {
  const { source, destination, destinationPort, protocol, clue, ...tally } = disagreement;
  const between = { source: formatAddress(source), destination: formatAddress(destination) };
  return {
    ...checkTallyRow(tally),
    ...between,
    destination_port: destinationPort,
    protocol,
    clue: clueText(clue),
  };
}

function ruleText(rule: ReportedRule | null): string {
  return rule === null ? "" : canonicalJson(rule);
}

function clueText(clue: CheckClue | null): string {
  return clue === null ? "" : canonicalJson(clue);
}
