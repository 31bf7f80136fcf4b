// A part of a batch of reported flows as a batch of its own, by numbers or by time, and the cutting of one whose bytes would
// be too many.

import { maxBatchBytes } from "../traffic/batch-slice.js";
import { type ReportedBatch, ReportedBatchBuilder, reportAt } from "./reported-batch.js";
import { encodeReportedBatch } from "./reported-batch-codec.js";
import { newReportedFlow } from "./reported-flow.js";

/** A batch and the bytes that stand for it. */
export type EncodedReports = { readonly batch: ReportedBatch; readonly columns: Uint8Array };

/** The batch's bytes, at most `maxBytes` of them; where they are more, those of its halves, and so on. */
export function encodeReportsInParts(batch: ReportedBatch, maxBytes: number = maxBatchBytes): EncodedReports[] {
  const columns = encodeReportedBatch(batch);
  if (columns.length <= maxBytes || batch.count < 2) return [{ batch, columns }];
  const middle = batch.count >> 1;
  return [
    ...encodeReportsInParts(sliceReports(batch, 0, middle), maxBytes),
    ...encodeReportsInParts(sliceReports(batch, middle, batch.count), maxBytes),
  ];
}

/** Those of instants from `from` to before `to`; the batch itself where all are. */
export function reportsWithin(batch: ReportedBatch, from: number, to: number): ReportedBatch {
  const isWithin = (time: number) => time >= from && time < to;
  if (batch.time.every(isWithin)) return batch;
  const builder = new ReportedBatchBuilder(batch.time.reduce((count, time) => count + (isWithin(time) ? 1 : 0), 0));
  const report = newReportedFlow();
  for (let index = 0; index < batch.count; index++) {
    if (isWithin(batch.time[index]!)) builder.add(reportAt(batch, index, report));
  }
  return builder.finish();
}

/** Reports `from` up to and without `to`, with the flows and texts that they name. */
export function sliceReports(batch: ReportedBatch, from: number, to: number): ReportedBatch {
  const builder = new ReportedBatchBuilder(to - from);
  const report = newReportedFlow();
  for (let index = from; index < to; index++) builder.add(reportAt(batch, index, report));
  return builder.finish();
}
