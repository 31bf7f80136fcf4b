// The views' tables. All of it is derived: the file can be deleted, and the next question makes it again. A change of
// schema or of the fold raises `viewVersion`, and views of another version are made anew.

import { type Compilable, type Kysely, sql } from "kysely";
import type { Migration, SqliteSchema } from "../sqlite/sqlite-schema.js";
import type { Columns, ColumnType } from "./column.js";
import {
  createFlowIndexes,
  type FlowCircumstanceTable,
  type FlowRowTable,
  type FlowTable,
  flowCircumstanceColumns,
  flowRowColumns,
  flowView,
} from "./flow-schema.js";

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
  /** `contentRead` of the event. */
  readonly read_bytes: number | null;
  readonly read_sha256: string | null;
};

/** Which conversations a batch may hold; apart from the batch, since few questions ask. */
export type BatchFilterTable = { readonly position: number; readonly filter: Uint8Array };

/** Evidence files by content, with the name of their first import; `opening` of the event. */
export type SourceTable = {
  readonly sha256: string;
  readonly name: string;
  readonly format: string;
  readonly opening: string | null;
};

/** The fold at an instant, and how far the other tables had come then. */
export type SnapshotTable = {
  /** Microseconds: all packets before are folded. */
  readonly time: number;
  /** Of the log that was folded. */
  readonly position: number;
  /** SHA-256 of what the histories said up to there. */
  readonly past: string;
  /** About how many were folded before. */
  readonly packets: number;
  /** The last row of flow records then, and the last circumstance; what counts by segments was counted in those before. */
  readonly flow_rows: number;
  readonly circumstances: number;
  readonly segment: number;
  /** CRC-32 of the state. */
  readonly checksum: number;
  readonly state: Uint8Array;
};

/** What was denied in one segment of the fold, from one snapshot to the next. */
export type DeniedRowTable = DeniedTable & { readonly segment: number };

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
  readonly batch_filter: BatchFilterTable;
  readonly source: SourceTable;
  readonly flow_record: FlowTable;
  readonly flow_row: FlowRowTable;
  readonly flow_circumstance: FlowCircumstanceTable;
  readonly denied_attempt: DeniedTable;
  readonly denied_row: DeniedRowTable;
  readonly fold_snapshot: SnapshotTable;
  readonly rule_version: RuleVersionTable;
  readonly finding: FindingTable;
};

type StoredTables = Omit<ViewTables, "flow_record" | "denied_attempt">;

const tables: { readonly [table in keyof StoredTables]: readonly [Columns<StoredTables[table]>, ...string[]] } = {
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
      read_bytes: "integer?",
      read_sha256: "text?",
    },
    "position",
  ],
  batch_filter: [{ position: "integer", filter: "blob" }, "position"],
  source: [{ sha256: "text", name: "text", format: "text", opening: "text?" }, "sha256"],
  flow_row: [flowRowColumns],
  flow_circumstance: [flowCircumstanceColumns, "number"],
  fold_snapshot: [
    {
      time: "integer",
      position: "integer",
      past: "text",
      packets: "integer",
      flow_rows: "integer",
      circumstances: "integer",
      segment: "integer",
      checksum: "integer",
      state: "blob",
    },
  ],
  denied_row: [
    {
      segment: "integer",
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

const deniedKey = [
  "interface",
  "direction",
  "source",
  "destination",
  "destination_port",
  "protocol",
  "group",
  "rule",
  "version",
] as const;

/** All segments together. */
const deniedView = sql`select interface, min(interface_name) as interface_name, ${sql.join(
  deniedKey.slice(1).map((column) => sql.ref(column)),
)}, min(first) as first, max(last) as last, sum(count) as count from denied_row group by ${sql.join(
  deniedKey.map((column) => sql.ref(column)),
)}`;

export const viewTableNames = Object.keys(tables) as (keyof StoredTables)[];

/** What answers questions, with the columns that make up the keys; the digest is over these. */
export const answerKeys = {
  flow_record: ["id"],
  denied_attempt: deniedKey,
  rule_version: tables.rule_version.slice(1) as string[],
  finding: tables.finding.slice(1) as string[],
} as const;

/** Where that is stored. */
export const answerTables = ["flow_row", "flow_circumstance", "denied_row", "rule_version", "finding"] as const;

/** Raised with every change of the tables, and of the fold that fills them. */
const viewVersion = 4;

/** Tables that were other things in earlier versions. */
const formerTables = ["flow", "denied"];

/** Views of another version are worth nothing: every step makes all tables anew. */
const remakeTables: Migration = (kysely) => [
  ...["flow_record", "denied_attempt"].map((name) => kysely.schema.dropView(name).ifExists()),
  ...[...viewTableNames, ...formerTables].map((name) => kysely.schema.dropTable(name).ifExists()),
  ...createTables(kysely),
];

const createTables: Migration = (kysely) => [
  ...Object.entries(tables).map(([name, [columns, ...key]]) => createTable(kysely, { name, columns, key })),
  kysely.schema.createIndex("batch_by_time").on("batch").columns(["first_time", "position"]),
  kysely.schema.createIndex("batch_by_source").on("batch").column("sha256"),
  ...createFlowIndexes(kysely.schema),
  kysely.schema.createView("flow_record").as(flowView),
  kysely.schema.createView("denied_attempt").as(deniedView),
  kysely.schema.createIndex("snapshot_by_time").on("fold_snapshot").column("time"),
];

type TableMade = { readonly name: string; readonly columns: Columns<unknown>; readonly key: readonly string[] };

function createTable({ schema }: Kysely<unknown>, { name, columns, key }: TableMade): Compilable {
  const table = Object.entries<string>(columns).reduce(
    (made, [column, type]) =>
      made.addColumn(column, type.replace("?", "") as ColumnType, (built) =>
        type.endsWith("?") ? built : built.notNull(),
      ),
    schema.createTable(name),
  );
  if (key.length === 0) return table.modifyEnd(sql`strict`);
  return table.addPrimaryKeyConstraint(`${name}_key`, key as never).modifyEnd(sql`strict, without rowid`);
}

export const viewSchema: SqliteSchema = {
  title: "views",
  // "CtVw"
  applicationId: 0x43745677,
  migrations: Array.from({ length: viewVersion }, () => remakeTables),
};
