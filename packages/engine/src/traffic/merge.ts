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

type Cursor<B extends TrafficBatch> = { readonly traffic: B; readonly order: Uint32Array | null; at: number };

export class TrafficMerge<B extends TrafficBatch> {
  #cursors: Cursor<B>[] = [];
  #left = Number.POSITIVE_INFINITY;

  /** `from`: packets before this are left out. */
  constructor(
    private readonly visit: (traffic: B, index: number) => void,
    private readonly from: number = Number.NEGATIVE_INFINITY,
  ) {}

  push(traffic: B): void {
    this.drainBefore(traffic.firstTime);
    const cursor = { traffic, order: foldOrder(traffic.batch), at: 0 };
    const { count, time } = traffic.batch;
    while (cursor.at < count && time[indexOf(cursor)]! < this.from) cursor.at++;
    if (cursor.at < count) this.#cursors.push(cursor);
  }

  /** Hands on packets before `time`, at most `most` of them; whether all of those are handed on. */
  drainBefore(time: number, most = Number.POSITIVE_INFINITY): boolean {
    this.#left = most;
    while (this.#cursors.length > 0) {
      if (this.#left === 0) return false;
      const first = this.#cursors.reduce((least, cursor) => (isBefore(cursor, least) ? cursor : least));
      const others = this.#cursors.filter((cursor) => cursor !== first);
      if (!this.#run(first, others, time)) return true;
      if (first.at === first.traffic.batch.count) this.#cursors = others;
    }
    return true;
  }

  /** Visits packets of one batch as long as none of the others comes first; false when `limit` is reached in time. */
  #run(cursor: Cursor<B>, others: readonly Cursor<B>[], limit: number): boolean {
    const { traffic, order } = cursor;
    const { count, time } = traffic.batch;
    let next = others[0] ?? null;
    for (const other of others) if (next !== null && isBefore(other, next)) next = other;
    while (cursor.at < count && this.#left > 0) {
      const index = order === null ? cursor.at : order[cursor.at]!;
      if (next !== null && isBefore(next, cursor)) return true;
      if (time[index]! >= limit) return false;
      this.visit(traffic, index);
      cursor.at++;
      this.#left--;
    }
    return true;
  }
}

/** Null where the batch is in the order of the fold already. */
function foldOrder({ count, time }: PacketBatch): Uint32Array | null {
  let ascending = true;
  for (let index = 1; index < count && ascending; index++) ascending = time[index - 1]! <= time[index]!;
  if (ascending) return null;
  return Uint32Array.from({ length: count }, (_, index) => index).sort((a, b) => time[a]! - time[b]! || a - b);
}

function isBefore<B extends TrafficBatch>(a: Cursor<B>, b: Cursor<B>): boolean {
  const [indexA, indexB] = [indexOf(a), indexOf(b)];
  const byTime = a.traffic.batch.time[indexA]! - b.traffic.batch.time[indexB]!;
  if (byTime !== 0) return byTime < 0;
  if (a.traffic.sha256 !== b.traffic.sha256) return a.traffic.sha256 < b.traffic.sha256;
  return a.traffic.batch.frame[indexA]! < b.traffic.batch.frame[indexB]!;
}

function indexOf<B extends TrafficBatch>(cursor: Cursor<B>): number {
  return cursor.order === null ? cursor.at : cursor.order[cursor.at]!;
}
