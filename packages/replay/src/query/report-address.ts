// Where the first report of a reported flow record stands: file and record in the evidence, position and index in the log.

import { newReportedFlow, type Position, parseAddress, type ReportedBatch, reportAt } from "@conntrail/engine";
import { type ReportedFlowTable, readReports, reportBatchesAt, sources } from "@conntrail/store";
import type { Case } from "../case.js";

export type ReportAddress = {
  /** As given to import. */
  readonly file: string;
  readonly sha256: string;
  readonly record: number;
  /** In bytes, in the decompressed content. */
  readonly offset: number;
  readonly position: Position;
  readonly index: number;
};

/** Null where the log no longer holds it. */
export async function reportAddress(kase: Case, row: ReportedFlowTable): Promise<ReportAddress | null> {
  for (const stored of reportBatchesAt(kase.views, row.opened_at)) {
    const batch = await readReports(kase.log, stored);
    const index = batch === null ? -1 : indexIn(batch, row);
    if (batch === null || index < 0) continue;
    const { sha256, position } = stored;
    const file = sources(kase.views).find((source) => source.sha256 === sha256)?.name ?? sha256;
    const [record, offset] = [batch.record[index]!, batch.offset[index]!];
    return { file, sha256, record, offset, position: position as Position, index };
  }
  return null;
}

function indexIn(batch: ReportedBatch, row: ReportedFlowTable): number {
  const [source, destination] = [parseAddress(row.source)!, parseAddress(row.destination)!];
  const ends = [...source, row.source_port, ...destination, row.destination_port];
  const back = [...destination, row.destination_port, ...source, row.source_port];
  const report = newReportedFlow();
  for (let index = 0; index < batch.count; index++) {
    if (batch.time[index] !== row.opened_at) continue;
    const { flow, sensor, detail } = reportAt(batch, index, report);
    if (sensor !== row.sensor || detail !== row.detail || flow.protocol !== row.protocol) continue;
    const { words, sourcePort, destinationPort } = flow;
    const own = [...words.subarray(0, 4), sourcePort, ...words.subarray(4), destinationPort];
    if (isEqual(own, ends) || isEqual(own, back)) return index;
  }
  return -1;
}

function isEqual(one: readonly number[], other: readonly number[]): boolean {
  return one.every((part, index) => part === other[index]);
}
