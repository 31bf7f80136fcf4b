// Cuts time into slices of no more reports than fit into memory together, however many batches overlap: one source may list
// them by interface, another in no order at all.

import type { ReportBatchTable } from "./view-schema.js";

/** Reports of the batches from `from` up to and without `to`. */
export type ReportSlice = {
  readonly from: number;
  readonly to: number;
  readonly batches: readonly ReportBatchTable[];
};

/** A report takes about 130 bytes once its batch is decoded. */
export const maxSliceReports = 400_000;

/** In the order of time; batches in the order that they have. */
export function reportSlices(batches: readonly ReportBatchTable[]): readonly ReportSlice[] {
  if (batches.length === 0) return [];
  const from = batches.reduce((first, { first_time }) => Math.min(first, first_time), Number.POSITIVE_INFINITY);
  const to = batches.reduce((last, { last_time }) => Math.max(last, last_time), from) + 1;
  return halved({ from, to, batches });
}

function halved(slice: ReportSlice): readonly ReportSlice[] {
  const { from, to, batches } = slice;
  const estimate = batches.reduce((sum, batch) => sum + batch.count * shareWithin(batch, slice), 0);
  if (estimate <= maxSliceReports || to - from <= 1) return [slice];
  const middle = Math.floor((from + to) / 2);
  return [
    ...halved({ from, to: middle, batches: batches.filter(({ first_time }) => first_time < middle) }),
    ...halved({ from: middle, to, batches: batches.filter(({ last_time }) => last_time >= middle) }),
  ];
}

/** As if its reports were spread evenly. */
function shareWithin({ first_time, last_time }: ReportBatchTable, { from, to }: ReportSlice): number {
  const within = Math.min(last_time + 1, to) - Math.max(first_time, from);
  return within / (last_time + 1 - first_time);
}
