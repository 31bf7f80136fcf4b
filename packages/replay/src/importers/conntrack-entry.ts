// One entry of Linux's connection tracking as `conntrack` prints it, in text or XML, and the report that it makes.

import {
  equalAddresses,
  formatAddress,
  icmpRequestType,
  isIcmp,
  notCounted,
  parseAddress,
  type ReportedFlow,
  type ReportKind,
} from "@conntrail/engine";
import { canonicalJson } from "@conntrail/store";
import { readAddressText } from "./address-field.js";

export type ConntrackEvent = "new" | "update" | "destroy";

export type ConntrackEntry = {
  /** Null: the entry stands in a list. */
  readonly event: ConntrackEvent | null;
  /** Microseconds; null where the entry carries none. */
  readonly time: number | null;
  /** Its time is that of a calendar without a zone, read as UTC. */
  readonly calendar: boolean;
  readonly protocol: number;
  readonly original: ConntrackTuple;
  /** Null where it is not told. */
  readonly reply: ConntrackTuple | null;
  /** All else: state, timeout, mark, id and so on; numbers where they are such. */
  readonly rest: { readonly [name: string]: string | number | boolean };
};

/** By conntrack's names: `src`, `dst`, `sport`, `dport`, of ICMP `type`, `code`, `id`; counters `packets`, `bytes`. */
export type ConntrackTuple = { readonly [name: string]: string };

export type ConntrackFault = { readonly what: string; readonly example: string };

const kinds: Readonly<Record<ConntrackEvent, ReportKind>> = { new: "opened", update: "continued", destroy: "ended" };

/** Fills a report; `time` is the entry's, or when the list was taken. Null, or what keeps the entry from being one. */
export function putConntrackEntry(entry: ConntrackEntry, time: number, report: ReportedFlow): ConntrackFault | null {
  const { event, original, reply } = entry;
  const fault = putFlow(entry, report);
  if (fault !== null) return fault;
  const counts = [original.packets, original.bytes, reply?.packets, reply?.bytes].map(countOf);
  if (counts.includes(null)) return { what: "no count in `packets` or `bytes`", example: JSON.stringify(original) };
  // Counters are of the connection's whole life, so they are those of a report only where nothing was reported before.
  const isTotal = event === "destroy";
  report.kind = event === null ? "continued" : kinds[event];
  report.time = time;
  report.lastTime = time;
  [report.packetsForward, report.bytesForward, report.packetsBackward, report.bytesBackward] = isTotal
    ? (counts as [number, number, number, number])
    : [notCounted, notCounted, notCounted, notCounted];
  report.detail = canonicalJson({ ...entry.rest, ...replyOf(entry), ...(isTotal ? {} : totalsOf(counts)) });
  return null;
}

function putFlow({ protocol, original }: ConntrackEntry, { flow }: ReportedFlow): ConntrackFault | null {
  const { src = "", dst = "" } = original;
  if (!readAddressText(src, flow.words, 0)) return { what: "no address in `src=`", example: src };
  if (!readAddressText(dst, flow.words, 4)) return { what: "no address in `dst=`", example: dst };
  const isMessage = isIcmp(protocol);
  const sourcePort = numberUpTo(0xffff, isMessage ? original.id : original.sport);
  const destinationPort = numberUpTo(0xffff, isMessage ? original.id : original.dport);
  if (sourcePort === null || destinationPort === null) {
    return { what: "no port in `sport=`, `dport=` or `id=`", example: JSON.stringify(original) };
  }
  flow.protocol = protocol;
  flow.sourcePort = sourcePort;
  flow.destinationPort = destinationPort;
  flow.icmp = isMessage ? icmpOf(protocol, original) : 0;
  return null;
}

/** 0 where there is none; null: something else than a number up to `most`. */
function numberUpTo(most: number, text: string | undefined): number | null {
  if (text === undefined) return 0;
  return /^\d+$/.test(text) && Number(text) <= most ? Number(text) : null;
}

/** 0 where the type is not told. */
function icmpOf(protocol: number, { type, code }: ConntrackTuple): number {
  if (type === undefined) return 0;
  const number = Number(type) & 0xff;
  const request = icmpRequestType(protocol, number);
  return request === null ? number * 256 + (Number(code ?? 0) & 0xff) : request * 256;
}

/** Null: something else than a number. */
function countOf(text: string | undefined): number | null {
  if (text === undefined) return notCounted;
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
}

/** Counters so far of a connection that goes on. */
function totalsOf(counts: readonly (number | null)[]) {
  if (counts.every((count) => count === notCounted)) return {};
  const [packetsForward, bytesForward, packetsBackward, bytesBackward] = counts;
  return { total: { packetsForward, bytesForward, packetsBackward, bytesBackward } };
}

/** Answers come from where the packets went, to where they came from; where they don't, addresses are translated. */
function replyOf({ protocol, original, reply }: ConntrackEntry) {
  if (reply === null || isMirror(protocol, original, reply)) return {};
  const { packets: _, bytes: __, ...tuple } = reply;
  return { reply: { ...tuple, src: written(tuple.src), dst: written(tuple.dst) } };
}

function isMirror(protocol: number, original: ConntrackTuple, reply: ConntrackTuple): boolean {
  if (!isSameAddress(reply.src, original.dst) || !isSameAddress(reply.dst, original.src)) return false;
  if (isIcmp(protocol)) return reply.id === original.id;
  return reply.sport === original.dport && reply.dport === original.sport;
}

function isSameAddress(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  const [a, b] = [parseAddress(one ?? ""), parseAddress(other ?? "")];
  return a !== null && b !== null && equalAddresses(a, b);
}

/** As we print addresses: /proc writes IPv6 without `::`. */
function written(text: string | undefined): string {
  const address = parseAddress(text ?? "");
  return address === null ? (text ?? "") : formatAddress(address);
}
