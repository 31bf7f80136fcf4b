// The event log in one SQLite file: the default store, complete on its own.

import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { NewEvent, Position, RecordedEvent } from "@conntrail/engine";
import type { Kysely } from "kysely";
import { decodeEvent, encodeAppend, type StoredEvent } from "../event-codec.js";
import {
  type AppendResult,
  type Clock,
  checkAppend,
  type EventLog,
  type ExpectedRevision,
  type LogRange,
  type StreamRange,
  type Subscription,
  systemClock,
} from "../event-log.js";
import { LogError } from "../log-error.js";
import { prepareAppend } from "./append-statements.js";
import { GroupCommit } from "./group-commit.js";
import { eventsByPosition, eventsByRevision, type PositionRange, type RevisionRange, readPage } from "./log-query.js";
import { type LogTables, logSchema } from "./log-schema.js";
import { naming } from "./sqlite-error.js";
import { openSqliteForReading, openSqliteForWriting, type SqliteFile } from "./sqlite-file.js";
import { kyselyOf } from "./sqlite-schema.js";

export type SqliteLogOptions = {
  readonly path: string;
  readonly access: "read" | "write";
  /** For writing only: make the file where there is none. */
  readonly create?: boolean;
  readonly clock?: Clock;
};

/** How often a subscription looks for new events, in milliseconds. */
const pollMillis = 50;

/** `LogError` kinds: see `openSqliteForReading` and `openSqliteForWriting`. */
export function openSqliteLog({ path, access, create = false, clock = systemClock }: SqliteLogOptions): EventLog {
  if (access === "read") return new SqliteLog(openSqliteForReading({ path, schema: logSchema }), clock);
  return new SqliteLog(openSqliteForWriting({ path, schema: logSchema, synchronous: "full", create }), clock);
}

class SqliteLog implements EventLog {
  readonly #file: SqliteFile;
  readonly #kysely: Kysely<LogTables>;
  readonly #commits: GroupCommit;
  readonly #closing = new AbortController();

  constructor(file: SqliteFile, clock: Clock) {
    this.#file = file;
    this.#kysely = kyselyOf<LogTables>(file.database);
    const commit = prepareAppend(file.database, clock);
    this.#commits = new GroupCommit((appends) => naming(file.path, () => commit(appends)));
  }

  async append(stream: string, expectedRevision: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendResult> {
    checkAppend(stream, expectedRevision);
    const { path, readOnly } = this.#file;
    if (readOnly) throw new LogError("read-only", `\`${path}\` was opened for reading: open it for writing to append`);
    return this.#commits.append({ stream, expectedRevision, events: encodeAppend(events) });
  }

  async *readStream(stream: string, range: StreamRange = {}): AsyncIterable<RecordedEvent> {
    const { direction = "forwards" } = range;
    const step = direction === "forwards" ? 1 : -1;
    let from = range.from ?? (direction === "forwards" ? 0 : Number.MAX_SAFE_INTEGER);
    let limit = range.limit ?? Number.MAX_SAFE_INTEGER;
    while (limit > 0) {
      const page = this.#pageOfStream({ stream, from, direction, limit });
      if (page.length === 0) return;
      for (const event of page) yield decodeEvent(event);
      from = page.at(-1)!.revision + step;
      limit -= page.length;
      await nextTurn();
    }
  }

  async *readAll(range: LogRange = {}): AsyncIterable<RecordedEvent> {
    for await (const event of this.readStored(range)) yield decodeEvent(event);
  }

  async *readStored(range: LogRange = {}): AsyncIterable<StoredEvent> {
    const head = this.#head();
    if (head === null) return;
    const until = Math.min(range.until ?? head, head);
    let after = range.from ?? beforeAll;
    while (after < until) {
      const page = this.#page({ after, until, categories: range.categories });
      if (page.length === 0) return;
      yield* page;
      after = page.at(-1)!.position;
      await nextTurn();
    }
  }

  async *subscribe({ from, categories, signal }: Subscription = {}): AsyncIterable<RecordedEvent> {
    const ended = AbortSignal.any(signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal]);
    let after = from ?? beforeAll;
    while (!ended.aborted) {
      const page = this.#page({ after, until: afterAll, categories });
      for (const event of page) {
        if (ended.aborted) return;
        after = event.position;
        yield decodeEvent(event);
      }
      await (page.length === 0 ? pauseUnless(ended) : nextTurn());
    }
  }

  async head(): Promise<Position | null> {
    return this.#head();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#commits.flush();
    if (this.#file.database.open) this.#file.close();
  }

  #head(): Position | null {
    const query = this.#kysely.selectFrom("event").select("position").orderBy("position", "desc").limit(1).compile();
    const { database, path } = this.#file;
    const found = naming(path, () =>
      database
        .prepare<unknown[], number>(query.sql)
        .pluck()
        .get(...query.parameters),
    );
    return found === undefined ? null : (found as Position);
  }

  #page(range: PositionRange): readonly StoredEvent[] {
    return naming(this.#file.path, () => readPage(this.#file.database, eventsByPosition(this.#kysely, range)));
  }

  #pageOfStream(range: RevisionRange): readonly StoredEvent[] {
    return naming(this.#file.path, () => readPage(this.#file.database, eventsByRevision(this.#kysely, range)));
  }
}

// Not 0: a row that was moved below the first position by hand must be seen by whoever verifies.
const beforeAll = Number.MIN_SAFE_INTEGER;
const afterAll = Number.MAX_SAFE_INTEGER;

async function pauseUnless(ended: AbortSignal): Promise<void> {
  try {
    await pause(pollMillis, undefined, { signal: ended });
  } catch (error) {
    if (!ended.aborted) throw error;
  }
}
