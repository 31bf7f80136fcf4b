// Flow records of a case, from the views.

import { formatAddress, type Micros, parseAddress } from "@conntrail/engine";
import { eachFlow, eachReportedFlow, type FlowTable, queryFlows, type ReportedFlowTable } from "@conntrail/store";
import type { Case } from "../case.js";
import { usage } from "../exit-code.js";
import { type Endpoint, readEndpoint } from "./endpoint.js";

export type FlowsQuestion = {
  /** Live at this instant; null: all. */
  readonly at: Micros | null;
  /** Live at any time from here (included) … */
  readonly since: Micros | null;
  /** … to here (excluded). */
  readonly until: Micros | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly interface: string | null;
};

/** A record made of packets, or as a sensor reported it. */
export type FlowRow = FlowTable | ReportedFlowTable;

export function isReported(row: FlowRow): row is ReportedFlowTable {
  return "sensor" in row;
}

/** In the order in which they were opened. */
export function* flows(kase: Case, question: FlowsQuestion): Iterable<FlowRow> {
  const from = question.from === null ? null : readEndpoint(question.from);
  const to = question.to === null ? null : readEndpoint(question.to);
  const fits = (row: FlowRow) =>
    isAt(from, { address: row.source, port: row.source_port, protocol: row.protocol }) &&
    isAt(to, { address: row.destination, port: row.destination_port, protocol: row.protocol }) &&
    (question.interface === null || isCalled(row, question.interface));
  const filter = { from: question.since, until: question.until, at: question.at };
  for (const row of inOrder(eachFlow(kase.views, filter), eachReportedFlow(kase.views, filter))) {
    if (fits(row)) yield row;
  }
}

function* inOrder(packets: Iterable<FlowTable>, reports: Iterable<ReportedFlowTable>): Iterable<FlowRow> {
  const reported = reports[Symbol.iterator]();
  let next = reported.next();
  for (const row of packets) {
    for (; next.done !== true && isBefore(next.value, row); next = reported.next()) yield next.value;
    yield row;
  }
  for (; next.done !== true; next = reported.next()) yield next.value;
}

function isBefore(one: FlowRow, other: FlowRow): boolean {
  return one.opened_at < other.opened_at || (one.opened_at === other.opened_at && one.id < other.id);
}

type End = { readonly address: string; readonly port: number; readonly protocol: number };

function isAt(wanted: Endpoint | null, { address, port, protocol }: End): boolean {
  return (
    wanted === null ||
    (formatAddress(wanted.address) === address &&
      (wanted.port === null || wanted.port === port) &&
      (wanted.protocol === null || wanted.protocol === protocol))
  );
}

function isCalled(row: FlowRow, name: string): boolean {
  return [row.interface, row.interface_name].some((own) => own?.toLowerCase() === name.toLowerCase());
}

/** The one record whose id begins so. */
export function flowById(kase: Case, prefix: string): FlowRow {
  const filter = { from: null, until: null, at: null, idPrefix: prefix.toLowerCase() };
  const rows: FlowRow[] = [...queryFlows(kase.views, filter), ...eachReportedFlow(kase.views, filter)];
  if (rows.length === 0) throw usage(`there is no flow record \`${prefix}\`: see \`conntrail flows\``);
  if (rows.length > 1) throw usage(`\`${prefix}\` begins ${rows.length} flow records: give more of the id`);
  return rows[0]!;
}

/** The addresses of a row; they were printed by us, so they parse. */
export function conversationOf(row: FlowRow) {
  return {
    protocol: row.protocol,
    a: parseAddress(row.source)!,
    b: parseAddress(row.destination)!,
    portA: row.source_port,
    portB: row.destination_port,
  };
}
