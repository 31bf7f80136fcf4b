// Zeek's conn.log as JSON lines, with dotted names or nested ones.

import type { ReportedFlow } from "@conntrail/engine";
import { canonicalJson } from "@conntrail/store";
import { unreadJson } from "./evidence-record.js";
import type { Evidence, Imported, ReportContext } from "./importer.js";
import { asObject, asText, type JsonObject } from "./json-field.js";
import { readJsonRecords } from "./json-records.js";
import { lackingFields } from "./zeek-columns.js";
import { isInColumns, type ZeekTexts, zeekColumns } from "./zeek-connection-report.js";
import { ZeekReading } from "./zeek-reading.js";
import { dottedName } from "./zeek-table.js";

export async function* readZeekJson(evidence: Evidence, context: ReportContext): AsyncIterable<Imported> {
  const reading = new ZeekReading(context);
  let records = 0;
  for await (const read of readJsonRecords(evidence.content())) {
    const full = read.kind === "record" ? takeRecord(reading, read) : unreadJson(read, records);
    if (full !== null) yield full;
    if (read.kind !== "incomplete") records++;
  }
  yield* reading.finish(records);
}

type Read = { readonly number: number; readonly offset: number; readonly value: unknown };

function takeRecord(reading: ZeekReading, { number, offset, value }: Read): Imported | null {
  const { gatherer, texts, problems } = reading;
  const object = asObject(value);
  const fields = object === null ? {} : flattened(untagged(object));
  const log = asText(fields._path) ?? asText(fields["@stream"]);
  const lacking = lackingFields((field) => fields[field] !== undefined);
  if (log === null && fields.ts === undefined && lacking === null) {
    problems.hear("malformed", "no record of Zeek: it has no `ts`", { record: number, example: "" });
    return null;
  }
  if (lacking?.length !== 0) {
    reading.leaveOut(log ?? "", lacking, number);
    return null;
  }
  for (const name of zeekColumns) texts[name] = fields[name] === undefined ? null : String(fields[name]);
  if (!reading.put(number, offset)) return null;
  gatherer.report.detail = jsonDetail(fields, texts, gatherer.report);
  return gatherer.add();
}

/** `{"conn": {…}}`, as Zeek's writer for Kafka tags records with their log. */
export function untagged(object: JsonObject): JsonObject {
  const [only, ...others] = Object.entries(object);
  const inner = only === undefined || others.length > 0 ? null : asObject(only[1]);
  return inner === null ? object : { _path: only![0], ...inner };
}

/** Fields under dotted names, also where something nested them; those that are null are unset. */
function flattened(object: JsonObject, prefix = ""): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    const inner = asObject(value);
    if (inner !== null) Object.assign(fields, flattened(inner, `${prefix}${key}.`));
    else if (value !== null) fields[dottedName(prefix + key)] = value;
  }
  return fields;
}

function jsonDetail(fields: JsonObject, texts: ZeekTexts, report: ReportedFlow): string {
  const kept = Object.entries(fields).filter(([name]) => !isInColumns(name, texts, report));
  return kept.length === 0 ? "" : canonicalJson(Object.fromEntries(kept));
}
