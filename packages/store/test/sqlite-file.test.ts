import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireImportLock, type EventLog, openSqliteLog, verifyLog } from "@conntrail/store";
import Database from "better-sqlite3";
import { sql } from "kysely";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openSqliteForReading, openSqliteForWriting } from "../src/sqlite/sqlite-file.js";
import type { SqliteSchema } from "../src/sqlite/sqlite-schema.js";
import { packetEvent, smallEvents } from "./sample-events.js";
import { mountReadOnly, mountRefusal, temporaryDirectory } from "./temporary-directory.js";

function openForWriting(path: string): EventLog {
  const log = openSqliteLog({ path, access: "write", create: true });
  onTestFinished(() => log.close());
  return log;
}

/** A directory with a `log.db` of ten events, at rest. */
async function directoryAtRest(): Promise<string> {
  const directory = temporaryDirectory();
  const log = openForWriting(join(directory, "log.db"));
  await log.append("rules-a", "no-stream", smallEvents(0, 10));
  await log.close();
  return directory;
}

/** What `kill -9` leaves of a writer: `log.db` with ten events in its WAL. By `cp`, see `sqlite-file.ts` on `node:fs`. */
async function directoryLeftBehind(...suffixes: readonly string[]): Promise<string> {
  const alive = temporaryDirectory();
  const left = temporaryDirectory();
  const log = openForWriting(join(alive, "log.db"));
  await log.append("rules-a", "no-stream", smallEvents(0, 10));
  for (const suffix of ["", ...suffixes]) execFileSync("cp", [join(alive, `log.db${suffix}`), left]);
  return left;
}

async function countEvents(directory: string): Promise<number> {
  const log = openSqliteLog({ path: join(directory, "log.db"), access: "read" });
  const { events, problems } = await verifyLog(log);
  await log.close();
  expect(problems).toEqual([]);
  return events;
}

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

const openError = (path: string, access: "read" | "write") => errorOf(() => openSqliteLog({ path, access }));

describe("a log at rest", () => {
  it("is one file", async () => {
    expect(readdirSync(await directoryAtRest())).toEqual(["log.db"]);
  });

  it("is still one file after it was read", async () => {
    const directory = await directoryAtRest();
    expect(await countEvents(directory)).toBe(10);
    expect(readdirSync(directory)).toEqual(["log.db"]);
  });

  it("comes to rest with the last of its users, whether that reads or writes", async () => {
    for (const last of ["read", "write"] as const) {
      const directory = await directoryAtRest();
      const path = join(directory, "log.db");
      const first = openForWriting(path);
      await first.append("rules-a", 9, smallEvents(10, 5));
      const other = openSqliteLog({ path, access: last });
      expect(await other.head()).toBe(15);
      await first.close();
      expect(await other.head()).toBe(15);
      await other.close();
      expect(readdirSync(directory)).toEqual(["log.db"]);
      expect(await countEvents(directory)).toBe(15);
    }
  });

  it("is not disturbed by a reader that comes and goes while it is written", async () => {
    const directory = await directoryAtRest();
    const writer = openForWriting(join(directory, "log.db"));
    for (let i = 10; i < 30; i++) {
      await writer.append("rules-a", i - 1, smallEvents(i, 1));
      expect(await countEvents(directory)).toBe(i + 1);
    }
  });
});

describe("a write-ahead log that was left behind", () => {
  it.each(["read", "write"] as const)("is folded back by opening to %s", async (access) => {
    const directory = await directoryLeftBehind("-wal", "-shm");
    const log = openSqliteLog({ path: join(directory, "log.db"), access });
    expect(await log.head()).toBe(10);
    await log.close();
    expect(readdirSync(directory)).toEqual(["log.db"]);
    expect(await countEvents(directory)).toBe(10);
  });

  it("is left alone beside another program's file", () => {
    const path = join(temporaryDirectory(), "log.db");
    const theirs = new Database(path);
    theirs.pragma("journal_mode = WAL");
    theirs.exec("create table t (x)");
    for (const access of ["read", "write"] as const) {
      expect(openError(path, access)).toMatchObject({ kind: "not-a-log" });
    }
    expect(theirs.pragma("journal_mode", { simple: true })).toBe("wal");
    theirs.close();
  });
});

const refusal = mountRefusal();

describe.skipIf(refusal !== null)(`where nothing can be written${refusal === null ? "" : ` (${refusal})`}`, () => {
  const states = {
    "a log at rest": () => directoryAtRest(),
    "a killed writer's log": () => directoryLeftBehind("-wal", "-shm"),
    "a killed writer's log without its index": () => directoryLeftBehind("-wal"),
    "a log in WAL mode without a WAL": async () => {
      const directory = await directoryAtRest();
      const database = new Database(join(directory, "log.db"));
      database.pragma("journal_mode = WAL");
      database.close();
      return directory;
    },
  };

  it.each(Object.entries(states))("%s is read, and nothing stays in the temporary directory", async (_, make) => {
    const directory = await make();
    const temporary = temporaryDirectory();
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const files = readdirSync(directory);
    mountReadOnly(directory);
    expect(await countEvents(directory)).toBe(10);
    expect(readdirSync(directory)).toEqual(files);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each(Object.entries(states))("%s can't be opened for writing", async (_, make) => {
    const directory = await make();
    mountReadOnly(directory);
    expect(openError(join(directory, "log.db"), "write")).toMatchObject({ kind: "read-only" });
  });

  it("no log can be made, and no import begun", async () => {
    const directory = temporaryDirectory();
    mountReadOnly(directory);
    const made = errorOf(() => openSqliteLog({ path: join(directory, "log.db"), access: "write", create: true }));
    expect(made).toMatchObject({ kind: "read-only" });
    await expect(acquireImportLock(directory, { waitMillis: 0 })).rejects.toMatchObject({ kind: "read-only" });
  });

  it("a copy that has no room is refused with what to do", async () => {
    const directory = await directoryLeftBehind("-wal");
    const temporary = temporaryDirectory();
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    mountReadOnly(directory);
    mountReadOnly(temporary);
    expect(openError(join(directory, "log.db"), "read")).toMatchObject({ kind: "unreadable" });
  });
});

describe("a log opened for reading", () => {
  it("refuses to append", async () => {
    const directory = await directoryAtRest();
    const log = openSqliteLog({ path: join(directory, "log.db"), access: "read" });
    const refused = log.append("rules-a", 9, smallEvents(10, 1));
    await expect(refused).rejects.toMatchObject({ name: "LogError", kind: "read-only" });
    await log.close();
  });

  it("sees what a writer appends meanwhile", async () => {
    const directory = await directoryAtRest();
    const path = join(directory, "log.db");
    const reader = openSqliteLog({ path, access: "read" });
    expect(await reader.head()).toBe(10);
    await openForWriting(path).append("rules-a", 9, [packetEvent(10, 200_000)]);
    expect(await reader.head()).toBe(11);
    await reader.close();
  });
});

describe("paths that are no log", () => {
  it("a missing file is not made unless that was asked for", () => {
    const path = join(temporaryDirectory(), "log.db");
    for (const access of ["read", "write"] as const) expect(openError(path, access)).toMatchObject({ kind: "missing" });
    expect(existsSync(path)).toBe(false);
  });

  it("a missing directory is not made", () => {
    const path = join(temporaryDirectory(), "none", "log.db");
    const error = errorOf(() => openSqliteLog({ path, access: "write", create: true }));
    expect(error).toMatchObject({ kind: "missing" });
    expect(openError(path, "read")).toMatchObject({ kind: "missing" });
  });

  it("a directory, a text, and another program's database are refused and stay as they are", () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "folder"));
    writeFileSync(join(directory, "text"), "no database, but long enough to be taken for one ".repeat(100));
    new Database(join(directory, "theirs")).exec("create table t (x)").close();
    for (const name of ["folder", "text", "theirs"]) {
      for (const access of ["read", "write"] as const) {
        expect(openError(join(directory, name), access), name).toMatchObject({ kind: "not-a-log" });
      }
    }
    expect(readdirSync(directory)).toEqual(["folder", "text", "theirs"]);
  });

  it("an empty file holds nothing to read, but can become a log", async () => {
    const path = join(temporaryDirectory(), "log.db");
    writeFileSync(path, "");
    expect(openError(path, "read")).toMatchObject({ kind: "not-a-log" });
    const log = openSqliteLog({ path, access: "write" });
    expect(await log.head()).toBeNull();
    await log.close();
  });

  it("a log cut short is damaged", async () => {
    const directory = await directoryAtRest();
    truncateSync(join(directory, "log.db"), 4096 * 2 + 100);
    for (const access of ["read", "write"] as const) {
      const opened = errorOf(() => openSqliteLog({ path: join(directory, "log.db"), access }));
      const found = "close" in (opened as object) ? await verified(opened as EventLog) : opened;
      expect(found).toMatchObject({ kind: expect.stringMatching(/^(damaged|unreadable)$/) });
    }
  });
});

async function verified(log: EventLog): Promise<unknown> {
  const { problems } = await verifyLog(log);
  await log.close();
  return problems[0];
}

describe("schema versions", () => {
  const first: SqliteSchema = {
    title: "test file",
    applicationId: 17,
    migrations: [({ schema }) => [schema.createTable("one").addColumn("x", "integer")]],
  };
  const second: SqliteSchema = {
    ...first,
    migrations: [
      ...first.migrations,
      ({ schema }) => [
        schema.alterTable("one").addColumn("y", "integer", (column) => column.notNull().defaultTo(sql.lit(2))),
      ],
    ],
  };
  const write = (path: string, schema: SqliteSchema) =>
    openSqliteForWriting({ path, schema, synchronous: "normal", create: true });

  function fileOfFirst(): string {
    const path = join(temporaryDirectory(), "test.db");
    const file = write(path, first);
    file.database.exec("insert into one values (1)");
    file.close();
    return path;
  }

  it("an older file is migrated with its rows when it is opened for writing", () => {
    const path = fileOfFirst();
    const file = write(path, second);
    expect(file.database.prepare("select * from one").all()).toEqual([{ x: 1, y: 2 }]);
    file.close();
    const again = openSqliteForReading({ path, schema: second });
    expect(again.database.pragma("user_version", { simple: true })).toBe(2);
    again.close();
  });

  it("an older file is refused for reading, with what to do", () => {
    const path = fileOfFirst();
    expect(errorOf(() => openSqliteForReading({ path, schema: second }))).toMatchObject({ kind: "older-schema" });
  });

  it("a newer file is refused, and stays as it is", () => {
    const path = join(temporaryDirectory(), "test.db");
    write(path, second).close();
    for (const open of [() => write(path, first), () => openSqliteForReading({ path, schema: first })]) {
      const message = expect.stringContaining("update conntrail");
      expect(errorOf(open)).toMatchObject({ kind: "newer-schema", message });
    }
    write(path, second).close();
  });

  it("a newer log is refused", async () => {
    const directory = await directoryAtRest();
    const path = join(directory, "log.db");
    const database = new Database(path);
    database.pragma("user_version = 2");
    database.close();
    for (const access of ["read", "write"] as const) {
      expect(openError(path, access)).toMatchObject({ name: "LogError", kind: "newer-schema" });
    }
  });

  it("a migration that fails leaves no trace", () => {
    const path = fileOfFirst();
    const broken = { ...second, migrations: [...second.migrations, second.migrations[1]!] };
    expect(() => write(path, broken)).toThrow(/duplicate column/);
    const file = openSqliteForReading({ path, schema: first });
    expect(file.database.prepare("select * from one").all()).toEqual([{ x: 1 }]);
    file.close();
  });
});

describe("the import lock", () => {
  it("has one holder at a time; the next one waits, and says so once", async () => {
    const directory = temporaryDirectory();
    const first = (await acquireImportLock(directory, { waitMillis: 0 }))!;
    expect(await acquireImportLock(directory, { waitMillis: 0 })).toBeNull();
    const onWait = vi.fn();
    const waiting = acquireImportLock(directory, { waitMillis: 10_000, onWait });
    setTimeout(() => first.release(), 150);
    const second = (await waiting)!;
    expect(onWait).toHaveBeenCalledTimes(1);
    second.release();
    (await acquireImportLock(directory, { waitMillis: 0 }))!.release();
  });

  it("gives up after the wait", async () => {
    const directory = temporaryDirectory();
    const first = (await acquireImportLock(directory, { waitMillis: 0 }))!;
    const began = Date.now();
    expect(await acquireImportLock(directory, { waitMillis: 200 })).toBeNull();
    expect(Date.now() - began).toBeGreaterThanOrEqual(200);
    first.release();
  });
});
