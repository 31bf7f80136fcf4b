// The log's only table. Deliberately absent: triggers that refuse changes (the hash chain tells, and triggers can be
// dropped), a unique index on ids (the contract allows an id twice), and anything derived.

import { type Generated, type GeneratedAlways, sql } from "kysely";
import type { Migration, SqliteSchema } from "./sqlite-schema.js";

export type EventTable = {
  /** From 1; never given twice. */
  readonly position: Generated<number>;
  readonly stream: string;
  readonly revision: number;
  /** `categoryOf(stream)`, computed by SQLite so that it can't differ. */
  readonly category: GeneratedAlways<string>;
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  /** This and the next two in microseconds since the Unix epoch. */
  readonly time: number;
  readonly last_time: number;
  readonly recorded_at: number;
  readonly attributes: string;
  readonly body: Uint8Array;
  readonly hash: string;
};

export type LogTables = { readonly event: EventTable };

const createEvents: Migration = ({ schema }) => [
  schema
    .createTable("event")
    .addColumn("position", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("stream", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("category", "text", (column) =>
      column.notNull().generatedAlwaysAs(sql`substr(stream, 1, instr(stream || '-', '-') - 1)`),
    )
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("schema_version", "integer", (column) => column.notNull())
    .addColumn("time", "integer", (column) => column.notNull())
    .addColumn("last_time", "integer", (column) => column.notNull())
    .addColumn("recorded_at", "integer", (column) => column.notNull())
    .addColumn("attributes", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("body", "blob", (column) => column.notNull())
    .modifyEnd(sql`strict`),
  schema.createIndex("event_by_stream").on("event").columns(["stream", "revision"]).unique(),
  schema.createIndex("event_by_category").on("event").column("category"),
];

export const logSchema: SqliteSchema = {
  title: "event log",
  // "CtLg"
  applicationId: 0x43744c67,
  migrations: [createEvents],
};
