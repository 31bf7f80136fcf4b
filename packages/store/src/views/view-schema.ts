// The views' tables. All of it is derived: the file can be deleted, and the next question makes it again. A change of
// schema or of the fold raises `viewVersion`, and views of another version are made anew.

import { sql } from "kysely";
import type { Migration, SqliteSchema } from "../sqlite/sqlite-schema.js";

/** How far the views have followed the log. */
export type CheckpointTable = {
  readonly name: "index" | "fold";
  readonly position: number;
  /** Of the event at that position: views of another log are not followed on. */
  readonly hash: string;
};

/** The time index: where the log holds which traffic. Times in microseconds. */
export type BatchTable = {
  readonly position: number;
  readonly first_time: number;
  readonly last_time: number;
  readonly count: number;
  readonly sha256: string;
  readonly place: string;
  readonly first_frame: number;
  readonly last_frame: number;
};

/** Evidence files by content, with the name of their first import. */
export type SourceTable = { readonly sha256: string; readonly name: string; readonly format: string };

export type FlowTable = {
  readonly id: string;
  readonly place: string;
  readonly interface: string | null;
  readonly interface_name: string | null;
  readonly direction: "inbound" | "outbound" | null;
  readonly protocol: number;
  readonly source: string;
  readonly source_port: number;
  readonly destination: string;
  readonly destination_port: number;
  readonly icmp: number;
  readonly opened_at: number;
  readonly opened_sha256: string;
  readonly opened_frame: number;
  readonly mid_stream: number;
  readonly decision: string;
  /** Why the record lets no packet pass by itself; null: it does. */
  readonly untracked: string | null;
  /** JSON: what each gate said. */
  readonly gates: string;
  readonly state: string;
  readonly last_seen: number;
  readonly ends_at: number;
  readonly ends_by: string;
  readonly packets_forward: number;
  readonly packets_backward: number;
  readonly bytes_forward: number;
  readonly bytes_backward: number;
  readonly payload_forward: number;
  readonly payload_backward: number;
};

export type DeniedTable = {
  readonly interface: string;
  readonly interface_name: string;
  readonly direction: string;
  readonly source: string;
  readonly destination: string;
  readonly destination_port: number;
  readonly protocol: number;
  readonly group: string;
  readonly rule: string;
  readonly version: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
};

export type RuleVersionTable = {
  readonly group: string;
  readonly rule: string;
  readonly version: number;
  readonly is_default: number;
  readonly from: number;
  readonly to: number;
  readonly recorded_from: number;
  /** JSON: the version's content. */
  readonly content: string;
  readonly begun_by: string | null;
  readonly ended_by: string | null;
};

export type FindingTable = {
  readonly group: string;
  readonly rule: string;
  readonly event: string;
  readonly kind: string;
  readonly message: string;
};

export type ViewTables = {
  readonly checkpoint: CheckpointTable;
  readonly batch: BatchTable;
  readonly source: SourceTable;
  readonly flow: FlowTable;
  readonly denied: DeniedTable;
  readonly rule_version: RuleVersionTable;
  readonly finding: FindingTable;
};

type ColumnType = "integer" | "text";

/** A column's type, `?` behind it where it may be null. */
type Columns<Table> = { readonly [column in keyof Table]: ColumnType | `${ColumnType}?` };

const tables: { readonly [table in keyof ViewTables]: readonly [Columns<ViewTables[table]>, ...string[]] } = {
  checkpoint: [{ name: "text", position: "integer", hash: "text" }, "name"],
  batch: [
    {
      position: "integer",
      first_time: "integer",
      last_time: "integer",
      count: "integer",
      sha256: "text",
      place: "text",
      first_frame: "integer",
      last_frame: "integer",
    },
    "position",
  ],
  source: [{ sha256: "text", name: "text", format: "text" }, "sha256"],
  flow: [
    {
      id: "text",
      place: "text",
      interface: "text?",
      interface_name: "text?",
      direction: "text?",
      protocol: "integer",
      source: "text",
      source_port: "integer",
      destination: "text",
      destination_port: "integer",
      icmp: "integer",
      opened_at: "integer",
      opened_sha256: "text",
      opened_frame: "integer",
      mid_stream: "integer",
      decision: "text",
      untracked: "text?",
      gates: "text",
      state: "text",
      last_seen: "integer",
      ends_at: "integer",
      ends_by: "text",
      packets_forward: "integer",
      packets_backward: "integer",
      bytes_forward: "integer",
      bytes_backward: "integer",
      payload_forward: "integer",
      payload_backward: "integer",
    },
    "id",
  ],
  denied: [
    {
      interface: "text",
      interface_name: "text",
      direction: "text",
      source: "text",
      destination: "text",
      destination_port: "integer",
      protocol: "integer",
      group: "text",
      rule: "text",
      version: "integer",
      first: "integer",
      last: "integer",
      count: "integer",
    },
    "interface",
    "direction",
    "source",
    "destination",
    "destination_port",
    "protocol",
    "group",
    "rule",
    "version",
  ],
  rule_version: [
    {
      group: "text",
      rule: "text",
      version: "integer",
      is_default: "integer",
      from: "integer",
      to: "integer",
      recorded_from: "integer",
      content: "text",
      begun_by: "text?",
      ended_by: "text?",
    },
    "group",
    "rule",
    "is_default",
    "version",
  ],
  finding: [
    { group: "text", rule: "text", event: "text", kind: "text", message: "text" },
    "group",
    "rule",
    "event",
    "kind",
  ],
};

export const viewTableNames = Object.keys(tables) as (keyof ViewTables)[];

/** Tables that answer questions, with the columns that make up their keys; the digest is over these. */
export const answerTables = ["flow", "denied", "rule_version", "finding"] as const;

export function keyOf(table: keyof ViewTables): readonly string[] {
  return tables[table].slice(1) as string[];
}

/** Raised with every change of the tables, and of the fold that fills them. */
const viewVersion = 3;

/** Views of another version are worth nothing: every step makes all tables anew. */
const remakeTables: Migration = ({ schema }) => [
  ...viewTableNames.map((table) => schema.dropTable(table).ifExists()),
  ...Object.entries(tables).map(([name, [columns, ...key]]) =>
    Object.entries<string>(columns)
      .reduce(
        (table, [column, type]) =>
          table.addColumn(column, type.replace("?", "") as ColumnType, (built) =>
            type.endsWith("?") ? built : built.notNull(),
          ),
        schema.createTable(name),
      )
      .addPrimaryKeyConstraint(`${name}_key`, key as never)
      .modifyEnd(sql`strict, without rowid`),
  ),
  schema.createIndex("batch_by_time").on("batch").columns(["first_time", "position"]),
  schema.createIndex("batch_by_source").on("batch").column("sha256"),
  schema.createIndex("flow_by_time").on("flow").columns(["opened_at", "id"]),
];

export const viewSchema: SqliteSchema = {
  title: "views",
  // "CtVw"
  applicationId: 0x43745677,
  migrations: Array.from({ length: viewVersion }, () => remakeTables),
};
