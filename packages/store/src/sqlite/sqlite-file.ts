// Opening and closing SQLite files of a case. In use for writing a file has a write-ahead log (WAL); at rest it is one
// self-contained file that can be copied, and read where nothing can be written. Nobody may open such a file with
// `node:fs` while this process has it open: closing that handle would drop SQLite's locks (POSIX advisory locks).

import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import Database from "better-sqlite3";
import { LogError } from "../log-error.js";
import { busyTimeoutMillis, unlessBusy, untilFree } from "./busy-wait.js";
import { isSqliteError, naming } from "./sqlite-error.js";
import { checkSchema, isCurrent, isOurs, migrate, type OpenDatabase, type SqliteSchema } from "./sqlite-schema.js";

export type SqliteFile = {
  readonly database: Database.Database;
  /** As asked for, also where a copy is read. */
  readonly path: string;
  readonly readOnly: boolean;
  /** Leaves one file without a WAL, unless others still use it: then the last of them does. Never fails for others. */
  close(): void;
};

export type OpenForWriting = {
  readonly path: string;
  readonly schema: SqliteSchema;
  /** `full`: an append is on disk when it returns. `normal`: a power cut may undo the last ones, in order. */
  readonly synchronous: "full" | "normal";
  /** Whether to make the file where there is none; its directory must exist. */
  readonly create: boolean;
};

/** Migrates an older file. `LogError` kinds: `missing`, `not-a-log`, `read-only`, `newer-schema`, `busy`. */
export function openSqliteForWriting({ path, schema, synchronous, create }: OpenForWriting): SqliteFile {
  checkPath(path, create);
  return naming(path, () => {
    const database = new Database(path, { fileMustExist: !create, timeout: busyTimeoutMillis });
    const prepare = () => prepareForWriting({ database, path }, schema, synchronous);
    closingOnError(database, prepare);
    return { database, path, readOnly: false, close: () => closeWriter(database) };
  });
}

/**
 * Works where nothing can be written, also behind a process that was killed: then from a temporary copy. Where it can,
 * it folds a left-over WAL back. `LogError` kinds: `missing`, `not-a-log`, `unreadable`, `newer-schema`, `older-schema`.
 */
export function openSqliteForReading({ path, schema }: Pick<OpenForWriting, "path" | "schema">): SqliteFile {
  checkPath(path, false);
  foldLeftOver(path, schema);
  const file = naming(path, () => openInPlace(path, schema)) ?? openCopy(path, schema);
  closingOnError(file, () => naming(path, () => checkReadable(file, schema)));
  return file;
}

function checkPath(path: string, create: boolean): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return;
  if (found !== undefined) throw new LogError("not-a-log", `\`${path}\` is no file: give the path of a log`);
  if (!create) throw new LogError("missing", `there is no file \`${path}\`: make a case with \`conntrail init\``);
  if (existsSync(dirname(path))) return;
  throw new LogError("missing", `there is no directory \`${dirname(path)}\`: make it first`);
}

function prepareForWriting(open: OpenDatabase, schema: SqliteSchema, synchronous: string): void {
  const { database } = open;
  checkSchema(open, schema);
  untilFree(() => database.pragma("journal_mode = WAL"));
  database.pragma(`synchronous = ${synchronous}`);
  foldBack(database);
  database.pragma(`busy_timeout = ${busyTimeoutMillis}`);
  migrate(open, schema);
}

function closeWriter(database: Database.Database): void {
  settle(database);
  database.close();
}

/** Folds the WAL back as far as others allow, and does without it where there are no others. */
function settle(database: Database.Database): void {
  tolerant(() => foldBack(database));
  tolerant(() => database.pragma("journal_mode = DELETE"));
}

/**
 * Does not wait: a connection that found the file just made keeps a read lock of its own, and waits for that until the
 * busy timeout is over (SQLite 3.53.2, one in 200 openings by three processes at once).
 */
function foldBack(database: Database.Database): void {
  database.pragma("busy_timeout = 0");
  unlessBusy(() => database.pragma("wal_checkpoint(TRUNCATE)"));
}

/** SQLite refuses while others use the file, or where nothing can be written: then it stays as it is, and whole. */
function tolerant(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!isSqliteError(error)) throw error;
  }
}

function foldLeftOver(path: string, schema: SqliteSchema): void {
  if (existsSync(`${path}-wal`)) tolerant(() => fold(path, schema));
}

function fold(path: string, schema: SqliteSchema): void {
  const database = new Database(path, { fileMustExist: true, timeout: 0 });
  try {
    if (isOurs(database, schema)) settle(database);
  } finally {
    database.close();
  }
}

/** Null where SQLite needs to write something beside the file and can't. */
function openInPlace(path: string, schema: SqliteSchema): SqliteFile | null {
  try {
    const database = openReadOnly(path);
    return { database, path, readOnly: true, close: () => closeReader(database, path, schema) };
  } catch (error) {
    if (isSqliteError(error) && /^SQLITE_(CANTOPEN|READONLY)/.test(error.code)) return null;
    throw error;
  }
}

function openReadOnly(path: string): Database.Database {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMillis });
  // Opening reads nothing; this does.
  closingOnError(database, () => database.pragma("user_version"));
  return database;
}

function closeReader(database: Database.Database, path: string, schema: SqliteSchema): void {
  database.close();
  foldLeftOver(path, schema);
}

function openCopy(path: string, schema: SqliteSchema): SqliteFile {
  const directory = makeTemporaryDirectory(path);
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const copy = join(directory, basename(path));
  try {
    copyWithJournals(path, copy);
    fold(copy, schema);
    const database = openReadOnly(copy);
    const close = () => {
      database.close();
      remove();
    };
    return { database, path, readOnly: true, close };
  } catch (cause) {
    remove();
    throw unreadable(path, cause);
  }
}

function makeTemporaryDirectory(path: string): string {
  try {
    return mkdtempSync(join(tmpdir(), "conntrail-"));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function copyWithJournals(path: string, copy: string): void {
  for (const suffix of ["", "-wal", "-journal"]) {
    if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
  }
}

function unreadable(path: string, cause: unknown): LogError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `\`${path}\` can't be read, nor copied to \`${tmpdir()}\`: allow reading, or set TMPDIR (${reason})`;
  return new LogError("unreadable", message, { cause });
}

function checkReadable({ database, path }: OpenDatabase, schema: SqliteSchema): void {
  checkSchema({ database, path }, schema);
  if (isCurrent(database, schema)) return;
  if (isOurs(database, schema)) {
    throw new LogError(
      "older-schema",
      `\`${path}\` has an older schema: open it for writing once, in a copy if need be`,
    );
  }
  throw new LogError("not-a-log", `\`${path}\` holds nothing yet: make a case with \`conntrail init\``);
}

function closingOnError(opened: { close(): unknown }, action: () => void): void {
  try {
    action();
  } catch (error) {
    opened.close();
    throw error;
  }
}
