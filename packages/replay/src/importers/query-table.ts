// What the query interface of Log Analytics answers: `{"tables": [{"columns": [{"name": …}], "rows": [[…]]}]}`, as
// `az rest` keeps it. Each row is an object under the names of the columns, as `az monitor log-analytics query` prints it.

import { asObject, asText, field, type JsonObject, objectsOf } from "./json-field.js";

/** The rows of all tables; a value that is no such answer, itself. */
export function rowsIn(value: unknown): Iterable<unknown> {
  const tables = field(asObject(value), "tables");
  return Array.isArray(tables) ? objectsOf(tables).flatMap(rowsOf) : [value];
}

function rowsOf(table: JsonObject): unknown[] {
  const names = objectsOf(field(table, "columns")).map((column) => asText(field(column, "name", "ColumnName")) ?? "");
  const rows = field(table, "rows");
  return Array.isArray(rows) ? rows.map((row) => (Array.isArray(row) ? rowOf(names, row) : row)) : [];
}

function rowOf(names: readonly string[], cells: readonly unknown[]): JsonObject {
  return Object.fromEntries(names.map((name, index) => [name, cells[index]]));
}
