// Brings packets of overlapping batches into the order of the fold: (time, source, frame). Batches come in order of
// their first packet; what is earlier than the next batch can be handed on at once.

import type { Micros } from "../time.js";
import type { PacketBatch } from "./packet-batch.js";

/** A batch and where it comes from. */
export type TrafficBatch = {
  readonly place: string;
  readonly sha256: string;
  /** Of its event in the log. */
  readonly position: number;
  readonly firstTime: Micros;
  readonly batch: PacketBatch;
};

/** Packets of one batch that follow each other in the fold: places `from` to before `to` in its order. */
export type PacketRun = {
  /** The packets' indexes as the fold takes them; null: as the batch has them. */
  readonly order: Uint32Array | null;
  readonly from: number;
  readonly to: number;
};

type Cursor<B extends TrafficBatch> = { readonly traffic: B; readonly order: Uint32Array | null; at: number };

export class TrafficMerge<B extends TrafficBatch> {
  readonly #cursors: Cursor<B>[] = [];

  /** `from`: packets before this are left out. */
  constructor(
    private readonly visit: (traffic: B, run: PacketRun) => void,
    private readonly from: number = Number.NEGATIVE_INFINITY,
  ) {}

  push(traffic: B): void {
    this.drainBefore(traffic.firstTime);
    const cursor = { traffic, order: foldOrder(traffic.batch), at: 0 };
    const { count, time } = traffic.batch;
    while (cursor.at < count && time[packetAt(cursor, cursor.at)]! < this.from) cursor.at++;
    if (cursor.at < count) this.#cursors.push(cursor);
  }

  /** Hands on packets before `time`, at most `most` of them; whether all of those are handed on. */
  drainBefore(time: number, most = Number.POSITIVE_INFINITY): boolean {
    let left = most;
    while (this.#cursors.length > 0) {
      if (left === 0) return false;
      const first = earliest(this.#cursors, null)!;
      const end = endOfRun(first, earliest(this.#cursors, first), time);
      if (end === first.at) return true;
      left -= this.#handOn(first, Math.min(end, first.at + left));
    }
    return true;
  }

  #handOn(cursor: Cursor<B>, to: number): number {
    const { traffic, order, at: from } = cursor;
    this.visit(traffic, { order, from, to });
    cursor.at = to;
    if (to === traffic.batch.count) this.#cursors.splice(this.#cursors.indexOf(cursor), 1);
    return to - from;
  }
}

/** The packet at this place of the run's order. */
export function packetAt({ order }: Pick<PacketRun, "order">, place: number): number {
  return order === null ? place : order[place]!;
}

function earliest<B extends TrafficBatch>(cursors: readonly Cursor<B>[], but: Cursor<B> | null): Cursor<B> | null {
  let found: Cursor<B> | null = null;
  for (const cursor of cursors) {
    if (cursor !== but && (found === null || isBefore(cursor, found))) found = cursor;
  }
  return found;
}

/** Where the batch's turn ends: at `limit`, or where `next` comes first. Strides grow, since most runs are long or short. */
function endOfRun<B extends TrafficBatch>(cursor: Cursor<B>, next: Cursor<B> | null, limit: number): number {
  const { count, time } = cursor.traffic.batch;
  const isWithin = (place: number) =>
    time[packetAt(cursor, place)]! < limit && (next === null || !isBefore(next, cursor, place));
  if (isWithin(count - 1)) return count;
  let within = cursor.at;
  let stride = 1;
  while (within + stride < count && isWithin(within + stride - 1)) {
    within += stride;
    stride *= 2;
  }
  return firstBeyond(within, Math.min(within + stride, count) - 1, isWithin);
}

/** The first place in `low..high` that is not within; `high` is not. */
function firstBeyond(low: number, high: number, isWithin: (place: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isWithin(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Null where the batch is in the order of the fold already. */
function foldOrder({ count, time }: PacketBatch): Uint32Array | null {
  let ascending = true;
  for (let index = 1; index < count && ascending; index++) ascending = time[index - 1]! <= time[index]!;
  if (ascending) return null;
  const order = new Uint32Array(count);
  let moves = 0;
  for (let index = 0; index < count; index++) {
    let place = index;
    for (; place > 0 && time[order[place - 1]!]! > time[index]!; place--) order[place] = order[place - 1]!;
    order[place] = index;
    moves += index - place;
    if (moves > count * mostMoves) return sortedOrder(time);
  }
  return order;
}

/** Captures are nearly in order; putting each packet in its place is cheap as long as it has to move this far. */
const mostMoves = 16;

function sortedOrder(time: Float64Array): Uint32Array {
  return Uint32Array.from(time, (_, index) => index).sort((a, b) => time[a]! - time[b]! || a - b);
}

function isBefore<B extends TrafficBatch>(a: Cursor<B>, b: Cursor<B>, placeInB = b.at): boolean {
  const indexA = packetAt(a, a.at);
  const indexB = packetAt(b, placeInB);
  const byTime = a.traffic.batch.time[indexA]! - b.traffic.batch.time[indexB]!;
  if (byTime !== 0) return byTime < 0;
  if (a.traffic.sha256 !== b.traffic.sha256) return a.traffic.sha256 < b.traffic.sha256;
  return a.traffic.batch.frame[indexA]! < b.traffic.batch.frame[indexB]!;
}
