// What a flow tuple says, put into a report: both of Azure's logs begin with the same seven fields, and end with the same
// four counts (DOMAIN 4.1, 4.2).

import {
  hasPorts,
  isInstant,
  notCounted,
  type PacketFlow,
  parseProtocol,
  protocolNumber,
  type ReportedFlow,
  type ReportKind,
} from "@conntrail/engine";
import { canonicalJson } from "@conntrail/store";
import type { FlowTuple } from "./azure-flow-tuple.js";
import { type EpochUnit, epochUnitOf, microsOf } from "./epoch.js";

/** What of a tuple can't be read, so that it is left out. */
export type TupleFault =
  | "no-tuple"
  | "fields"
  | "time"
  | "address"
  | "protocol"
  | "port"
  | "direction"
  | "decision"
  | "state"
  | "count";

/** The number of the first field that is not the same in both logs. */
export const firstOwnField = 7;

/** Codes of the letters that tuples are written with. */
export const letter = { A: 0x41, B: 0x42, C: 0x43, D: 0x44, E: 0x45, I: 0x49, O: 0x4f, T: 0x54, U: 0x55 } as const;

/** Of a flow that was let through; null: no such state. */
export function stateKind(state: number): ReportKind | null {
  if (state === letter.B) return "opened";
  if (state === letter.C) return "continued";
  return state === letter.E ? "ended" : null;
}

/** Time, addresses, ports, protocol, direction. */
export function readHead(tuple: FlowTuple, report: ReportedFlow): TupleFault | null {
  const time = microsOf(tuple.number(0), unitOf(tuple));
  if (!isInstant(time)) return "time";
  report.time = time;
  report.lastTime = time;
  const { flow } = report;
  if (!tuple.address(1, flow.words, 0) || !tuple.address(2, flow.words, 4)) return "address";
  flow.protocol = protocolOf(tuple);
  if (flow.protocol < 0) return "protocol";
  if (!readPorts(tuple, flow)) return "port";
  const direction = tuple.letter(6);
  report.direction = direction === letter.I ? "inbound" : "outbound";
  return direction === letter.I || direction === letter.O ? null : "direction";
}

/** Of its time. */
export function unitOf(tuple: FlowTuple): EpochUnit {
  return epochUnitOf(tuple.number(0));
}

/** Letters of NSG flow logs, numbers of virtual network flow logs, and the names of either; -1: none of them. */
function protocolOf(tuple: FlowTuple): number {
  const written = tuple.letter(5);
  if (written === letter.T) return protocolNumber.tcp;
  if (written === letter.U) return protocolNumber.udp;
  const number = tuple.number(5);
  if (number <= 255) return number;
  return parseProtocol(tuple.text(5)) ?? -1;
}

/** Protocols without ports have none, whatever stands there: see `detailOf`. */
function readPorts(tuple: FlowTuple, flow: PacketFlow): boolean {
  const ported = hasPorts(flow.protocol);
  const source = tuple.isEmpty(3) && !ported ? 0 : tuple.number(3);
  const destination = tuple.isEmpty(4) && !ported ? 0 : tuple.number(4);
  flow.sourcePort = ported ? source : 0;
  flow.destinationPort = ported ? destination : 0;
  flow.icmp = 0;
  return source <= 0xffff && destination <= 0xffff;
}

/** Canonical JSON of what a tuple says that has no place in a report; empty where that is nothing. */
export function detailOf(tuple: FlowTuple, { flow }: ReportedFlow, own: OwnDetail): string {
  const ports = hasPorts(flow.protocol) ? noDetail : portsBeside(tuple);
  return own === noDetail && ports === noDetail ? "" : canonicalJson({ ...own, ...ports });
}

export const noDetail = {};

export type OwnDetail = { readonly encryption?: string; readonly state?: string };

/** What stands for ports of a protocol that has none. */
function portsBeside(tuple: FlowTuple): object {
  const [sourcePort, destinationPort] = [tuple.number(3), tuple.number(4)];
  return sourcePort > 0 || destinationPort > 0 ? { sourcePort, destinationPort } : noDetail;
}

/** Packets and bytes, from the source and then back, in four fields; any of them may be empty or not there. */
export function readCounts(tuple: FlowTuple, first: number, report: ReportedFlow): TupleFault | null {
  report.packetsForward = countOf(tuple, first);
  report.bytesForward = countOf(tuple, first + 1);
  report.packetsBackward = countOf(tuple, first + 2);
  report.bytesBackward = countOf(tuple, first + 3);
  const sum = report.packetsForward + report.bytesForward + report.packetsBackward + report.bytesBackward;
  return Number.isNaN(sum) ? "count" : null;
}

function countOf(tuple: FlowTuple, index: number): number {
  return tuple.isEmpty(index) ? notCounted : tuple.number(index);
}
