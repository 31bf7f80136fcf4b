// Projects the log: hands its traffic to the parts of the fold in the order of time, and has them saved every so often.

import { availableParallelism } from "node:os";
import { type FoldShare, type Micros, needsPlace, type Position, type Semantics, toMicros } from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import type { Control } from "./control.js";
import type { FlowRows } from "./flow-rows.js";
import { type FoldPart, type FoldTask, LocalPart, type SegmentRows, type StoredTraffic } from "./fold-part.js";
import { ThreadPart } from "./fold-thread.js";
import type { FoldParts } from "./snapshots.js";
import { batchesInOrder } from "./time-index.js";
import { sharesOf } from "./traffic-shares.js";
import type { BatchTable } from "./view-schema.js";
import type { Views } from "./views.js";

/** What becomes of what the parts make. */
export type ProjectionSink = {
  addFlows(part: number, rows: FlowRows): void;
  /** Whether so many packets after the last snapshot the next one may be due. */
  mayBeDue(packets: number): boolean;
  isDue(packets: number, live: number): boolean;
  /** Whether so many records can be saved at all. */
  canSave(live: number): boolean;
  /** The state before the packets of an instant, and what was counted since the last one. */
  save(saved: { readonly time: Micros; readonly packets: number; readonly states: readonly Uint8Array[] }): void;
  addSegment(rows: readonly SegmentRows[]): void;
};

export type ProjectOptions = {
  readonly control: Control;
  readonly semantics: Semantics | null;
  readonly knownAt: Position | null;
  readonly from: FoldParts;
  /** Threads that fold beside this one; 0: none. Left out: as many as pay. No answer depends on it. */
  readonly workers?: number;
  /** Awaited after each batch, with the number of its packets. */
  readonly onBatch?: (packets: number) => void | Promise<void>;
};

type Part = { readonly share: FoldShare | undefined; readonly fold: FoldPart };

/** Projects the traffic that the time index knows. */
export async function projectLog(
  log: EventLog,
  views: Views,
  sink: ProjectionSink,
  options: ProjectOptions,
): Promise<void> {
  const { from, knownAt } = options;
  const rows = batchesInOrder(views, { from: from[0]?.time ?? null, until: null, knownAt });
  const parts = makeParts(rows, sink, options);
  try {
    const projecting = { log, rows, parts, sink, onBatch: options.onBatch };
    await pushAll(projecting, from[0]?.time ?? Number.NEGATIVE_INFINITY);
    sink.addSegment(await Promise.all(parts.map(({ fold }) => fold.finish())));
  } finally {
    for (const { fold } of parts) await fold.close();
  }
}

type Projecting = {
  readonly log: EventLog;
  readonly rows: readonly BatchTable[];
  readonly parts: readonly Part[];
  readonly sink: ProjectionSink;
  readonly onBatch: ProjectOptions["onBatch"];
};

async function pushAll(projecting: Projecting, from: number): Promise<void> {
  const { log, rows, parts, sink, onBatch } = projecting;
  let packets = 0;
  let saved = from;
  for (const row of rows) {
    const time = row.first_time as Micros;
    if (time > saved && sink.mayBeDue(packets) && sink.isDue(packets, await liveIn(parts))) {
      await saveAll(projecting, time, packets);
      saved = time;
    }
    const needing = parts.filter(({ share }) => share === undefined || needsPlace(share, row.place));
    for await (const traffic of readStored(log, row)) for (const { fold } of needing) await fold.push(traffic);
    packets += row.count;
    await onBatch?.(row.count);
  }
  const end = rows.reduce((last, row) => Math.max(last, row.last_time), Number.NEGATIVE_INFINITY);
  if (rows.length > 0 && sink.canSave(await liveIn(parts))) await saveAll(projecting, toMicros(end + 1), packets);
}

async function liveIn(parts: readonly Part[]): Promise<number> {
  const live = await Promise.all(parts.map(({ fold }) => fold.live()));
  return live.reduce((sum, own) => sum + own, 0);
}

async function saveAll({ parts, sink }: Projecting, time: Micros, packets: number): Promise<void> {
  const saved = await Promise.all(parts.map(({ fold }) => fold.save(time)));
  sink.addSegment(saved.map(({ rows }) => rows));
  sink.save({ time, packets, states: saved.map(({ state }) => state) });
}

async function* readStored(log: EventLog, { position }: BatchTable): AsyncIterable<StoredTraffic> {
  const range = { from: (position - 1) as Position, until: position as Position };
  for await (const event of log.readAll(range)) {
    if (event.type !== "packets-observed") continue;
    const { place, columns } = event.data;
    yield { place, sha256: event.source.sha256, position, firstTime: event.time as Micros, columns };
  }
}

function makeParts(rows: readonly BatchTable[], sink: ProjectionSink, options: ProjectOptions): Part[] {
  const { control, semantics, from } = options;
  const { events } = control;
  const task: FoldTask = { events, semantics, from };
  const workers = options.workers ?? workersFor(rows);
  if (workers === 0)
    return [{ share: undefined, fold: new LocalPart(task, (made) => sink.addFlows(0, made), control) }];
  const shares = workers === 1 ? [undefined] : sharesOf(workers, { rows, events });
  return shares.map((share, part) => {
    const own = share === undefined ? task : { ...task, share };
    return { share, fold: new ThreadPart(own, (made) => sink.addFlows(part, made)) };
  });
}

/** A thread takes as long to begin as so many packets to fold. */
const packetsForThread = 250_000;
const mostWorkers = 4;

/** Beside this thread, which reads and writes. */
function workersFor(rows: readonly BatchTable[]): number {
  const packets = rows.reduce((sum, { count }) => sum + count, 0);
  if (packets < packetsForThread) return 0;
  return Math.max(1, Math.min(mostWorkers, availableParallelism() - 1, Math.floor(packets / packetsForThread)));
}
