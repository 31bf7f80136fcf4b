// What a SQLite file of ours must look like: an application id says whose it is, `user_version` how many migrations it
// has seen. Both are changed in one transaction with the tables, so a killed migration leaves no trace.

import type Database from "better-sqlite3";
import { type Compilable, Kysely, SqliteDialect } from "kysely";
import { LogError } from "../log-error.js";

/** The statements of one step, built with Kysely; step `i` lifts version `i` to `i + 1`. Never edited once released. */
export type Migration = (kysely: Kysely<unknown>) => readonly Compilable[];

export type SqliteSchema = {
  /** For messages: `event log`. */
  readonly title: string;
  /** https://sqlite.org/pragma.html#pragma_application_id */
  readonly applicationId: number;
  readonly migrations: readonly Migration[];
};

/** An open database, and the path to name in messages (a copy of a file is open elsewhere). */
export type OpenDatabase = { readonly database: Database.Database; readonly path: string };

/** For building queries; they are run by better-sqlite3 itself, which is synchronous. */
export function kyselyOf<Tables>(database: Database.Database): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
}

/** Throws `LogError` `not-a-log` on another program's file, and `newer-schema`. */
export function checkSchema({ database, path }: OpenDatabase, schema: SqliteSchema): void {
  if (!isFresh(database) && !isOurs(database, schema)) {
    throw new LogError("not-a-log", `\`${path}\` is no ${schema.title} of conntrail: give another path`);
  }
  const version = versionOf(database);
  if (version <= schema.migrations.length) return;
  const message = `\`${path}\` has schema version ${version}, this conntrail knows ${schema.migrations.length}`;
  throw new LogError("newer-schema", `${message}: update conntrail`);
}

export function isOurs(database: Database.Database, schema: SqliteSchema): boolean {
  return database.pragma("application_id", { simple: true }) === schema.applicationId;
}

export function isCurrent(database: Database.Database, schema: SqliteSchema): boolean {
  return isOurs(database, schema) && versionOf(database) === schema.migrations.length;
}

/** Brings a fresh or older file up to date. Several processes may try at once: one does it, the others wait. */
export function migrate(open: OpenDatabase, schema: SqliteSchema): void {
  if (isCurrent(open.database, schema)) return;
  open.database.transaction(() => runMigrations(open, schema)).immediate();
}

function runMigrations(open: OpenDatabase, schema: SqliteSchema): void {
  checkSchema(open, schema);
  const { database } = open;
  const kysely = kyselyOf<unknown>(database);
  for (const step of schema.migrations.slice(versionOf(database))) {
    for (const statement of step(kysely)) database.exec(statement.compile().sql);
  }
  database.pragma(`application_id = ${schema.applicationId}`);
  database.pragma(`user_version = ${schema.migrations.length}`);
}

function isFresh(database: Database.Database): boolean {
  const tables = database.prepare("select count(*) from sqlite_schema").pluck().get();
  return tables === 0 && versionOf(database) === 0 && database.pragma("application_id", { simple: true }) === 0;
}

function versionOf(database: Database.Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}
