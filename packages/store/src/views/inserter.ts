// Inserts row after row into one table by one prepared statement.

import type Database from "better-sqlite3";
import type { answerTables, ViewTables } from "./view-schema.js";
import type { Views } from "./views.js";

export function inserter<Table extends (typeof answerTables)[number]>(views: Views, table: Table) {
  let statement: Database.Statement | null = null;
  return (row: ViewTables[Table]): void => {
    statement ??= views.database.prepare(insertStatement(table, Object.keys(row)));
    statement.run(row);
  };
}

function insertStatement(table: string, columns: readonly string[]): string {
  const names = columns.map((column) => `"${column}"`).join(", ");
  return `insert into "${table}" (${names}) values (${columns.map((column) => `@${column}`).join(", ")})`;
}
