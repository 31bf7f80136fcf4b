// Reading the event table page by page: built with Kysely, run at one go, so that no read transaction outlives a page.

import type { Micros, Position } from "@conntrail/engine";
import type Database from "better-sqlite3";
import type { Compilable, Kysely, Selectable } from "kysely";
import type { StoredEvent } from "../event-codec.js";
import type { EventTable, LogTables } from "./log-schema.js";

type EventRow = Omit<Selectable<EventTable>, "category">;

export type PositionRange = {
  readonly after: number;
  readonly until: number;
  readonly categories: readonly string[] | undefined;
};

export type RevisionRange = {
  readonly stream: string;
  /** Included, in either direction. */
  readonly from: number;
  readonly direction: "forwards" | "backwards";
  readonly limit: number;
};

/** A page ends with the event that passes either. */
export const maxPageEvents = 512;
const maxPageBytes = 4 * 1024 * 1024;

const columns = [
  "position",
  "stream",
  "revision",
  "id",
  "type",
  "schema_version",
  "time",
  "last_time",
  "recorded_at",
  "attributes",
  "hash",
  "body",
] as const satisfies readonly (keyof EventTable)[];

export function eventsByPosition(kysely: Kysely<LogTables>, range: PositionRange): Compilable<EventRow> {
  const events = kysely.selectFrom("event").select(columns).orderBy("position").limit(maxPageEvents);
  if (range.categories !== undefined) return events.where("position", "in", positionsOf(kysely, range));
  return events.where("position", ">", range.after).where("position", "<=", range.until);
}

/** One walk along the index for each category, merged: with one `in (…)` SQLite reads all, or sorts all. */
function positionsOf(kysely: Kysely<LogTables>, { after, until, categories }: PositionRange) {
  const [first = "", ...others] = new Set(categories);
  const walk = (category: string) =>
    kysely
      .selectFrom("event")
      .select("position")
      .where("category", "=", category)
      .where("position", ">", after)
      .where("position", "<=", until);
  return others
    .map(walk)
    .reduce((all, one) => all.unionAll(one), walk(first))
    .orderBy("position")
    .limit(maxPageEvents);
}

export function eventsByRevision(kysely: Kysely<LogTables>, range: RevisionRange): Compilable<EventRow> {
  const { stream, from, direction, limit } = range;
  return kysely
    .selectFrom("event")
    .select(columns)
    .where("stream", "=", stream)
    .where("revision", direction === "forwards" ? ">=" : "<=", from)
    .orderBy("revision", direction === "forwards" ? "asc" : "desc")
    .limit(Math.min(limit, maxPageEvents));
}

/** Empty only at the end of the range. */
export function readPage(database: Database.Database, query: Compilable<EventRow>): readonly StoredEvent[] {
  const { sql, parameters } = query.compile();
  const page: StoredEvent[] = [];
  let bytes = 0;
  for (const row of database.prepare<unknown[], EventRow>(sql).iterate(...parameters)) {
    page.push(storedEvent(row));
    bytes += row.body.byteLength + row.attributes.length;
    if (bytes > maxPageBytes) break;
  }
  return page;
}

function storedEvent(row: EventRow): StoredEvent {
  const { stream, revision, id, type, attributes, hash, body } = row;
  return {
    stream,
    revision,
    position: row.position as Position,
    id,
    type,
    schemaVersion: row.schema_version,
    time: row.time as Micros,
    lastTime: row.last_time as Micros,
    recordedAt: row.recorded_at as Micros,
    attributes,
    // better-sqlite3 gives a Buffer, whose `slice` shares memory; decoders expect a plain array.
    body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength),
    hash,
  };
}
