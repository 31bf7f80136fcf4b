// Spans of time whose reports are few enough to be held at once, however the batches overlap: those of a shuffled file all
// do.

import { microsPerSecond } from "@conntrail/engine";
import type { ReportBatchTable } from "./view-schema.js";

/** `to` is excluded. */
export type ReportSlice = { readonly from: number; readonly to: number; readonly rows: readonly ReportBatchTable[] };

/** About 150 bytes each, decoded: 60 MB. */
const mostReports = 400_000;

/** In order of time; rows in theirs. */
export function reportSlices(rows: readonly ReportBatchTable[], most: number = mostReports): Iterable<ReportSlice> {
  let [from, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { first_time, last_time } of rows) {
    from = Math.min(from, first_time);
    last = Math.max(last, last_time);
  }
  return halves({ from, to: last + 1, rows }, most);
}

function* halves(slice: ReportSlice, most: number): Iterable<ReportSlice> {
  const { from, to, rows } = slice;
  if (to - from <= microsPerSecond || reportsIn(slice) <= most) {
    if (rows.length > 0) yield slice;
    return;
  }
  const middle = Math.floor((from + to) / 2);
  yield* halves(part(rows, from, middle), most);
  yield* halves(part(rows, middle, to), most);
}

function part(rows: readonly ReportBatchTable[], from: number, to: number): ReportSlice {
  return { from, to, rows: rows.filter(({ first_time, last_time }) => first_time < to && last_time >= from) };
}

/** As if a batch's reports were spread evenly over its time. */
function reportsIn({ from, to, rows }: ReportSlice): number {
  return rows.reduce((sum, { first_time, last_time, count }) => {
    const inside = Math.min(to - 1, last_time) - Math.max(from, first_time) + 1;
    return sum + (count * inside) / (last_time - first_time + 1);
  }, 0);
}
