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
import {
  createReportedIndexes,
  type ReportedCircumstanceTable,
  type ReportedFlowTable,
  type ReportedRowTable,
  reportedCircumstanceColumns,
  reportedFlowView,
  reportedRowColumns,
} from "./reported-flow-schema.js";
import {
  countTableOf,
  type ReportedCountName,
  type ReportedCountTables,
  type ReportedTextTable,
  reportedCountColumns,
  reportedCountKey,
  reportedCountNames,
  reportedCountView,
  reportedTextColumns,
} from "./reported-schema.js";
import { type RuleHitTable, ruleHitKey, ruleHitView } from "./rule-hit-schema.js";
import {
  rowTableOf,
  type SegmentRowTables,
  type SegmentTableName,
  type SegmentTables,
  segmentColumns,
  segmentKey,
  segmentTableNames,
  segmentView,
} from "./segment-schema.js";

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

/** The time index of reported flows. Times in microseconds. */
export type ReportBatchTable = {
  readonly position: number;
  readonly first_time: number;
  readonly last_time: number;
  readonly count: number;
  readonly sha256: string;
  /** The number of its first report in the source, from 0. */
  readonly first_report: number;
  /** Whose reports it holds, by hash, between blanks; empty: it may hold anybody's. */
  readonly sensors: string;
};

/** Which conversations a batch may hold; apart from the batch, since few questions ask. */
export type BatchFilterTable = { readonly position: number; readonly filter: Uint8Array };

/** Positions at which sources were taken back. */
export type RetractionTable = { readonly position: number; readonly sha256: string };

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
  readonly report_batch: ReportBatchTable;
  readonly source: SourceTable;
  readonly retraction: RetractionTable;
  readonly flow_record: FlowTable;
  readonly flow_row: FlowRowTable;
  readonly flow_circumstance: FlowCircumstanceTable;
  readonly fold_snapshot: SnapshotTable;
  readonly rule_version: RuleVersionTable;
  readonly finding: FindingTable;
  readonly rule_hit: RuleHitTable;
  readonly reported_flow: ReportedFlowTable;
  readonly reported_row: ReportedRowTable;
  readonly reported_circumstance: ReportedCircumstanceTable;
  readonly reported_text: ReportedTextTable;
} & ReportedCountTables &
  CountRowTables &
  SegmentTables &
  SegmentRowTables;

/** What they hold is read through their views. */
type CountRowTables = { readonly [name in ReportedCountName as `${name}_row`]: object };

type SummedTables = SegmentTables & SegmentRowTables & ReportedCountTables & CountRowTables;
type StoredTables = Omit<ViewTables, "flow_record" | "rule_hit" | "reported_flow" | keyof SummedTables>;

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
  report_batch: [
    {
      position: "integer",
      first_time: "integer",
      last_time: "integer",
      count: "integer",
      sha256: "text",
      first_report: "integer",
      sensors: "text",
    },
    "position",
  ],
  batch_filter: [{ position: "integer", filter: "blob" }, "position"],
  source: [{ sha256: "text", name: "text", format: "text", opening: "text?" }, "sha256"],
  retraction: [{ position: "integer", sha256: "text" }, "position"],
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
  reported_row: [reportedRowColumns],
  reported_circumstance: [reportedCircumstanceColumns, "number"],
  reported_text: [reportedTextColumns, "number"],
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

const segmentRowTables = segmentTableNames.map(rowTableOf);
const countRowTables = reportedCountNames.map(countTableOf);

export const viewTableNames = [
  ...(Object.keys(tables) as (keyof StoredTables)[]),
  ...segmentRowTables,
  ...countRowTables,
];

/** What answers questions, with the columns that make up the keys; the digest is over these. */
export const answerKeys = {
  flow_record: ["id"],
  denied: segmentKey("denied"),
  table_full: segmentKey("table_full"),
  unrecorded_hit: segmentKey("unrecorded_hit"),
  traffic: segmentKey("traffic"),
  rule_hit: ruleHitKey,
  rule_version: tables.rule_version.slice(1) as string[],
  finding: tables.finding.slice(1) as string[],
  reported_flow: ["id"],
  reported_denied: reportedCountKey("reported_denied"),
  sensor_hour: reportedCountKey("sensor_hour"),
  check_tally: reportedCountKey("check_tally"),
  disagreement: reportedCountKey("disagreement"),
  skipped_window: reportedCountKey("skipped_window"),
} as const;

/** Where that is stored. */
export const answerTables = [
  "flow_row",
  "flow_circumstance",
  "rule_version",
  "finding",
  "reported_row",
  "reported_circumstance",
  "reported_text",
  ...countRowTables,
  ...segmentRowTables,
] as const;

/** Raised with every change of the tables, and of the fold that fills them. */
const viewVersion = 11;

/** Views of another version are worth nothing: the last step makes all anew. */
const migrations: readonly Migration[] = Array.from({ length: viewVersion }, (_, step) => (kysely) => [
  ...(step + 1 === deniedIsView ? ["flow", "denied"].map((name) => kysely.schema.dropTable(name).ifExists()) : []),
  ...(step + 1 === reportsAreViews ? onceReportTables.map((name) => kysely.schema.dropTable(name).ifExists()) : []),
  ...(step + 1 === viewVersion ? remakeTables(kysely) : []),
]);

/** The version from which on `denied` is a view; `flow` was a table until version 2. */
const deniedIsView = 4;
/** The version from which on what sensors reported is read through views. */
const reportsAreViews = 9;
const onceReportTables = ["reported_flow", "reported_denied", "sensor_hour", "check_tally", "disagreement"];
const reportViews = ["reported_flow", ...reportedCountNames];

const remakeTables: Migration = (kysely) => [
  ...["rule_hit", "flow_record", ...segmentTableNames, ...reportViews].map((name) =>
    kysely.schema.dropView(name).ifExists(),
  ),
  ...viewTableNames.map((name) => kysely.schema.dropTable(name).ifExists()),
  ...createTables(kysely),
];

const createTables: Migration = (kysely) => [
  ...Object.entries(tables).map(([name, [columns, ...key]]) => createTable(kysely, { name, columns, key })),
  kysely.schema.createIndex("batch_by_time").on("batch").columns(["first_time", "position"]),
  kysely.schema.createIndex("batch_by_source").on("batch").column("sha256"),
  kysely.schema.createIndex("report_batch_by_time").on("report_batch").columns(["first_time", "position"]),
  kysely.schema.createIndex("report_batch_by_end").on("report_batch").column("last_time"),
  kysely.schema.createIndex("report_batch_by_source").on("report_batch").column("sha256"),
  ...createFlowIndexes(kysely.schema),
  kysely.schema.createView("flow_record").as(flowView),
  ...createReportedIndexes(kysely.schema),
  kysely.schema.createView("reported_flow").as(reportedFlowView),
  ...reportedCountNames.flatMap((name) => createCountTable(kysely, name)),
  ...segmentTableNames.flatMap((name) => createSegmentTable(kysely, name)),
  kysely.schema.createView("rule_hit").as(ruleHitView),
  kysely.schema.createIndex("snapshot_by_time").on("fold_snapshot").column("time"),
];

/** Without a key: several parts of a fold may count the same in one segment. */
function createSegmentTable(kysely: Kysely<unknown>, name: SegmentTableName): Compilable[] {
  return [
    createTable(kysely, { name: rowTableOf(name), columns: segmentColumns(name), key: [] }),
    kysely.schema.createView(name).as(segmentView(name)),
  ];
}

function createCountTable(kysely: Kysely<unknown>, name: ReportedCountName): Compilable[] {
  return [
    createTable(kysely, { name: countTableOf(name), columns: reportedCountColumns(name), key: [] }),
    kysely.schema.createView(name).as(reportedCountView(name)),
  ];
}

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
  migrations,
};
