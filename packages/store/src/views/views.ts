// The views of a case in one SQLite file, and how they are opened: written beside the log where that is possible, else
// in a temporary file that goes with the process. Losing them loses nothing.

import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Database from "better-sqlite3";
import type { Compilable, Kysely } from "kysely";
import { LogError } from "../log-error.js";
import { openSqliteForReading, openSqliteForWriting, type SqliteFile } from "../sqlite/sqlite-file.js";
import { kyselyOf } from "../sqlite/sqlite-schema.js";
import { type ViewTables, viewSchema } from "./view-schema.js";

export type Views = {
  readonly database: Database.Database;
  readonly kysely: Kysely<ViewTables>;
  readonly readOnly: boolean;
  close(): void;
};

/** Views beside the log: made, or made anew where they are damaged or of another version. Throws `LogError`. */
export function openViews(path: string): Views {
  try {
    return viewsOf(openSqliteForWriting({ path, schema: viewSchema, synchronous: "normal", create: true }));
  } catch (error) {
    if (!(error instanceof LogError) || !isReplaceable(error) || !statSync(path).isFile()) throw error;
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
    return viewsOf(openSqliteForWriting({ path, schema: viewSchema, synchronous: "normal", create: true }));
  }
}

function isReplaceable({ kind }: LogError): boolean {
  return kind === "damaged" || kind === "newer-schema" || kind === "not-a-log";
}

/** Views that can only be read; null where there are none that this version can read. */
export function openViewsForReading(path: string): Views | null {
  if (!existsSync(path)) return null;
  try {
    return viewsOf(openSqliteForReading({ path, schema: viewSchema }));
  } catch (error) {
    if (error instanceof LogError) return null;
    throw error;
  }
}

/** Views in a temporary file, for a case that can't be written and for questions about an earlier state of the log. */
export function openTemporaryViews(): Views {
  const directory = mkdtempSync(join(tmpdir(), "conntrail-views-"));
  const path = join(directory, "views.db");
  const views = viewsOf(openSqliteForWriting({ path, schema: viewSchema, synchronous: "normal", create: true }));
  const close = () => {
    views.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { ...views, close };
}

/** In KiB: room to sort the index of some hundred thousand records in memory. */
const cacheKibibytes = 32_768;

function viewsOf(file: SqliteFile): Views {
  file.database.pragma(`cache_size = -${cacheKibibytes}`);
  const kysely = kyselyOf<ViewTables>(file.database);
  return { database: file.database, kysely, readOnly: file.readOnly, close: () => file.close() };
}

export function queryAll<Row>(views: Views, query: Compilable<Row>): Row[] {
  const { sql, parameters } = query.compile();
  return views.database.prepare(sql).all(...parameters) as Row[];
}

export function execute(views: Views, query: Compilable): void {
  const { sql, parameters } = query.compile();
  views.database.prepare(sql).run(...parameters);
}

/** Runs `action` in one transaction: all of its rows are there afterwards, or none. */
export async function inTransaction(views: Views, action: () => Promise<void>): Promise<void> {
  views.database.exec("begin immediate");
  try {
    await action();
    views.database.exec("commit");
  } catch (error) {
    if (views.database.inTransaction) views.database.exec("rollback");
    throw error;
  }
}
