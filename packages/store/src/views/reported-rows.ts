// What the fold of reports hands out, as rows of the views.

import {
  type Admission,
  type CheckClue,
  type CheckTally,
  type Disagreement,
  formatAddress,
  type ReportedDenial,
  type ReportedRecord,
  type ReportedRule,
  type ReportingSensor,
  type SensorHour,
  type SkippedWindow,
} from "@conntrail/engine";
import { canonicalJson } from "../canonical-json.js";
import type { ReportedCircumstance, ReportedRowTable } from "./reported-flow-schema.js";
import type {
  CheckTallyTable,
  DisagreementTable,
  ReportedDeniedTable,
  SensorHourTable,
  SkippedWindowTable,
} from "./reported-schema.js";
import { gateRow } from "./view-rows.js";

export type ReportedOwnRow = Omit<ReportedRowTable, "circumstance">;

export function reportedOwnRow(record: ReportedRecord): ReportedOwnRow {
  const { forward, backward } = record;
  return {
    id: record.id,
    source: formatAddress(record.source),
    source_port: record.sourcePort,
    destination: formatAddress(record.destination),
    destination_port: record.destinationPort,
    icmp: record.icmp,
    opened_at: record.openedAt,
    last_seen: record.lastSeen,
    ended_at: record.endedAt,
    reports: record.reports,
    packets_forward: forward.packets,
    packets_backward: backward.packets,
    bytes_forward: forward.bytes,
    bytes_backward: backward.bytes,
    clue: clueText(record.clue),
    detail: record.detail,
  };
}

export function reportedCircumstance(record: ReportedRecord): ReportedCircumstance {
  return {
    sensor: jsonOf(record.sensor),
    rule: ruleText(record.rule),
    verdict: record.verdict,
    interface: record.interface,
    interface_name: record.interfaceName,
    direction: record.direction,
    protocol: record.protocol,
    opening_told: record.openingTold ? 1 : 0,
    derived: record.derived,
    gates: gatesText(record.admission),
    basis: record.basis,
    outcome: record.outcome,
  };
}

export function reportedDeniedRow(denial: ReportedDenial): ReportedDeniedTable {
  return {
    sensor: jsonOf(denial.sensor),
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
  return { sensor: jsonOf(sensor), no_data: noData, ...told };
}

export function skippedWindowRow({ sensor, ...told }: SkippedWindow): SkippedWindowTable {
  return { sensor: jsonOf(sensor), ...told };
}

export function checkTallyRow({ sensor, rule, derivedRule, reported, basis, ...tally }: CheckTally): CheckTallyTable {
  const derived_rule = derivedRule === null ? "" : canonicalJson(derivedRule);
  const named = { sensor: jsonOf(sensor), rule: ruleText(rule), derived_rule };
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
  return rule === null ? "" : jsonOf(rule);
}

function clueText(clue: CheckClue | null): string {
  return clue === null ? "" : canonicalJson(clue);
}

const noGates = canonicalJson([]);

function gatesText(admission: Admission | null): string {
  return admission === null ? noGates : canonicalJson(admission.gates.map(gateRow));
}

/** Sensors and rules are the same objects over and over. */
const jsons = new WeakMap<ReportingSensor | ReportedRule, string>();

function jsonOf(named: ReportingSensor | ReportedRule): string {
  const known = jsons.get(named);
  if (known !== undefined) return known;
  const made = canonicalJson(named);
  jsons.set(named, made);
  return made;
}
