// Appending to the event table: prepared statements, run inside the caller's transaction.

import type { Micros, Position } from "@conntrail/engine";
import type Database from "better-sqlite3";
import type { EncodedEvent } from "../event-codec.js";
import type { AppendResult, Clock, ExpectedRevision } from "../event-log.js";
import { type ChainEnd, chainEvents } from "../hash-chain.js";

export type Append = {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
};

type Stored = { readonly id: string; readonly revision: number; readonly position: Position };

/** The appends of one open log, as a function: several in one transaction. A conflict of one leaves the others be. */
export function prepareAppend(
  database: Database.Database,
  clock: Clock,
): (appends: readonly Append[]) => readonly AppendResult[] {
  const statements = prepareStatements(database);
  const run = (appends: readonly Append[]) => appends.map((append) => appendNow(statements, clock, append));
  return database.transaction(run).immediate;
}

function prepareStatements(database: Database.Database) {
  return {
    end: database.prepare<[string], ChainEnd>(
      "select revision, hash from event where stream = ? order by revision desc limit 1",
    ),
    lastRecordedAt: database
      .prepare<[], number>("select recorded_at from event order by position desc limit 1")
      .pluck(),
    from: database.prepare<[string, number, number], Stored>(
      "select id, revision, position from event where stream = ? and revision >= ? order by revision limit ?",
    ),
    insert: database.prepare(
      `insert into event (stream, revision, id, type, schema_version, time, last_time, recorded_at, attributes, hash, body)
       values (@stream, @revision, @id, @type, @schemaVersion, @time, @lastTime, @recordedAt, @attributes, @hash, @body)`,
    ),
  };
}

type Statements = ReturnType<typeof prepareStatements>;

function appendNow(statements: Statements, clock: Clock, append: Append): AppendResult {
  const end = statements.end.get(append.stream) ?? null;
  const actualRevision = end?.revision ?? "no-stream";
  if (append.expectedRevision === actualRevision) return insertAll(statements, append, { end, clock });
  return repeated(statements, append) ?? { kind: "conflict", actualRevision };
}

function insertAll(
  { insert, lastRecordedAt }: Statements,
  { stream, events }: Append,
  { end, clock }: { readonly end: ChainEnd | null; readonly clock: Clock },
): AppendResult {
  const last = lastRecordedAt.get();
  // A clock set back must not order what we knew: one microsecond after the last append, at least.
  const recordedAt = (last === undefined ? clock() : Math.max(clock(), last + 1)) as Micros;
  const chained = chainEvents(events, { stream, end, recordedAt });
  const positions = chained.map((event) => Number(insert.run(event).lastInsertRowid) as Position);
  return {
    kind: "appended",
    firstRevision: chained[0]!.revision,
    lastRevision: chained.at(-1)!.revision,
    lastPosition: positions.at(-1)!,
    repeated: false,
  };
}

/** The answer of an earlier append, where exactly these ids stand behind the expected revision. */
function repeated({ from }: Statements, { stream, expectedRevision, events }: Append): AppendResult | null {
  const firstRevision = expectedRevision === "no-stream" ? 0 : expectedRevision + 1;
  const stored = from.all(stream, firstRevision, events.length);
  const last = stored.at(-1);
  if (last === undefined || stored.length < events.length) return null;
  if (stored.some(({ id }, index) => id !== events[index]!.id)) return null;
  return { kind: "appended", firstRevision, lastRevision: last.revision, lastPosition: last.position, repeated: true };
}
