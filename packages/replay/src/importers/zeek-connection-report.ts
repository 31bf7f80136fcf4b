// One line of Zeek's conn.log as a report: what has a column of its own there, and which fields are left for its detail.

import {
  icmpRequestType,
  isIcmp,
  isInstant,
  isV4,
  notCounted,
  parseInstant,
  protocolNumber,
  type ReportedFlow,
  zeekTransport,
} from "@conntrail/engine";
import { readAddressText } from "./address-field.js";
import { countOf, microsOfSeconds } from "./decimal-text.js";
import { type EpochReading, readEpoch } from "./epoch.js";
import { protocolOfName, unknownProtocol } from "./transport-name.js";

/** Fields of a connection as texts, unescaped; null where they are unset or missing. Used again for each line. */
export type ZeekTexts = { [field in ZeekColumn]: string | null };

/** Fields that a report has columns for, sometimes or always. */
export const zeekColumns = [
  "ts",
  "duration",
  "id.orig_h",
  "id.orig_p",
  "id.resp_h",
  "id.resp_p",
  "proto",
  "ip_proto",
  "orig_pkts",
  "orig_ip_bytes",
  "resp_pkts",
  "resp_ip_bytes",
] as const;

export type ZeekColumn = (typeof zeekColumns)[number];

/** What is wrong with the line, and the text that is. */
export type ZeekFault = { readonly what: string; readonly example: string };

/** Puts times, flow and counts of a connection into a report; null, or what keeps it from being one. */
export function putZeekConnection(texts: ZeekTexts, report: ReportedFlow, onUnit: OnUnit): ZeekFault | null {
  return putFlow(texts, report) ?? putTimes(texts, report, onUnit) ?? putCounts(texts, report);
}

/** Hears of times that are not in seconds. */
export type OnUnit = (unit: EpochReading["unit"]) => void;

function putFlow(texts: ZeekTexts, { flow }: ReportedFlow): ZeekFault | null {
  for (const [field, at] of hosts) {
    const text = texts[field] ?? "";
    if (!readAddressText(text, flow.words, at)) return { what: `no address in \`${field}\``, example: text };
  }
  const ports = [portOf(texts["id.orig_p"]), portOf(texts["id.resp_p"])] as const;
  if (ports[0] < 0) return { what: "no port in `id.orig_p`", example: texts["id.orig_p"] ?? "" };
  if (ports[1] < 0) return { what: "no port in `id.resp_p`", example: texts["id.resp_p"] ?? "" };
  const protocol = protocolOf(texts, flow.words);
  const isMessage = isIcmp(protocol);
  flow.protocol = protocol;
  flow.sourcePort = isMessage ? 0 : ports[0];
  flow.destinationPort = isMessage ? 0 : ports[1];
  flow.icmp = isMessage ? icmpOf(protocol, ports) : 0;
  return null;
}

const hosts = [
  ["id.orig_h", 0],
  ["id.resp_h", 4],
] as const;

/** -1: none. */
function portOf(text: string | null): number {
  const port = text === null ? -1 : countOf(text);
  return port <= 0xffff ? port : -1;
}

/** `icmp` is ICMPv6 between addresses of IPv6; before Zeek 7.1 nothing numbers the others. */
function protocolOf({ proto, ip_proto }: ZeekTexts, words: Uint32Array): number {
  const number = ip_proto === null ? -1 : countOf(ip_proto);
  if (number >= 0 && number < unknownProtocol) return number;
  const named = proto === null ? unknownProtocol : protocolOfName(proto);
  if (named !== protocolNumber.icmp) return named;
  return isV4([words[0]!, words[1]!, words[2]!, words[3]!]) ? protocolNumber.icmp : protocolNumber.icmp6;
}

/** Zeek's ports of ICMP: the type, and its counterpart or the code. */
function icmpOf(protocol: number, [type, other]: readonly [number, number]): number {
  const request = icmpRequestType(protocol, type);
  return request === null ? (type & 0xff) * 256 + (other & 0xff) : request * 256;
}

function putTimes({ ts, duration }: ZeekTexts, report: ReportedFlow, onUnit: OnUnit): ZeekFault | null {
  const time = ts === null ? Number.NaN : instantOf(ts, onUnit);
  if (!isInstant(time)) return { what: "no time in `ts`", example: ts ?? "" };
  const lasted = duration === null ? 0 : microsOfSeconds(duration);
  if (!isInstant(time + lasted)) return { what: "no duration in `duration`", example: duration ?? "" };
  report.time = time;
  report.lastTime = time + Math.max(0, lasted);
  return null;
}

/** Beyond this, seconds are of the year 5138 and later: another unit is meant. */
const lastMicros = 1e17;

function instantOf(text: string, onUnit: OnUnit): number {
  const micros = microsOfSeconds(text);
  if (Number.isNaN(micros)) return parseInstant(text)?.time ?? Number.NaN;
  if (Math.abs(micros) < lastMicros) return micros;
  const epoch = readEpoch(text);
  if (epoch === null) return Number.NaN;
  onUnit(epoch.unit);
  return epoch.micros;
}

function putCounts(texts: ZeekTexts, report: ReportedFlow): ZeekFault | null {
  for (const [field, column] of counters) {
    const text = texts[field];
    const count = text === null ? notCounted : countOf(text);
    if (text !== null && count < 0) return { what: `no count in \`${field}\``, example: text };
    report[column] = count;
  }
  return null;
}

const counters = [
  ["orig_pkts", "packetsForward"],
  ["orig_ip_bytes", "bytesForward"],
  ["resp_pkts", "packetsBackward"],
  ["resp_ip_bytes", "bytesBackward"],
] as const;

/** Whether a report's columns give this field back exactly; all others go into its detail. */
export function isInColumns(field: string, texts: ZeekTexts, { flow, time, lastTime }: ReportedFlow): boolean {
  switch (field) {
    case "ts":
    case "id.orig_h":
    case "id.resp_h":
    case "orig_pkts":
    case "orig_ip_bytes":
    case "resp_pkts":
    case "resp_ip_bytes":
      return true;
    case "duration":
      return lastTime > time;
    case "id.orig_p":
    case "id.resp_p":
      return !isIcmp(flow.protocol);
    case "proto":
      return flow.protocol !== unknownProtocol && texts.proto === zeekTransport(flow.protocol);
    default:
      return false;
  }
}
