// Writes flow records into the views, hundreds of thousands of them: many rows a statement, and circumstances that many
// have in common once.

import type { FlowRecord } from "@conntrail/engine";
import type Database from "better-sqlite3";
import {
  createFlowIndexes,
  dropFlowIndexes,
  type FlowRowTable,
  flowCircumstanceColumns,
  flowRowColumns,
} from "./flow-schema.js";
import { circumstanceOf, ownRow } from "./view-rows.js";
import { execute, type Views } from "./views.js";

const rowsAtOnce = 32;
const columns = Object.keys(flowRowColumns) as (keyof FlowRowTable)[];
const ownColumns = columns.filter((column) => column !== "circumstance");

export class FlowWriter {
  readonly #circumstances: Circumstances;
  readonly #insert: Database.Statement;
  #values: (string | number)[] = [];

  /** Indexes are left out until `finish`: sorting once is faster than finding each row's place. */
  constructor(private readonly views: Views) {
    for (const statement of dropFlowIndexes(views.kysely.schema)) execute(views, statement);
    this.#circumstances = new Circumstances(views.database);
    this.#insert = views.database.prepare(insertStatement("flow_row", columns, rowsAtOnce));
  }

  add(record: FlowRecord): void {
    const values = this.#values;
    const row = ownRow(record);
    values.push(this.#circumstances.numberOf(record));
    for (const column of ownColumns) values.push(row[column]);
    if (values.length < rowsAtOnce * columns.length) return;
    this.#insert.run(values);
    values.length = 0;
  }

  finish(): void {
    const left = this.#values.length / columns.length;
    if (left > 0) this.views.database.prepare(insertStatement("flow_row", columns, left)).run(this.#values);
    this.#values = [];
    for (const statement of createFlowIndexes(this.views.kysely.schema)) execute(this.views, statement);
  }
}

/** Numbers for circumstances, told apart without working out their rows. */
class Circumstances {
  readonly #insert: Database.Statement;
  readonly #byAdmission = new Map<FlowRecord["admission"], Map<string, number>>();
  readonly #wheres = new Map<string, number>();
  #last: { readonly record: FlowRecord; readonly where: number } | null = null;
  #count = 0;

  constructor(database: Database.Database) {
    this.#insert = database.prepare(insertStatement("flow_circumstance", Object.keys(flowCircumstanceColumns), 1));
  }

  numberOf(record: FlowRecord): number {
    const { admission, direction, protocol, midStream, state, connState, endsBy } = record;
    const ofAdmission = this.#byAdmission.get(admission) ?? new Map<string, number>();
    const rest = `${this.#whereOf(record)} ${direction} ${protocol} ${midStream} ${state} ${connState} ${endsBy}`;
    const known = ofAdmission.get(rest);
    if (known !== undefined) return known;
    const row = { number: this.#count++, ...circumstanceOf(record) };
    this.#insert.run(Object.keys(flowCircumstanceColumns).map((column) => row[column as keyof typeof row]));
    this.#byAdmission.set(admission, ofAdmission.set(rest, row.number));
    return row.number;
  }

  /** One number for place, interface and source; mostly that of the record before. */
  #whereOf(record: FlowRecord): number {
    if (this.#last !== null && isFromSame(this.#last.record, record)) return this.#last.where;
    const key = [record.openedBy.sha256, record.interface, record.interfaceName, record.place].join("\n");
    const where = this.#wheres.get(key) ?? this.#wheres.size;
    this.#wheres.set(key, where);
    this.#last = { record, where };
    return where;
  }
}

function isFromSame(a: FlowRecord, b: FlowRecord): boolean {
  const sameInterface = a.interface === b.interface && a.interfaceName === b.interfaceName;
  return sameInterface && a.openedBy.sha256 === b.openedBy.sha256 && a.place === b.place;
}

function insertStatement(table: string, names: readonly string[], rows: number): string {
  const row = `(${names.map(() => "?").join(", ")})`;
  const quoted = names.map((name) => `"${name}"`).join(", ");
  return `insert into "${table}" (${quoted}) values ${new Array<string>(rows).fill(row).join(", ")}`;
}
