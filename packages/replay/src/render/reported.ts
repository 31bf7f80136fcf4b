// Reported flow records, as rows of a table, in words, and as plain data.

import {
  type CheckClue,
  type CheckOutcome,
  formatInstant,
  type Micros,
  nameOfId,
  type Position,
  protocolName,
  type ReportedRule,
  type ReportingSensor,
  ruleName,
  type SensorKind,
} from "@conntrail/engine";
import { communityId, type GateRow, type ReportedDeniedTable, type ReportedFlowTable } from "@conntrail/store";
import type { ReportedAnswer, ReportedConversation } from "../query/reported.js";
import { formatCount, plural } from "./amount.js";
import { clueData, describeOutcome } from "./check-outcome.js";
import { flowText, nameOf } from "./flow.js";
import { grantLines, movedText, outlivedData, tiedGrantData } from "./outlived.js";

const sensorWords: { readonly [kind in SensorKind]: string } = {
  "azure-nsg": "NSG flow log",
  "azure-vnet": "VNet flow log",
  "aws-vpc": "VPC flow log",
  zeek: "Zeek",
  suricata: "Suricata",
  conntrack: "conntrack",
};

/** `NSG flow log of web-nsg at 000d3af8801a`. */
export function describeSensor(text: string): string {
  const { kind, interface: id, mac, resource } = JSON.parse(text) as ReportingSensor;
  const of = resource === null ? "" : ` of ${nameOfId(resource)}`;
  const where = id ?? mac;
  return `${sensorWords[kind]}${of}${where === null ? "" : ` at ${where}`}`;
}

/** The rule as logged; null where none is named. */
function loggedRule(text: string): string | null {
  return text === "" ? null : (JSON.parse(text) as ReportedRule).rule;
}

/** Under the head of flow records. */
export function reportedCells(row: ReportedFlowTable): string[] {
  return [
    row.id,
    flowText(row),
    row.interface_name === null ? "-" : `${row.interface_name} ${row.direction}`,
    `${formatInstant(row.opened_at as Micros)}${row.opening_told === 1 ? "" : " or before"}`,
    row.ended_at === null
      ? `not told, last ${formatInstant(row.last_seen as Micros)}`
      : formatInstant(row.ended_at as Micros),
    "reported",
    "-",
    `${count(row.packets_forward)} + ${count(row.packets_backward)}`,
    `${count(row.bytes_forward)} + ${count(row.bytes_backward)}`,
    loggedRule(row.rule) ?? describeSensor(row.sensor),
  ];
}

function count(value: number | null): string {
  return value === null ? "?" : formatCount(value);
}

/** What sensors say of a connection, line by line; empty where none says anything. */
export function reportedLines(
  { records, more, denials }: ReportedConversation,
  positions: ReadonlyMap<string, Position>,
): string[] {
  const rest = more > 0 ? [`and ${plural(more, "more record")}: see \`conntrail flows\``] : [];
  return [...records.flatMap((record) => recordLines(record, positions)), ...rest, ...denials.map(denialLine)];
}

function recordLines(
  { row, open, opening, admission }: ReportedAnswer,
  positions: ReadonlyMap<string, Position>,
): string[] {
  const where =
    opening === null
      ? ""
      : `, record ${opening.record} of ${opening.file}, log position ${opening.position}.${opening.index}`;
  const since = row.opening_told === 1 ? "opened" : "open already";
  const rule = loggedRule(row.rule);
  const by = rule === null ? "" : `, logged under \`${rule}\``;
  const end =
    row.ended_at === null ? "no report of its end" : `reported ended ${formatInstant(row.ended_at as Micros)}`;
  return [
    `${describeSensor(row.sensor)}: ${flowText(row)}, flow record ${row.id}${open ? "" : " (not open at that instant)"}`,
    `  ${since} ${formatInstant(row.opened_at as Micros)}${by}${where}`,
    `  ${plural(row.reports, "report")}, the last ${formatInstant(row.last_seen as Micros)}; ${countedText(row)}; ${end}`,
    `  ${outcomeWords(row)}`,
    ...admission.grants.flatMap((grant) => grantLines(grant, positions)).map((line) => `  ${line}`),
  ];
}

function countedText({ packets_forward, packets_backward, bytes_forward, bytes_backward }: ReportedFlowTable): string {
  if (packets_forward === null && packets_backward === null) return "no counts reported";
  return movedText({
    packets: (packets_forward ?? 0) + (packets_backward ?? 0),
    bytesForward: bytes_forward ?? 0,
    bytesBackward: bytes_backward ?? 0,
  });
}

function outcomeWords(row: ReportedFlowTable): string {
  const gates = JSON.parse(row.gates) as GateRow[];
  const rules = gates.flatMap(({ rule, version, decision }) =>
    rule === null ? [] : [`${decision} by ${rule} v${version}`],
  );
  const own = rules.length === 0 ? "" : ` (${rules.join(", ")})`;
  return `${describeOutcome(row.outcome as CheckOutcome)}${own}`;
}

function denialLine(row: ReportedDeniedTable): string {
  const rule = loggedRule(row.rule);
  const by = rule === null ? "rejected" : `denied under \`${ruleName(rule)}\``;
  const times =
    row.count === 1
      ? formatInstant(row.first as Micros)
      : `${formatInstant(row.first as Micros)} to ${formatInstant(row.last as Micros)}`;
  const to = `${row.destination} port ${row.destination_port}/${protocolName(row.protocol)}`;
  return `${describeSensor(row.sensor)}: ${row.source} to ${to} ${by}, ${plural(row.count, "time")}, ${times}`;
}

export function reportedNote(count: number): string {
  return `this counts packets alone, and none of ${plural(count, "reported flow record")}: see \`conntrail flows\``;
}

export function reportedData(row: ReportedFlowTable) {
  const { gates, sensor, rule, detail, basis, clue, opened_at, last_seen, ended_at, opening_told, ...rest } = row;
  return {
    basis: "reported",
    ...rest,
    community_id: communityId(nameOf(row)),
    sensor: JSON.parse(sensor) as ReportingSensor,
    rule: rule === "" ? null : (JSON.parse(rule) as ReportedRule),
    opened_at: formatInstant(opened_at as Micros),
    opening_told: opening_told === 1,
    last_seen: formatInstant(last_seen as Micros),
    ended_at: ended_at === null ? null : formatInstant(ended_at as Micros),
    gates: JSON.parse(gates) as GateRow[],
    held_against: basis,
    clue: clueData(clue === "" ? null : (JSON.parse(clue) as CheckClue)),
    detail: detail === "" ? null : (JSON.parse(detail) as object),
  };
}

export function reportedConversationData(
  { records, more, denials }: ReportedConversation,
  positions: ReadonlyMap<string, Position>,
) {
  return {
    records: records.map(({ row, open, opening, admission }) => ({
      ...reportedData(row),
      open,
      opening,
      grants: tiedGrantData(admission, positions),
      outlived: outlivedData(admission, positions),
      movedSince: admission.movedSince,
    })),
    more,
    denials: denials.map(({ sensor, rule, first, last, ...rest }) => ({
      ...rest,
      sensor: JSON.parse(sensor) as ReportingSensor,
      rule: rule === "" ? null : (JSON.parse(rule) as ReportedRule),
      first: formatInstant(first as Micros),
      last: formatInstant(last as Micros),
    })),
  };
}
