// Where the first report of a reported flow record stands: file and record in the evidence, position and index in the log.

import {
  newReportedFlow,
  type Position,
  parseAddress,
  type ReportedBatch,
  type ReportedFlow,
  reportAt,
} from "@conntrail/engine";
import { type DisagreementRow, type ReportedFlowTable, readReports, reportBatchesAt, sources } from "@conntrail/store";
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
  const [source, destination] = [parseAddress(row.source)!, parseAddress(row.destination)!];
  const ends = [...source, row.source_port, ...destination, row.destination_port];
  const back = [...destination, row.destination_port, ...source, row.source_port];
  return findReport(kase, row.opened_at, ({ flow, sensor, detail }) => {
    if (sensor !== row.sensor || detail !== row.detail || flow.protocol !== row.protocol) return false;
    const { words, sourcePort, destinationPort } = flow;
    const own = [...words.subarray(0, 4), sourcePort, ...words.subarray(4), destinationPort];
    return isEqual(own, ends) || isEqual(own, back);
  });
}

/** Of a disagreement, which names no source port; its first. Details of AWS hold the addresses where a line shows others. */
export async function reportedAt(kase: Case, row: DisagreementRow): Promise<ReportAddress | null> {
  const [source, destination] = [parseAddress(row.source)!, parseAddress(row.destination)!];
  const [ends, back] = [
    [...source, ...destination],
    [...destination, ...source],
  ];
  return findReport(kase, row.first, ({ flow, sensor, rule, detail }) => {
    if (sensor !== row.sensor || rule !== row.rule || flow.protocol !== row.protocol) return false;
    if (flow.sourcePort !== row.destination_port && flow.destinationPort !== row.destination_port) return false;
    const isShown = isEqual([...flow.words], ends) || isEqual([...flow.words], back);
    return isShown || [row.source, row.destination].some((address) => detail.includes(`"${address}"`));
  });
}

async function findReport(
  kase: Case,
  time: number,
  isWanted: (report: ReportedFlow) => boolean,
): Promise<ReportAddress | null> {
  for (const stored of reportBatchesAt(kase.views, time)) {
    const batch = await readReports(kase.log, stored);
    const index = batch === null ? -1 : indexIn(batch, time, isWanted);
    if (batch === null || index < 0) continue;
    const { sha256, position } = stored;
    const file = sources(kase.views).find((source) => source.sha256 === sha256)?.name ?? sha256;
    const [record, offset] = [batch.record[index]!, batch.offset[index]!];
    return { file, sha256, record, offset, position: position as Position, index };
  }
  return null;
}

function indexIn(batch: ReportedBatch, time: number, isWanted: (report: ReportedFlow) => boolean): number {
  const report = newReportedFlow();
  for (let index = 0; index < batch.count; index++) {
    if (batch.time[index] === time && isWanted(reportAt(batch, index, report))) return index;
  }
  return -1;
}

function isEqual(one: readonly number[], other: readonly number[]): boolean {
  return one.every((part, index) => part === other[index]);
}
