// Flow records that sensors reported, as they are stored: a narrow row each, and what thousands of them have in common
// once. Questions read both as one, the view `reported_flow`.

import { type Compilable, type SchemaModule, sql } from "kysely";
import type { Columns } from "./column.js";

/** As questions read it. Times in microseconds; sensors and rules as JSON, empty for no rule. */
export type ReportedFlowTable = Omit<ReportedRowTable, "circumstance"> & ReportedCircumstance;

/** What is a record's own. */
export type ReportedRowTable = {
  readonly circumstance: number;
  readonly id: string;
  readonly source: string;
  readonly source_port: number;
  readonly destination: string;
  readonly destination_port: number;
  readonly icmp: number;
  readonly opened_at: number;
  readonly last_seen: number;
  readonly ended_at: number | null;
  readonly reports: number;
  readonly packets_forward: number | null;
  readonly packets_backward: number | null;
  readonly bytes_forward: number | null;
  readonly bytes_backward: number | null;
  /** JSON of `CheckClue`, empty for none. */
  readonly clue: string;
  readonly detail: string;
};

export type ReportedCircumstance = {
  readonly sensor: string;
  readonly rule: string;
  /** Null: the sensor does not judge. */
  readonly verdict: string | null;
  readonly interface: string | null;
  readonly interface_name: string | null;
  readonly direction: string | null;
  readonly protocol: number;
  /** 1 where a report tells of the opening. */
  readonly opening_told: number;
  /** What the rules say, as we know them, and how that compares: see `CheckOutcome`. */
  readonly derived: string;
  readonly gates: string;
  /** `CheckBasis`; null: nothing is held against it. */
  readonly basis: string | null;
  readonly outcome: string;
};

export type ReportedCircumstanceTable = ReportedCircumstance & { readonly number: number };

export const reportedRowColumns: Columns<ReportedRowTable> = {
  circumstance: "integer",
  id: "text",
  source: "text",
  source_port: "integer",
  destination: "text",
  destination_port: "integer",
  icmp: "integer",
  opened_at: "integer",
  last_seen: "integer",
  ended_at: "integer?",
  reports: "integer",
  packets_forward: "integer?",
  packets_backward: "integer?",
  bytes_forward: "integer?",
  bytes_backward: "integer?",
  clue: "text",
  detail: "text",
};

export const reportedCircumstanceColumns: Columns<ReportedCircumstanceTable> = {
  number: "integer",
  sensor: "text",
  rule: "text",
  verdict: "text?",
  interface: "text?",
  interface_name: "text?",
  direction: "text?",
  protocol: "integer",
  opening_told: "integer",
  derived: "text",
  gates: "text",
  basis: "text?",
  outcome: "text",
};

/** `cross join` keeps SQLite from beginning with the circumstances. */
export const reportedFlowView = sql`select ${sql.join(
  [...Object.keys(reportedRowColumns), ...Object.keys(reportedCircumstanceColumns)]
    .filter((column) => column !== "circumstance" && column !== "number")
    .map((column) => sql.ref(column)),
)} from reported_row cross join reported_circumstance on number = circumstance`;

const indexes: { readonly [name: string]: readonly (keyof ReportedRowTable)[] } = {
  reported_by_time: ["opened_at"],
  reported_by_ends: ["source", "destination"],
};

export function createReportedIndexes(schema: SchemaModule): Compilable[] {
  return [
    schema.createIndex("reported_by_id").on("reported_row").column("id").unique(),
    ...Object.entries(indexes).map(([name, columns]) =>
      schema
        .createIndex(name)
        .on("reported_row")
        .columns([...columns]),
    ),
  ];
}

export function dropReportedIndexes(schema: SchemaModule): Compilable[] {
  return ["reported_by_id", ...Object.keys(indexes)].map((name) => schema.dropIndex(name));
}
