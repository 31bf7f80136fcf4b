// Flow records as rows of a table and as plain data.

import { formatInstant, type Micros, parseAddress } from "@conntrail/engine";
import { communityId, type FlowTable, type GateRow } from "@conntrail/store";
import { formatFlow } from "../query/endpoint.js";
import type { FlowRow } from "../query/flows.js";
import { formatCount } from "./amount.js";

export const flowHead = [
  "flow",
  "connection",
  "interface",
  "opened",
  "ends",
  "state",
  "history",
  "packets",
  "bytes",
  "admitted by",
];

export function flowCells(row: FlowTable): string[] {
  return [
    row.id,
    flowText(row),
    row.interface_name === null ? "-" : `${row.interface_name} ${row.direction}`,
    formatInstant(row.opened_at as Micros),
    `${formatInstant(row.ends_at as Micros)} ${row.ends_by}`,
    row.state,
    `${row.conn_state} ${row.history}`.trimEnd(),
    `${formatCount(row.packets_forward)} + ${formatCount(row.packets_backward)}`,
    `${formatCount(row.bytes_forward)} + ${formatCount(row.bytes_backward)}`,
    admittedBy(row),
  ];
}

/** `203.0.113.7:51514 → 10.1.0.4:22/tcp`. */
export function flowText(row: FlowRow): string {
  return formatFlow(nameOf(row));
}

/** The five-tuple. */
export function nameOf(row: FlowRow) {
  return {
    protocol: row.protocol,
    source: parseAddress(row.source)!,
    sourcePort: row.source_port,
    destination: parseAddress(row.destination)!,
    destinationPort: row.destination_port,
    icmp: row.icmp,
  };
}

function gatesOf(row: FlowTable): GateRow[] {
  return JSON.parse(row.gates) as GateRow[];
}

function admittedBy(row: FlowTable): string {
  if (row.decision === "none") return "nobody: no known interface";
  if (row.decision === "unknown") return "unknown";
  const rules = gatesOf(row).flatMap(({ rule, version }) => (rule === null ? [] : [`${rule} v${version}`]));
  const by = rules.length === 0 ? "no group" : rules.join(", ");
  return row.untracked === null ? by : `${by}, untracked`;
}

export function flowData(row: FlowTable) {
  const { gates: _, opened_at, ends_at, last_seen, mid_stream, ...rest } = row;
  return {
    basis: "packets",
    ...rest,
    community_id: communityId(nameOf(row)),
    opened_at: formatInstant(opened_at as Micros),
    last_seen: formatInstant(last_seen as Micros),
    ends_at: formatInstant(ends_at as Micros),
    mid_stream: mid_stream === 1,
    gates: gatesOf(row),
  };
}
