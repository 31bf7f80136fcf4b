// A conn.log as Zeek's ASCII writer lays it out: header lines, one line a connection, tabs between. Fields and their
// order are those of Zeek 7.1 and later, and last the Community ID, as Zeek has it with `community-id-logging` loaded.

import {
  formatAddress,
  formatInstant,
  type Micros,
  microsPerSecond,
  type ZeekConnection,
  zeekTransport,
} from "@conntrail/engine";
import { communityId } from "@conntrail/store";
import { unknownProtocol } from "../importers/transport-name.js";
import type { ReportedConnection } from "../query/reported-connections.js";
import type { ConnectionLine } from "../query/zeek-connections.js";
import { isLocalToZeek } from "./zeek-local-net.js";

const fields = [
  ["ts", "time"],
  ["uid", "string"],
  ["id.orig_h", "addr"],
  ["id.orig_p", "port"],
  ["id.resp_h", "addr"],
  ["id.resp_p", "port"],
  ["proto", "enum"],
  ["service", "string"],
  ["duration", "interval"],
  ["orig_bytes", "count"],
  ["resp_bytes", "count"],
  ["conn_state", "string"],
  ["local_orig", "bool"],
  ["local_resp", "bool"],
  ["missed_bytes", "count"],
  ["history", "string"],
  ["orig_pkts", "count"],
  ["orig_ip_bytes", "count"],
  ["resp_pkts", "count"],
  ["resp_ip_bytes", "count"],
  ["tunnel_parents", "set[string]"],
  ["ip_proto", "count"],
  ["community_id", "string"],
] as const;

type Field = (typeof fields)[number][0];

const unset = "-";
const empty = "(empty)";

/** `opened`: Zeek writes when it began to write; ours is the time of the first line, so that it never changes. */
export function zeekHeader(opened: Micros): string {
  const lines = [
    "#separator \\x09",
    "#set_separator\t,",
    `#empty_field\t${empty}`,
    `#unset_field\t${unset}`,
    "#path\tconn",
    `#open\t${zeekDate(opened)}`,
    ["#fields", ...fields.map(([name]) => name)].join("\t"),
    ["#types", ...fields.map(([, type]) => type)].join("\t"),
  ];
  return `${lines.join("\n")}\n`;
}

export function zeekFooter(closed: Micros): string {
  return `#close\t${zeekDate(closed)}\n`;
}

/** `2026-03-18-10-05-00`, in UTC. */
function zeekDate(time: Micros): string {
  return formatInstant(time).slice(0, 19).replace(/[T:]/g, "-");
}

export function zeekLine(line: ConnectionLine): string {
  const values = line.kind === "tracked" ? trackedValues(line.connection) : reportedValues(line.connection);
  return `${fields.map(([name]) => values[name]).join("\t")}\n`;
}

type Values = { readonly [field in Field]: string };

function trackedValues(connection: ZeekConnection): Values {
  const { originator, responder, duration, protocol, history } = connection;
  // Zeek tells bytes only of what lasted.
  const lasted = (value: number | string) => (duration > 0 ? String(value) : unset);
  return {
    ...endValues(connection),
    ts: seconds(connection.time),
    uid: connection.uid,
    proto: zeekTransport(protocol),
    service: unset,
    duration: lasted(seconds(duration)),
    orig_bytes: lasted(originator.payloadBytes),
    resp_bytes: lasted(responder.payloadBytes),
    conn_state: connection.state,
    local_orig: isLocalToZeek(originator.address) ? "T" : "F",
    local_resp: isLocalToZeek(responder.address) ? "T" : "F",
    missed_bytes: String(connection.missedBytes),
    history: history === "" ? unset : history,
    tunnel_parents: unset,
    ip_proto: String(protocol),
    community_id: communityIdOf(connection),
  };
}

/** What the log did not have and follows from what it has is there too: `ip_proto`, `community_id`. */
function reportedValues(connection: ReportedConnection): Values {
  const { time, lastTime, protocol, fields: given } = connection;
  const isKnown = protocol !== unknownProtocol;
  const told = (name: Field) => cellOf(given[name]);
  return {
    ...endValues(connection),
    ts: seconds(time),
    uid: told("uid"),
    proto: given.proto === undefined ? zeekTransport(protocol) : told("proto"),
    service: told("service"),
    duration: lastTime > time ? seconds(lastTime - time) : durationCell(given.duration),
    orig_bytes: told("orig_bytes"),
    resp_bytes: told("resp_bytes"),
    conn_state: told("conn_state"),
    local_orig: told("local_orig"),
    local_resp: told("local_resp"),
    missed_bytes: told("missed_bytes"),
    history: told("history"),
    tunnel_parents: told("tunnel_parents"),
    ip_proto: given.ip_proto === undefined && isKnown ? String(protocol) : told("ip_proto"),
    community_id: given.community_id === undefined && isKnown ? communityIdOf(connection) : told("community_id"),
  };
}

function endValues({ originator, responder }: ConnectionLine["connection"]) {
  return {
    "id.orig_h": formatAddress(originator.address),
    "id.orig_p": String(originator.port),
    "id.resp_h": formatAddress(responder.address),
    "id.resp_p": String(responder.port),
    orig_pkts: String(originator.packets ?? unset),
    orig_ip_bytes: String(originator.ipBytes ?? unset),
    resp_pkts: String(responder.packets ?? unset),
    resp_ip_bytes: String(responder.ipBytes ?? unset),
  };
}

function durationCell(duration: unknown): string {
  return typeof duration === "number" ? seconds(Math.round(duration * microsPerSecond)) : cellOf(duration);
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return unset;
  if (typeof value === "boolean") return value ? "T" : "F";
  if (Array.isArray(value)) return value.length === 0 ? empty : value.map((element) => elementOf(element)).join(",");
  return textCell(String(value));
}

function elementOf(element: unknown): string {
  return cellOf(element).replaceAll(",", "\\x2c");
}

/** As Zeek escapes what would be taken for a separator, or for a field that is unset or empty. */
function textCell(text: string): string {
  if (text === "") return empty;
  if (text === unset || text === empty) return `${hexEscape(text[0]!)}${text.slice(1)}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
  return text.replace(/[\\\x00-\x1f\x7f]/g, (letter) => (letter === "\\" ? "\\\\" : hexEscape(letter)));
}

function hexEscape(letter: string): string {
  return `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** `1128727435.450898`. */
function seconds(micros: number): string {
  const digits = String(Math.abs(micros)).padStart(7, "0");
  return `${micros < 0 ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

function communityIdOf({ originator, responder, protocol }: ConnectionLine["connection"]): string {
  return communityId({
    protocol,
    source: originator.address,
    sourcePort: originator.port,
    destination: responder.address,
    destinationPort: responder.port,
    icmp: originator.port * 256 + responder.port,
  });
}
