// Records of JSON that hold a line of a VPC flow log: as a text under `message`, or field by field under their names, as
// queries of CloudWatch Logs Insights and of Athena give them.

import { asObject, asText, field, type JsonObject, objectsOf } from "./json-field.js";

/** What `aws logs get-query-results` answers is unfolded into its rows, a line alone is one; anything else is itself. */
export function flowRecordsIn(value: unknown): readonly unknown[] {
  if (typeof value === "string") return [{ message: value }];
  const rows = asObject(value)?.results;
  return Array.isArray(rows) ? rows.map(rowOf) : [value];
}

/** `[{"field": "@message", "value": "2 1234…"}, …]`. */
function rowOf(cells: unknown): JsonObject {
  return Object.fromEntries(objectsOf(cells).map((cell) => [asText(cell.field) ?? "", cell.value]));
}

/** The line, behind a header where the record names its fields; null where it holds none. */
export function lineOfRecord(record: JsonObject): readonly string[] | null {
  const message = asText(field(record, "message", "@message"));
  if (message !== null) return [message];
  const named = Object.entries(record).filter(([name, value]) => isField(name) && typeof value !== "object");
  if (!named.some(([name]) => telling.has(name))) return null;
  return [named.map(([name]) => name).join(" "), named.map(([, value]) => asText(value) ?? "-").join(" ")];
}

/** Without `@ptr` and the like. */
function isField(name: string): boolean {
  return /^[A-Za-z][\w-]*$/.test(name);
}

/** Other logs of flows have no such field. */
const telling: ReadonlySet<string> = new Set(
  ["interface-id", "log-status"].flatMap((name) => [name, name.replace("-", "_"), name.replace("-", "")]),
)
  .add("interfaceId")
  .add("logStatus");
