// Where the first report of a reported flow record stands: file and record in the evidence, position and index in the log.

import { type Micros, type Position, parseAddress, type ReportedFlow } from "@conntrail/engine";
import { type DisagreementRow, type ReportedFlowTable, sources } from "@conntrail/store";
import type { Case } from "../case.js";
import { directionBetween, storedReports } from "./stored-report.js";

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
  const directionOf = directionBetween(row);
  const isFirst = (report: ReportedFlow) =>
    report.sensor === row.sensor && report.detail === row.detail && directionOf(report) !== null;
  return findReport(kase, row.opened_at as Micros, isFirst);
}

/** Of a disagreement, which names no source port; its first. Details of AWS hold the addresses where a line shows others. */
export async function reportedAt(kase: Case, row: DisagreementRow): Promise<ReportAddress | null> {
  const [source, destination] = [parseAddress(row.source)!, parseAddress(row.destination)!];
  const [ends, back] = [
    [...source, ...destination],
    [...destination, ...source],
  ];
  const isAbout = ({ flow, sensor, rule, verdict, detail }: ReportedFlow) => {
    if (sensor !== row.sensor || rule !== row.rule || flow.protocol !== row.protocol) return false;
    if ((verdict ?? "none") !== row.reported) return false;
    if (flow.sourcePort !== row.destination_port && flow.destinationPort !== row.destination_port) return false;
    const isShown = isEqual([...flow.words], ends) || isEqual([...flow.words], back);
    return isShown || [row.source, row.destination].some((address) => detail.includes(`"${address}"`));
  };
  const first = row.first as Micros;
  const opening = await findReport(kase, first, (report) => opensRecord(report) && isAbout(report));
  return opening ?? findReport(kase, first, isAbout);
}

/** Reports of another connection that goes on may be of the same instant. */
function opensRecord({ kind }: ReportedFlow): boolean {
  return kind !== "continued" && kind !== "ended";
}

async function findReport(
  kase: Case,
  time: Micros,
  isWanted: (report: ReportedFlow) => boolean,
): Promise<ReportAddress | null> {
  for await (const { report, sha256, position, index } of storedReports(kase, { from: time, to: time }, isWanted)) {
    const file = sources(kase.views).find((source) => source.sha256 === sha256)?.name ?? sha256;
    return { file, sha256, record: report.record, offset: report.offset, position, index };
  }
  return null;
}

function isEqual(one: readonly number[], other: readonly number[]): boolean {
  return one.every((part, index) => part === other[index]);
}
