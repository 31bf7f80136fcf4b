// Brings the views up to the log's head. Rows and checkpoint are written in one transaction, so a killed process
// leaves the views as they were. New evidence folds again from the beginning.

import type { Position, Semantics } from "@conntrail/engine";
import type Database from "better-sqlite3";
import type { EventLog } from "../event-log.js";
import { checkpoint, equalMarks, markAt, setCheckpoint } from "./checkpoint.js";
import { FlowWriter } from "./flow-writer.js";
import { type Control, foldLog, readControl } from "./fold-log.js";
import { writeSegment } from "./segment-writer.js";
import { indexTraffic } from "./time-index.js";
import { findingRow, versionRow } from "./view-rows.js";
import { answerTables, type ViewTables } from "./view-schema.js";
import { execute, inTransaction, type Views } from "./views.js";

export async function isCaughtUp(log: EventLog, views: Views): Promise<boolean> {
  const head = await log.head();
  return equalMarks(head === null ? null : await markAt(log, head), checkpoint(views, "fold"));
}

export type CatchUpOptions = {
  /** Take in nothing behind this position; null: all. */
  readonly knownAt: Position | null;
  /** Fold under these semantics; null: as the resources themselves say. */
  readonly semantics: Semantics | null;
};

/** All that the log holds, as the resources themselves say. */
export const asRecorded: CatchUpOptions = { knownAt: null, semantics: null };

/** Cheap when nothing was appended since. */
export async function catchUp(log: EventLog, views: Views, options: CatchUpOptions): Promise<void> {
  if (await isCaughtUp(log, views)) return;
  await inTransaction(views, async () => {
    await indexTraffic(log, views);
    const head = await log.head();
    const until = head === null ? null : (Math.min(options.knownAt ?? head, head) as Position);
    const mark = until === null ? null : await markAt(log, until);
    const done = checkpoint(views, "fold");
    if (mark === null || equalMarks(mark, done)) return;
    if (await hasNewEvidence(log, done?.position, mark.position)) {
      await foldAll(log, views, mark.position, options.semantics);
    }
    setCheckpoint(views, "fold", mark);
  });
}

/** Import records alone change no answer. */
async function hasNewEvidence(log: EventLog, from: Position | undefined, until: Position): Promise<boolean> {
  for await (const event of log.readAll({ from, until })) {
    if (event.type !== "import-started" && event.type !== "import-finished") return true;
  }
  return false;
}

async function foldAll(log: EventLog, views: Views, head: Position, semantics: Semantics | null): Promise<void> {
  for (const table of answerTables) execute(views, views.kysely.deleteFrom(table));
  const control = await readControl(log, head);
  writePolicy(views, control);
  const flows = new FlowWriter(views);
  const projection = await foldLog(log, views, {
    control,
    knownAt: head,
    semantics,
    until: null,
    only: null,
    onFlow: (record) => flows.add(record),
    onVerdict: null,
  });
  flows.finish();
  writeSegment(views, 0, projection);
}

/** Inserts row after row by one prepared statement. */
function inserter<Table extends "rule_version" | "finding">(views: Views, table: Table) {
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

function writePolicy(views: Views, { policy }: Control): void {
  const insertVersion = inserter(views, "rule_version");
  const insertFinding = inserter(views, "finding");
  for (const history of policy.groups.values()) {
    for (const version of history.versions) insertVersion(versionRow(version));
  }
  for (const finding of policy.findings) insertFinding(findingRow(finding));
}
