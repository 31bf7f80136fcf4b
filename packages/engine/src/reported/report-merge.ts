// Brings the reports of overlapping batches into the order of the fold, and leaves out those that were there already.

import { TimerQueue } from "../timer-queue.js";
import type { ReportPlace } from "./report-order.js";
import { eachOnce } from "./report-repeats.js";
import type { ReportedBatch } from "./reported-batch.js";

/** A batch and the instant of its earliest report. */
export type StoredReports = { readonly firstTime: number; readonly batch: ReportedBatch };

/** `time`: of its next report; `order`: which batch it is. */
type Cursor = {
  readonly batch: ReportedBatch;
  readonly byTime: Uint32Array;
  readonly order: number;
  at: number;
  time: number;
};

export class ReportMerge {
  readonly #cursors = new TimerQueue<Cursor>();
  #pushed = 0;
  /** Of one instant. */
  #together: ReportPlace[] = [];

  constructor(private readonly visit: (report: ReportPlace) => void) {}

  /** Batches in the order of their first times. */
  push({ firstTime, batch }: StoredReports): void {
    this.drainBefore(firstTime);
    if (batch.count === 0) return;
    const byTime = timeOrder(batch);
    this.#cursors.add({ batch, byTime, order: this.#pushed++, at: 0, time: batch.time[byTime[0]!]! });
  }

  /** Hands on the reports before `time`. */
  drainBefore(time: number): void {
    for (let next = this.#cursors.next; next !== undefined && next.time < time; next = this.#cursors.next) {
      this.#handOn(next.time);
    }
  }

  #handOn(instant: number): void {
    for (let next = this.#cursors.next; next?.time === instant; next = this.#cursors.next) {
      this.#cursors.remove();
      if (this.#take(next)) this.#cursors.add(next);
    }
    const together = this.#together;
    this.#together = [];
    if (together.length === 1) this.visit(together[0]!);
    else for (const report of eachOnce(together)) this.visit(report);
  }

  /** All of its instant; whether it has more. */
  #take(cursor: Cursor): boolean {
    const { batch, byTime, time: instant } = cursor;
    while (cursor.at < batch.count) {
      const index = byTime[cursor.at]!;
      cursor.time = batch.time[index]!;
      if (cursor.time !== instant) return true;
      this.#together.push({ batch, index });
      cursor.at++;
    }
    return false;
  }
}

function timeOrder({ count, time }: ReportedBatch): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  let ascending = true;
  for (let index = 1; index < count && ascending; index++) ascending = time[index - 1]! <= time[index]!;
  return ascending ? order : order.sort((a, b) => time[a]! - time[b]! || a - b);
}
