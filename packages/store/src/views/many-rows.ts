// Inserts rows into one table, hundreds of thousands of them, many a statement.

import type Database from "better-sqlite3";
import type { Views } from "./views.js";

export type Value = string | number | null;

const rowsAtOnce = 32;

export class ManyRows {
  readonly #insert: Database.Statement;
  #values: Value[] = [];

  constructor(
    private readonly views: Views,
    private readonly table: string,
    private readonly columns: readonly string[],
  ) {
    this.#insert = views.database.prepare(insertStatement(table, columns, rowsAtOnce));
  }

  /** In the order of the columns. */
  add(row: readonly Value[]): void {
    for (const value of row) this.#values.push(value);
    if (this.#values.length < rowsAtOnce * this.columns.length) return;
    this.#insert.run(this.#values);
    this.#values.length = 0;
  }

  /** Writes those that wait. */
  finish(): void {
    const left = this.#values.length / this.columns.length;
    if (left > 0) this.views.database.prepare(insertStatement(this.table, this.columns, left)).run(this.#values);
    this.#values.length = 0;
  }
}

export function insertStatement(table: string, names: readonly string[], rows: number): string {
  const row = `(${names.map(() => "?").join(", ")})`;
  const quoted = names.map((name) => `"${name}"`).join(", ");
  return `insert into "${table}" (${quoted}) values ${new Array<string>(rows).fill(row).join(", ")}`;
}
