// Lines of a conn.log with a header of their own.

export const zeekHead = [
  "#separator \\x09",
  "#set_separator\t,",
  "#empty_field\t(empty)",
  "#unset_field\t-",
  "#path\tconn",
];

/** Names and types as Zeek 7.1 and later has them. */
export const zeekFields: readonly (readonly [name: string, type: string])[] = [
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
];

export type ZeekRow = { readonly [field: string]: string };

export const webRow: ZeekRow = {
  ts: "1773828300.000125",
  uid: "CHhAvVGS1DHFjwGM9",
  "id.orig_h": "203.0.113.7",
  "id.orig_p": "51514",
  "id.resp_h": "10.1.0.4",
  "id.resp_p": "443",
  proto: "tcp",
  service: "ssl",
  duration: "12.250001",
  orig_bytes: "517",
  resp_bytes: "4102",
  conn_state: "SF",
  local_orig: "F",
  local_resp: "T",
  missed_bytes: "0",
  history: "ShADadFf",
  orig_pkts: "9",
  orig_ip_bytes: "997",
  resp_pkts: "8",
  resp_ip_bytes: "4530",
  tunnel_parents: "-",
  ip_proto: "6",
};

/** A log of these rows; `fields` in the order in which they stand. */
export function zeekLog(rows: readonly ZeekRow[], fields = zeekFields): string {
  const names = ["#fields", ...fields.map(([name]) => name)].join("\t");
  const types = ["#types", ...fields.map(([, type]) => type)].join("\t");
  const lines = rows.map((row) => fields.map(([name]) => row[name] ?? "-").join("\t"));
  return `${[...zeekHead, "#open\t2026-03-18-10-05-00", names, types, ...lines, "#close\t2026-03-18-11-00-00"].join("\n")}\n`;
}
