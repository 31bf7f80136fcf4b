// Zeek's conn.log, as its ASCII writer lays it out and as JSON lines: each line is a whole connection.

import type { ReportImporter } from "./importer.js";
import { asObject, type JsonObject } from "./json-field.js";
import { headRecords } from "./json-head.js";
import { readZeekAscii } from "./zeek-ascii-log.js";
import { readZeekJson } from "./zeek-json-log.js";
import { isNamesLine } from "./zeek-table.js";

export const zeekConnLog: ReportImporter = {
  format: "zeek-conn-log",
  title: "Zeek conn.log",
  recognise(head) {
    const text = headText(head);
    if (text.startsWith("#separator ") || isNamesLine(firstLine(text))) return 0.95;
    return headRecords(head).some(namesOriginator) ? 0.9 : 0;
  },
  read(evidence, context) {
    return isJson(headText(evidence.head)) ? readZeekJson(evidence, context) : readZeekAscii(evidence, context);
  },
};

/** Every log of Zeek about connections does, in its dotted form or nested. */
function namesOriginator(record: JsonObject): boolean {
  return record["id.orig_h"] !== undefined || asObject(record.id)?.orig_h !== undefined;
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
