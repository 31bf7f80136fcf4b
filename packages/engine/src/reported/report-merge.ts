// Brings the reports of overlapping batches into the order of the fold, and leaves out those that were there already.

import type { ReportPlace } from "./report-order.js";
import { eachOnce } from "./report-repeats.js";
import type { ReportedBatch } from "./reported-batch.js";

/** A batch and the instant of its earliest report. */
export type StoredReports = { readonly firstTime: number; readonly batch: ReportedBatch };

type Cursor = { readonly batch: ReportedBatch; readonly order: Uint32Array; at: number; next: number };

export class ReportMerge {
  #cursors: Cursor[] = [];
  /** Of one instant. */
  #together: ReportPlace[] = [];

  constructor(private readonly visit: (report: ReportPlace) => void) {}

  /** Batches in the order of their first times. */
  push({ firstTime, batch }: StoredReports): void {
    this.drainBefore(firstTime);
    if (batch.count === 0) return;
    const order = timeOrder(batch);
    this.#cursors.push({ batch, order, at: 0, next: batch.time[order[0]!]! });
  }

  /** Hands on the reports before `time`. */
  drainBefore(time: number): void {
    for (let instant = this.#earliest(); instant < time; instant = this.#earliest()) this.#handOn(instant);
  }

  #earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { next } of this.#cursors) if (next < earliest) earliest = next;
    return earliest;
  }

  #handOn(instant: number): void {
    let ended = false;
    for (const cursor of this.#cursors) {
      while (cursor.next === instant) ended = this.#take(cursor) || ended;
    }
    if (ended) this.#cursors = this.#cursors.filter(({ next }) => next < Number.POSITIVE_INFINITY);
    const together = this.#together;
    this.#together = [];
    if (together.length === 1) this.visit(together[0]!);
    else for (const report of eachOnce(together)) this.visit(report);
  }

  /** Whether it was the batch's last. */
  #take(cursor: Cursor): boolean {
    const { batch, order } = cursor;
    this.#together.push({ batch, index: order[cursor.at]! });
    cursor.at++;
    const ended = cursor.at === batch.count;
    cursor.next = ended ? Number.POSITIVE_INFINITY : batch.time[order[cursor.at]!]!;
    return ended;
  }
}

function timeOrder({ count, time }: ReportedBatch): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  let ascending = true;
  for (let index = 1; index < count && ascending; index++) ascending = time[index - 1]! <= time[index]!;
  return ascending ? order : order.sort((a, b) => time[a]! - time[b]! || a - b);
}
