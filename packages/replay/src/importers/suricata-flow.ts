// One flow or netflow event of Suricata as a report. Suricata counts bytes of whole frames, the link's header included.

import { icmpRequestType, isIcmp, noFlags, notCounted, parseInstant, type ReportedFlow } from "@conntrail/engine";
import { canonicalJson } from "@conntrail/store";
import { readAddressText } from "./address-field.js";
import { asNumber, asObject, asText, type JsonObject } from "./json-field.js";
import { protocolOfName, unknownProtocol } from "./transport-name.js";

export type SuricataFault = { readonly what: string; readonly example: string };

/** `zoned`: its times say of which zone they are. */
export type SuricataPut = { readonly fault: SuricataFault | null; readonly zoned: boolean };

export function putSuricataFlow(event: JsonObject, type: "flow" | "netflow", report: ReportedFlow): SuricataPut {
  const flow = asObject(event[type]);
  if (flow === null) return failed(`no \`${type}\` in the event`, "");
  const fault = putFlow(event, report);
  if (fault !== null) return { fault, zoned: true };
  const start = parseInstant(asText(flow.start) ?? "");
  const end = parseInstant(asText(flow.end) ?? "");
  if (start === null) return failed(`no time in \`${type}.start\``, String(flow.start ?? ""));
  if (end === null && flow.end !== undefined) return failed(`no time in \`${type}.end\``, String(flow.end));
  report.kind = type === "flow" ? "connection" : "window";
  report.time = start.time;
  report.lastTime = Math.max(start.time, end?.time ?? start.time);
  report.flags = flagsOf(event);
  const wrong = putCounts(flow, type, report);
  report.detail = canonicalJson(detailOf(event, type, flow));
  return { fault: wrong, zoned: start.zoned };
}

function failed(what: string, example: string): SuricataPut {
  return { fault: { what, example }, zoned: true };
}

function putFlow(event: JsonObject, { flow }: ReportedFlow): SuricataFault | null {
  const source = asText(event.src_ip) ?? "";
  const destination = asText(event.dest_ip) ?? "";
  if (!readAddressText(source, flow.words, 0)) return { what: "no address in `src_ip`", example: source };
  if (!readAddressText(destination, flow.words, 4)) {
    return { what: "no address in `dest_ip`", example: destination };
  }
  flow.protocol = protocolOfName(asText(event.proto) ?? "");
  flow.sourcePort = portOf(event.src_port);
  flow.destinationPort = portOf(event.dest_port);
  flow.icmp = isIcmp(flow.protocol) ? icmpOf(flow.protocol, event) : 0;
  if (flow.sourcePort < 0) return { what: "no port in `src_port`", example: String(event.src_port) };
  if (flow.destinationPort < 0) return { what: "no port in `dest_port`", example: String(event.dest_port) };
  return null;
}

/** 0 where there is none, as of ICMP; -1: not a port. */
function portOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  const port = asNumber(value);
  return port !== null && Number.isInteger(port) && port >= 0 && port <= 0xffff ? port : -1;
}

/** 0 where the type is not told. */
function icmpOf(protocol: number, event: JsonObject): number {
  const type = asNumber(event.icmp_type);
  if (type === null) return 0;
  const request = icmpRequestType(protocol, type & 0xff);
  return request === null ? (type & 0xff) * 256 + ((asNumber(event.icmp_code) ?? 0) & 0xff) : request * 256;
}

/** `1b`: of both ends, OR-ed. */
function flagsOf(event: JsonObject): number {
  const flags = asText(asObject(event.tcp)?.tcp_flags);
  return flags !== null && /^[0-9a-fA-F]{1,2}$/.test(flags) ? Number.parseInt(flags, 16) : noFlags;
}

const counters = {
  flow: [
    ["pkts_toserver", "packetsForward"],
    ["bytes_toserver", "bytesForward"],
    ["pkts_toclient", "packetsBackward"],
    ["bytes_toclient", "bytesBackward"],
  ],
  netflow: [
    ["pkts", "packetsForward"],
    ["bytes", "bytesForward"],
  ],
} as const;

function putCounts(flow: JsonObject, type: "flow" | "netflow", report: ReportedFlow): SuricataFault | null {
  report.packetsBackward = notCounted;
  report.bytesBackward = notCounted;
  for (const [field, column] of counters[type]) {
    const value = flow[field] ?? notCounted;
    const count = asNumber(value);
    if (count === null || !Number.isSafeInteger(count) || count < notCounted) {
      return { what: `no count in \`${type}.${field}\``, example: String(value) };
    }
    report[column] = count;
  }
  return null;
}

const inColumns: ReadonlySet<string> = new Set(["event_type", "src_ip", "src_port", "dest_ip", "dest_port"]);

/** All that the report's columns don't give back. */
function detailOf(event: JsonObject, type: "flow" | "netflow", flow: JsonObject): JsonObject {
  const counted: ReadonlySet<string> = new Set(["start", "end", ...counters[type].map(([field]) => field)]);
  const isNumbered = protocolOfName(asText(event.proto) ?? "") !== unknownProtocol;
  const kept = Object.entries(event).filter(([name]) => !inColumns.has(name) && !(name === "proto" && isNumbered));
  const rest = Object.entries(flow).filter(([name]) => !counted.has(name));
  return { ...Object.fromEntries(kept), [type]: Object.fromEntries(rest) };
}
