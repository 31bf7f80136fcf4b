// What is read from which column of a Zeek table, worked out once for each header.

import type { ReportedFlow } from "@conntrail/engine";
import { isInColumns, type ZeekColumn, type ZeekTexts, zeekColumns } from "./zeek-connection-report.js";
import { type CellReader, cellReader, type ZeekTable } from "./zeek-table.js";

export type ZeekColumns = {
  readonly table: ZeekTable;
  /** Of each field that a report has columns for: where it stands; -1 where it is missing. */
  readonly places: readonly (readonly [ZeekColumn, number])[];
  /** All fields in the order of canonical JSON. */
  readonly sorted: readonly SortedField[];
};

type SortedField = {
  readonly name: string;
  readonly place: number;
  /** The name as JSON, and a colon. */
  readonly key: string;
  readonly read: CellReader;
};

/** Types of a conn.log's fields where its header does not give them; all others are texts. */
const knownTypes: ReadonlyMap<string, string> = new Map([
  ...["ts"].map((name) => [name, "time"] as const),
  ...["duration"].map((name) => [name, "interval"] as const),
  ...["id.orig_p", "id.resp_p"].map((name) => [name, "port"] as const),
  ...["orig_bytes", "resp_bytes", "missed_bytes", "orig_pkts", "orig_ip_bytes"].map((name) => [name, "count"] as const),
  ...["resp_pkts", "resp_ip_bytes", "ip_proto", "vlan", "inner_vlan"].map((name) => [name, "count"] as const),
  ...["local_orig", "local_resp"].map((name) => [name, "bool"] as const),
  ["tunnel_parents", "set[string]"],
]);

export function zeekColumnsOf(table: ZeekTable): ZeekColumns {
  const sorted = table.fields.map((name, place) => {
    const type = table.types[place] ?? knownTypes.get(name) ?? "string";
    return { name, place, key: `${JSON.stringify(name)}:`, read: cellReader(type, table) };
  });
  sorted.sort((a, b) => (a.name < b.name ? -1 : 1));
  const places = zeekColumns.map((name) => [name, table.fields.indexOf(name)] as const);
  return { table, places, sorted };
}

const required = ["ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto"];
/** No other log of Zeek has one of them. */
const telling = ["conn_state", "orig_pkts", "orig_ip_bytes", "history"];

/** What a log or record with these fields lacks to tell of connections; null: it is of something else. */
export function lackingFields(has: (field: string) => boolean): readonly string[] | null {
  return telling.some(has) ? required.filter((field) => !has(field)) : null;
}

export function putTexts({ places, table }: ZeekColumns, cells: readonly string[], texts: ZeekTexts): void {
  for (const [name, place] of places) {
    const cell = place < 0 ? table.unset : cells[place]!;
    texts[name] = cell === table.unset || cell === "" ? null : cell;
  }
}

/** The detail of a line whose report is filled but for that. */
export function detailOf(
  { sorted, table }: ZeekColumns,
  cells: readonly string[],
  { texts, report }: { readonly texts: ZeekTexts; readonly report: ReportedFlow },
): string {
  let members = "";
  for (const { name, place, key, read } of sorted) {
    const cell = cells[place]!;
    if (cell === table.unset || isInColumns(name, texts, report)) continue;
    members += `${members === "" ? "" : ","}${key}${read(cell)}`;
  }
  return members === "" ? "" : `{${members}}`;
}
