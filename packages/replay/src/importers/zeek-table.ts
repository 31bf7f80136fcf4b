// The header of a log that Zeek's ASCII writer made, and how its cells are read (Zeek's LogAscii options): fields may
// stand in any order, the separators and the words for unset and empty are the header's own.

import { utf8Of } from "./text-lines.js";

export type ZeekTable = {
  readonly separator: string;
  readonly setSeparator: string;
  readonly empty: string;
  readonly unset: string;
  /** The log's name: `conn`. */
  readonly path: string | null;
  readonly fields: readonly string[];
  /** Of each field; shorter where the header does not say. */
  readonly types: readonly string[];
};

export const emptyTable: ZeekTable = {
  separator: "\t",
  setSeparator: ",",
  empty: "(empty)",
  unset: "-",
  path: null,
  fields: [],
  types: [],
};

/** The table behind a header line; a `#separator` begins another one. */
export function withHeaderLine(table: ZeekTable, line: string): ZeekTable {
  if (line.startsWith("#separator ")) return { ...emptyTable, separator: unescaped(line.slice(11)) };
  const [name, ...values] = line.split(table.separator);
  const first = values[0] ?? "";
  switch (name) {
    case "#set_separator":
      return { ...table, setSeparator: unescaped(first) };
    case "#empty_field":
      return { ...table, empty: first };
    case "#unset_field":
      return { ...table, unset: first };
    case "#path":
      return { ...table, path: first };
    case "#fields":
      return { ...table, fields: values, types: [] };
    case "#types":
      return { ...table, types: values };
    default:
      return table;
  }
}

/** Names alone in the first line: LogAscii's `tsv` mode. */
export function isNamesLine(line: string): boolean {
  return line.split("\t").includes("id.orig_h");
}

const escapes = /\\(?:x([0-9a-fA-F]{2})|\\)/g;

/** Zeek writes `\x09` for a byte that would not stand, and `\\` for a backslash. */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(escapes, (_, hex?: string) =>
    hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The same value as Zeek's JSON writer gives, as JSON. */
export function cellJson(cell: string, type: string, table: ZeekTable): string {
  const inner = /^(?:set|vector|table)\[(.*)\]$/.exec(type)?.[1];
  return inner === undefined ? scalarJson(cell, type, table) : listJson(cell, inner, table);
}

function listJson(cell: string, type: string, table: ZeekTable): string {
  if (cell === table.empty || cell === "") return "[]";
  const elements = cell.split(table.setSeparator);
  return `[${elements.map((element) => (element === table.unset ? "null" : scalarJson(element, type, table))).join(",")}]`;
}

const plain = /^[ !#-[\]-~]*$/;

function scalarJson(cell: string, type: string, table: ZeekTable): string {
  switch (type) {
    case "bool":
      return cell === "T" ? "true" : "false";
    case "count":
    case "int":
    case "port":
    case "double":
    case "interval":
    case "time":
      return numberJson(cell);
    default:
      if (cell === table.empty) return '""';
      return plain.test(cell) ? `"${cell}"` : JSON.stringify(utf8Of(unescaped(cell)));
  }
}

/** What a double would not hold exactly stays a text. */
function numberJson(cell: string): string {
  const value = Number(cell);
  if (cell === "" || !Number.isFinite(value)) return JSON.stringify(cell);
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? JSON.stringify(cell) : String(value);
}
