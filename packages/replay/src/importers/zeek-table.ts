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
      return { ...table, fields: values.map(dottedName), types: [] };
    case "#types":
      return { ...table, types: values };
    default:
      return table;
  }
}

/** The table behind a line of names alone, as of LogAscii's `tsv` mode; null where it is none. */
export function tableOfNames(line: string): ZeekTable | null {
  const separator = ["\t", ",", "|", ";"].find((mark) => line.includes(mark)) ?? "\t";
  const fields = line.split(separator).map(dottedName);
  return fields.includes("id.orig_h") ? { ...emptyTable, separator, fields } : null;
}

/** `id_orig_h` and the like, where `Log::default_scope_sep` is another. */
export function dottedName(name: string): string {
  if (!name.startsWith("id")) return name;
  return name.replace(/^id\W?_?(orig|resp)_([hp])$/, "id.$1_$2");
}

const escapes = /\\(?:x([0-9a-fA-F]{2})|\\)/g;

/** Zeek writes `\x09` for a byte that would not stand, and `\\` for a backslash. */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(escapes, (_, hex?: string) =>
    hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Gives a cell that is set as JSON, the same value that Zeek's JSON writer gives. */
export type CellReader = (cell: string) => string;

export function cellReader(type: string, table: ZeekTable): CellReader {
  const inner = /^(?:set|vector|table)\[(.*)\]$/.exec(type)?.[1];
  if (inner !== undefined) return listReader(cellReader(inner, table), table);
  switch (type) {
    case "bool":
      return (cell) => (cell === "T" ? "true" : "false");
    case "count":
    case "int":
    case "port":
    case "double":
    case "interval":
    case "time":
      return numberJson;
    default:
      return (cell) => (cell === table.empty ? '""' : textJson(cell));
  }
}

function listReader(readElement: CellReader, { empty, unset, setSeparator }: ZeekTable): CellReader {
  const element = (text: string) => (text === unset ? "null" : readElement(text));
  return (cell) => (cell === empty || cell === "" ? "[]" : `[${cell.split(setSeparator).map(element).join(",")}]`);
}

const plain = /^[ !#-[\]-~]*$/;

function textJson(cell: string): string {
  return plain.test(cell) ? `"${cell}"` : JSON.stringify(utf8Of(unescaped(cell)));
}

const digits = /^(?:0|[1-9]\d{0,14})$/;

/** What a double would not hold exactly stays a text. */
function numberJson(cell: string): string {
  if (digits.test(cell)) return cell;
  const value = Number(cell);
  if (cell === "" || !Number.isFinite(value)) return JSON.stringify(cell);
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? JSON.stringify(cell) : String(value);
}
