// Writes rows of flow records into the views, hundreds of thousands of them, many a statement.

import type Database from "better-sqlite3";
import { sql } from "kysely";
import { type FlowRows, rowColumns } from "./flow-rows.js";
import { createFlowIndexes, dropFlowIndexes, type FlowCircumstance, flowCircumstanceColumns } from "./flow-schema.js";
import { insertStatement } from "./many-rows.js";
import { execute, type Views } from "./views.js";

const rowsAtOnce = 32;
const circumstanceColumns = Object.keys(flowCircumstanceColumns);

/** How many rows and circumstances there are. */
export type FlowRowCount = { readonly flow_rows: number; readonly circumstances: number };

export class FlowWriter {
  readonly #insert: Database.Statement;
  readonly #insertCircumstance: Database.Statement;
  readonly #isFresh: boolean;
  /** What the circumstances of each part are numbered here. */
  readonly #numbers = new Map<number, number[]>();
  #rows: number;
  #circumstances: number;
  #values: (string | number)[] = [];

  /**
   * Goes on behind the first so many rows. From the beginning, indexes are left out until `finish`: sorting once is
   * faster than finding each row's place.
   */
  constructor(
    private readonly views: Views,
    { flow_rows: rows, circumstances }: FlowRowCount,
  ) {
    this.#rows = rows;
    this.#circumstances = circumstances;
    this.#isFresh = rows === 0;
    if (this.#isFresh) for (const statement of dropFlowIndexes(views.kysely.schema)) execute(views, statement);
    execute(views, views.kysely.deleteFrom("flow_row").where(sql`rowid`, ">", rows));
    execute(views, views.kysely.deleteFrom("flow_circumstance").where("number", ">", circumstances));
    this.#insert = views.database.prepare(insertStatement("flow_row", rowColumns, rowsAtOnce));
    this.#insertCircumstance = views.database.prepare(insertStatement("flow_circumstance", circumstanceColumns, 1));
  }

  /** With those that wait to be written. */
  get written(): FlowRowCount {
    return { flow_rows: this.#rows, circumstances: this.#circumstances };
  }

  /** What one part of the fold has made. */
  add(part: number, { values, circumstances }: FlowRows): void {
    const numbers = this.#numbers.get(part) ?? [];
    this.#numbers.set(part, numbers);
    for (const circumstance of circumstances) numbers.push(this.#addCircumstance(circumstance));
    const width = rowColumns.length;
    this.#rows += values.length / width;
    for (let at = 0; at < values.length; at += width) {
      this.#values.push(numbers[(values[at] as number) - 1]!);
      for (let column = 1; column < width; column++) this.#values.push(values[at + column]!);
      if (this.#values.length < rowsAtOnce * width) continue;
      this.#insert.run(this.#values);
      this.#values.length = 0;
    }
  }

  finish(): void {
    const left = this.#values.length / rowColumns.length;
    if (left > 0) this.views.database.prepare(insertStatement("flow_row", rowColumns, left)).run(this.#values);
    this.#values = [];
    if (!this.#isFresh) return;
    for (const statement of createFlowIndexes(this.views.kysely.schema)) execute(this.views, statement);
  }

  #addCircumstance(circumstance: FlowCircumstance): number {
    const row = { number: ++this.#circumstances, ...circumstance };
    this.#insertCircumstance.run(circumstanceColumns.map((column) => row[column as keyof typeof row]));
    return row.number;
  }
}
