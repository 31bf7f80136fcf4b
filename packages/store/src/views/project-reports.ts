// Projects the reports of the log anew, whole: they are few beside packets, and any edit may change what they are held
// against.

import { type Position, ReportedFold } from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import type { Control } from "./control.js";
import { inserter } from "./inserter.js";
import { PacketRecords } from "./packet-records.js";
import { readReports, reportBatches } from "./report-index.js";
import {
  checkTallyRow,
  disagreementRow,
  reportedDeniedRow,
  reportedFlowRow,
  sensorHourRow,
  skippedWindowRow,
} from "./reported-rows.js";
import { reportedTableNames } from "./reported-schema.js";
import { execute, type Views } from "./views.js";

export async function projectReports(
  log: EventLog,
  views: Views,
  { control, knownAt }: { readonly control: Control; readonly knownAt: Position | null },
): Promise<void> {
  for (const table of reportedTableNames) execute(views, views.kysely.deleteFrom(table));
  const batches = reportBatches(views, knownAt);
  if (batches.length === 0) return;
  const insertFlow = inserter(views, "reported_flow");
  const { policy, network } = control;
  const packets = new PacketRecords(views);
  const fold = new ReportedFold({
    policy,
    network,
    onRecord: (record) => insertFlow(reportedFlowRow(record)),
    packetRecordBefore: (sighting, derivation) => packets.liveBefore(sighting, derivation),
  });
  for (const row of batches) {
    const batch = await readReports(log, row);
    if (batch !== null) fold.push({ firstTime: row.first_time, batch });
  }
  const { denials, hours, skipped, checks, disagreements } = fold.finish();
  packets.close();
  const insertDenied = inserter(views, "reported_denied");
  const insertHour = inserter(views, "sensor_hour");
  const insertSkipped = inserter(views, "skipped_window");
  const insertTally = inserter(views, "check_tally");
  const insertDisagreement = inserter(views, "disagreement");
  for (const denial of denials) insertDenied(reportedDeniedRow(denial));
  for (const hour of hours) insertHour(sensorHourRow(hour));
  for (const window of skipped) insertSkipped(skippedWindowRow(window));
  for (const tally of checks) insertTally(checkTallyRow(tally));
  for (const disagreement of disagreements) insertDisagreement(disagreementRow(disagreement));
}
