// A conn.log as Zeek's ASCII writer lays it out: header lines, one line a connection, tabs between. Fields and their
// order are those of Zeek 7.1 and later, and last the Community ID, as Zeek has it with `community-id-logging` loaded.

import { formatAddress, formatInstant, type Micros, type ZeekConnection, zeekTransport } from "@conntrail/engine";
import { communityId } from "@conntrail/store";
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

/** `opened`: Zeek writes when it began to write; ours is the time of the first line, so that it never changes. */
export function zeekHeader(opened: Micros): string {
  const lines = [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
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

export function zeekLine(connection: ZeekConnection): string {
  const values = zeekValues(connection);
  return `${fields.map(([name]) => values[name]).join("\t")}\n`;
}

function zeekValues(connection: ZeekConnection): { readonly [field in Field]: string } {
  const { originator, responder, duration, protocol, history } = connection;
  // Zeek tells bytes only of what lasted.
  const lasted = (value: number | string) => (duration > 0 ? String(value) : unset);
  return {
    ts: seconds(connection.time),
    uid: connection.uid,
    "id.orig_h": formatAddress(originator.address),
    "id.orig_p": String(originator.port),
    "id.resp_h": formatAddress(responder.address),
    "id.resp_p": String(responder.port),
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
    orig_pkts: String(originator.packets),
    orig_ip_bytes: String(originator.ipBytes),
    resp_pkts: String(responder.packets),
    resp_ip_bytes: String(responder.ipBytes),
    tunnel_parents: unset,
    ip_proto: String(protocol),
    community_id: communityIdOf(connection),
  };
}

/** `1128727435.450898`. */
function seconds(micros: number): string {
  const digits = String(Math.abs(micros)).padStart(7, "0");
  return `${micros < 0 ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

function communityIdOf({ originator, responder, protocol }: ZeekConnection): string {
  return communityId({
    protocol,
    source: originator.address,
    sourcePort: originator.port,
    destination: responder.address,
    destinationPort: responder.port,
    icmp: originator.port * 256 + responder.port,
  });
}
