// The reports of reported flow records, found again in the log.

import {
  type Micros,
  newReportedFlow,
  type Position,
  parseAddress,
  type ReportedBatch,
  type ReportedFlow,
  reportAt,
} from "@conntrail/engine";
import { type ReportedFlowTable, readReports, reportBatchesWithin } from "@conntrail/store";
import type { Case } from "../case.js";

/** `report` is gone with the next one. */
export type StoredReport = {
  readonly report: ReportedFlow;
  readonly sha256: string;
  readonly position: Position;
  readonly batch: ReportedBatch;
  readonly index: number;
};

/** Those of instants from `from` to `to`, both included, batch by batch; `isWanted` is asked before anything else. */
export async function* storedReports(
  { views, log, knownAt }: Case,
  { from, to }: { readonly from: Micros; readonly to: Micros },
  isWanted: (report: ReportedFlow) => boolean,
): AsyncGenerator<StoredReport> {
  const report = newReportedFlow();
  for (const { sha256, position } of reportBatchesWithin(views, { from, to, knownAt })) {
    const batch = await readReports(log, { position });
    if (batch === null) continue;
    for (const index of indicesWithin(batch, from, to)) {
      if (isWanted(reportAt(batch, index, report)))
        yield { report, sha256, position: position as Position, batch, index };
    }
  }
}

function* indicesWithin({ time, count }: ReportedBatch, from: Micros, to: Micros): Iterable<number> {
  for (let index = 0; index < count; index++) if (time[index]! >= from && time[index]! <= to) yield index;
}

export type Ends = Pick<ReportedFlowTable, "source" | "source_port" | "destination" | "destination_port" | "protocol">;

/** Whether a report is about these ends: as the record was opened, or the other way round; null: about others. */
export function directionBetween(ends: Ends): (report: ReportedFlow) => "forward" | "backward" | null {
  const [source, destination] = [parseAddress(ends.source)!, parseAddress(ends.destination)!];
  const forward = [...source, ends.source_port, ...destination, ends.destination_port];
  const backward = [...destination, ends.destination_port, ...source, ends.source_port];
  return ({ flow: { words, sourcePort, destinationPort, protocol } }) => {
    if (protocol !== ends.protocol) return null;
    const own = [...words.subarray(0, 4), sourcePort, ...words.subarray(4), destinationPort];
    const isSame = (other: readonly number[]) => own.every((part, index) => part === other[index]);
    return isSame(forward) ? "forward" : isSame(backward) ? "backward" : null;
  };
}
