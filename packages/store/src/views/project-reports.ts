// Projects the reports of the log anew, whole: they are few beside packets, and any edit may change what they are held
// against.

import { type Position, ReportedFold, reportsWithin } from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import type { Control } from "./control.js";
import { PacketRecords } from "./packet-records.js";
import { readReports, reportBatches } from "./report-index.js";
import { reportSlices } from "./report-slices.js";
import { clearReported, ReportedWriter } from "./reported-writer.js";
import type { Views } from "./views.js";

export async function projectReports(
  log: EventLog,
  views: Views,
  { control, knownAt }: { readonly control: Control; readonly knownAt: Position | null },
): Promise<void> {
  const batches = reportBatches(views, knownAt);
  if (batches.length === 0) return clearReported(views);
  const { policy, network } = control;
  const writer = new ReportedWriter(views);
  const packets = new PacketRecords(views);
  const fold = new ReportedFold({
    policy,
    network,
    onRecord: (record) => writer.addRecord(record),
    onCounts: (counts) => writer.addCounts(counts),
    packetRecordBefore: (sighting, derivation) => packets.liveBefore(sighting, derivation),
  });
  for (const { from, to, rows } of reportSlices(batches)) {
    for (const row of rows) {
      const batch = await readReports(log, row);
      if (batch !== null)
        fold.push({ firstTime: Math.max(row.first_time, from), batch: reportsWithin(batch, from, to) });
    }
  }
  fold.finish();
  packets.close();
  writer.finish();
}
