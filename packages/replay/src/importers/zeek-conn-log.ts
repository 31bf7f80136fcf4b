// Zeek's conn.log, as its ASCII writer lays it out and as JSON lines: each line is a whole connection.

import type { ReportImporter } from "./importer.js";
import { asObject, type JsonObject } from "./json-field.js";
import { headRecords } from "./json-head.js";
import { readZeekAscii } from "./zeek-ascii-log.js";
import { readZeekJson, untagged } from "./zeek-json-log.js";
import { dottedName, tableOfNames } from "./zeek-table.js";

export const zeekConnLog: ReportImporter = {
  format: "zeek-conn-log",
  title: "Zeek conn.log",
  recognise(head) {
    const text = headText(head);
    if (header.test(text) || tableOfNames(firstLine(text)) !== null) return 0.95;
    return headRecords(head).map(untagged).some(namesOriginator) ? 0.9 : 0;
  },
  read(evidence, context) {
    return isJson(headText(evidence.head)) ? readZeekJson(evidence, context) : readZeekAscii(evidence, context);
  },
};

/** Among comments, of which Zeek has none and people some; `#Fields:` is of other logs. */
const header = /^(?:#[^\n]*\n)*#(?:separator |(?:fields|path)[^\w:])/;

/** Every log of Zeek about connections does, in its dotted form or nested. */
function namesOriginator(record: JsonObject): boolean {
  return (
    Object.keys(record).some((name) => dottedName(name) === "id.orig_h") || asObject(record.id)?.orig_h !== undefined
  );
}

const recognitionBytes = 8192;

function headText(head: Uint8Array): string {
  return new TextDecoder("latin1").decode(head.subarray(0, recognitionBytes)).replace(/^(?:ï»¿)?\s*/, "");
}

function firstLine(text: string): string {
  return text.slice(0, text.indexOf("\n") >>> 0).replace(/\r$/, "");
}

function isJson(text: string): boolean {
  return /^[[{]/.test(text);
}
