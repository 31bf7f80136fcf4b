// The time index: which batch of the log holds which packets. It makes reading traffic by time cheap in either store,
// and tells an import which frames are stored already.

import {
  type ContentRead,
  type Conversation,
  type ConversationFilter,
  CorruptBatch,
  conversationFilter,
  decodeFlows,
  type Micros,
  mayHold,
  type PacketsObserved,
  type Position,
  type RecordedEvent,
} from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import { checkpoint, equalMarks, forgetOtherLog, markAt, setCheckpoint } from "./checkpoint.js";
import { indexReports } from "./report-index.js";
import { indexRetraction, standing } from "./retraction-index.js";
import type { BatchFilterTable, BatchTable, SourceTable } from "./view-schema.js";
import { execute, inTransaction, queryAll, type Views } from "./views.js";

/** Takes in what the log has had since the last time; in a transaction of its own unless one is open. */
export async function indexTraffic(log: EventLog, views: Views): Promise<void> {
  if (views.database.inTransaction) await indexToHead(log, views);
  else await inTransaction(views, () => indexToHead(log, views));
}

async function indexToHead(log: EventLog, views: Views): Promise<void> {
  await forgetOtherLog(log, views);
  const head = await log.head();
  const mark = head === null ? null : await markAt(log, head);
  const done = checkpoint(views, "index");
  if (mark === null || equalMarks(mark, done)) return;
  const range = { from: done?.position, until: mark.position, categories: ["traffic", "import", "retraction"] };
  for await (const event of log.readAll(range)) indexEvent(views, event);
  setCheckpoint(views, "index", mark);
}

function indexEvent(views: Views, event: RecordedEvent): void {
  if (event.type === "packets-observed") {
    execute(views, views.kysely.replaceInto("batch").values(batchRow(event)));
    const filter = filterOf(event);
    if (filter !== null) {
      execute(views, views.kysely.replaceInto("batch_filter").values({ position: event.position, filter }));
    }
  } else if (event.type === "flows-reported") {
    indexReports(views, event);
  } else if (event.type === "source-retracted") {
    indexRetraction(views, event);
  } else if (event.type === "import-started") {
    const { name, format, opening = null } = event.data;
    const row: SourceTable = { sha256: event.source.sha256, name, format, opening };
    const query = views.kysely.insertInto("source").values(row);
    execute(
      views,
      query.onConflict((conflict) => conflict.doNothing()),
    );
  }
}

/** Null: its bytes are damaged, which whoever reads it is told. */
function filterOf({ data: { columns } }: RecordedEvent<PacketsObserved>): ConversationFilter | null {
  try {
    return conversationFilter(decodeFlows(columns));
  } catch (error) {
    if (error instanceof CorruptBatch) return null;
    throw error;
  }
}

function batchRow(event: RecordedEvent & { readonly type: "packets-observed" }): BatchTable {
  const { place, count, firstFrame, lastFrame, contentRead } = event.data;
  return {
    position: event.position,
    first_time: event.time,
    last_time: event.lastTime,
    count,
    sha256: event.source.sha256,
    place,
    first_frame: firstFrame,
    last_frame: lastFrame,
    read_bytes: contentRead?.bytes ?? null,
    read_sha256: contentRead?.sha256 ?? null,
  };
}

/** Null: from the beginning, to the end, all that the log holds. Instants are included. */
export type TrafficSpan = {
  readonly from: Micros | null;
  readonly until: Micros | null;
  readonly knownAt: Position | null;
};

/** Batches with packets of the span, in the order of their first packets. */
export function batchesInOrder(views: Views, { from, until, knownAt }: TrafficSpan): BatchTable[] {
  let query = views.kysely.selectFrom("batch").selectAll().orderBy("first_time").orderBy("position");
  if (from !== null) query = query.where("last_time", ">=", from);
  if (until !== null) query = query.where("first_time", "<=", until);
  if (knownAt !== null) query = query.where("position", "<=", knownAt);
  return queryAll(views, query.where(standing("batch", knownAt)));
}

/** Of these batches, those that may hold packets of the conversation. */
export function batchesWith(views: Views, rows: readonly BatchTable[], conversation: Conversation): BatchTable[] {
  const { sql, parameters } = views.kysely.selectFrom("batch_filter").selectAll().compile();
  const others = new Set<number>();
  for (const row of views.database.prepare(sql).iterate(...parameters) as Iterable<BatchFilterTable>) {
    if (!mayHold(row.filter, conversation)) others.add(row.position);
  }
  return rows.filter(({ position }) => !others.has(position));
}

export type FrameRange = Pick<BatchTable, "place" | "first_frame" | "last_frame">;

/** What the log holds of a source and nobody took back: for each place of capture the ranges of frames, in their order. */
export function storedFrames(views: Views, sha256: string): FrameRange[] {
  const query = views.kysely.selectFrom("batch").select(["place", "first_frame", "last_frame"]);
  return queryAll(views, query.where("sha256", "=", sha256).where(standing("batch", null)).orderBy("first_frame"));
}

/** Sources that begin as this capture does; where the log does not say how they begin, those that may. */
export function sourcesOpening(views: Views, opening: string, format: string): SourceTable[] {
  const query = views.kysely.selectFrom("source").selectAll().where("format", "=", format);
  return queryAll(
    views,
    query.where((is) => is.or([is("opening", "=", opening), is("opening", "is", null)])),
  );
}

/** How much had been read of a source on standard input at each of its batches, ascending; of files nothing. */
export function contentReadOf(views: Views, sha256: string): ContentRead[] {
  const query = views.kysely.selectFrom("batch").select(["read_bytes", "read_sha256"]).distinct();
  const rows = queryAll(views, query.where("sha256", "=", sha256).orderBy("read_bytes"));
  return rows.flatMap(({ read_bytes: bytes, read_sha256: hash }) =>
    bytes === null || hash === null ? [] : [{ bytes, sha256: hash }],
  );
}

export function sources(views: Views): SourceTable[] {
  return queryAll(views, views.kysely.selectFrom("source").selectAll());
}

/** The span of time that each source's packets and reports are of, taken back or not. */
export function sourceSpans(
  views: Views,
  knownAt: Position | null,
): { readonly sha256: string; readonly first: Micros; readonly last: Micros }[] {
  const { fn } = views.kysely;
  const last = knownAt ?? Number.MAX_SAFE_INTEGER;
  const spanned = ["sha256", fn.min("first_time").as("first"), fn.max("last_time").as("last")] as const;
  const packets = views.kysely.selectFrom("batch").select(spanned).where("position", "<=", last).groupBy("sha256");
  const reports = views.kysely.selectFrom("report_batch").select(spanned).where("position", "<=", last);
  const rows = queryAll(views, packets.unionAll(reports.groupBy("sha256")));
  return rows.map(({ sha256, first, last }) => ({ sha256, first: first as Micros, last: last as Micros }));
}

/** Two sources of one place of capture whose packets overlap in time. */
export type CaptureOverlap = { readonly place: string; readonly sha256s: readonly [string, string] };

/** Packets of such captures may have been seen twice. */
export function overlappingCaptures(views: Views): CaptureOverlap[] {
  const { fn } = views.kysely;
  const spans = views.kysely
    .selectFrom("batch")
    .select(["place", "sha256", fn.min("first_time").as("first"), fn.max("last_time").as("last")])
    .where(standing("batch", null))
    .groupBy(["place", "sha256"])
    .orderBy("place")
    .orderBy("first");
  const rows = queryAll(views, spans);
  return rows.flatMap((row, index) => {
    const next = rows.slice(index + 1).filter(({ place, first }) => place === row.place && first <= row.last);
    return next.map(({ sha256 }): CaptureOverlap => ({ place: row.place, sha256s: [row.sha256, sha256] }));
  });
}
