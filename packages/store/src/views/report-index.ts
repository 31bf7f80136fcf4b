// The time index of reported flows: which batch of the log holds which reports, of what source and time.

import {
  ContentHash,
  CorruptBatch,
  conversationFilter,
  decodeReportedBatch,
  decodeReportedSubjects,
  type FlowsReported,
  type Micros,
  type Position,
  type RecordedEvent,
  type ReportedBatch,
  type ReportedSubjects,
} from "@conntrail/engine";
import { sql } from "kysely";
import type { EventLog } from "../event-log.js";
import { LogError } from "../log-error.js";
import { standing } from "./retraction-index.js";
import type { ReportBatchTable } from "./view-schema.js";
import { execute, queryAll, type Views } from "./views.js";

export function indexReports(views: Views, event: RecordedEvent<FlowsReported>): void {
  const subjects = subjectsOf(event);
  const sensors = subjects === null ? "" : sensorsText(subjects.sensors);
  execute(views, views.kysely.replaceInto("report_batch").values({ ...rowOf(event), sensors }));
  if (subjects === null) return;
  const filter = conversationFilter(subjects.flows);
  execute(views, views.kysely.replaceInto("batch_filter").values({ position: event.position, filter }));
}

function rowOf({ position, time, lastTime, source, data }: RecordedEvent<FlowsReported>) {
  const { count, firstReport } = data;
  return {
    position,
    first_time: time,
    last_time: lastTime,
    count,
    sha256: source.sha256,
    first_report: firstReport,
  };
}

/** Null: its bytes are damaged, which whoever reads it is told. */
function subjectsOf({ data: { columns } }: RecordedEvent<FlowsReported>): ReportedSubjects | null {
  try {
    return decodeReportedSubjects(columns);
  } catch (error) {
    if (error instanceof CorruptBatch) return null;
    throw error;
  }
}

/** More than the log of one machine or one network has in a batch. */
const maxSensors = 64;

function sensorsText(sensors: readonly string[]): string {
  if (sensors.length > maxSensors) return "";
  return sensors.map((sensor) => ` ${new ContentHash().text(sensor).base32()} `).join("");
}

/** Whether a batch of the index may hold reports of these sensors. */
export function mayHoldSensors({ sensors }: Pick<ReportBatchTable, "sensors">, asked: readonly string[]): boolean {
  const wanted = sensorsText(asked);
  return sensors === "" || wanted === "" || wanted.split("  ").some((sensor) => sensors.includes(sensor.trim()));
}

/** Batches of reports up to a position, in the order of their first instants; null: all. */
export function reportBatches(views: Views, knownAt: Position | null): ReportBatchTable[] {
  return queryAll(views, standingBatches(views, knownAt));
}

/** Of them those that may hold reports of these instants, both included; the later ones are found faster. */
export function reportBatchesWithin(
  views: Views,
  { from, to, knownAt }: { readonly from: Micros; readonly to: Micros; readonly knownAt: Position | null },
): ReportBatchTable[] {
  const begun = sql<boolean>`+first_time <= ${to}`;
  return queryAll(views, standingBatches(views, knownAt).where("last_time", ">=", from).where(begun));
}

function standingBatches(views: Views, knownAt: Position | null) {
  const query = views.kysely.selectFrom("report_batch").selectAll().orderBy("first_time").orderBy("position");
  const known = knownAt === null ? query : query.where("position", "<=", knownAt);
  return known.where(standing("report_batch", knownAt));
}

export type ReportRange = { readonly from: number; readonly to: number };

/** Which reports of a source the log holds and nobody took back, by their numbers, `to` excluded; in their order. */
export function storedReports(views: Views, sha256: string): ReportRange[] {
  const query = views.kysely.selectFrom("report_batch").select(["first_report", "count"]);
  const rows = queryAll(
    views,
    query.where("sha256", "=", sha256).where(standing("report_batch", null)).orderBy("first_report"),
  );
  return rows.map(({ first_report: from, count }) => ({ from, to: from + count }));
}

/** The reports of one row of the index. `LogError` `damaged` where its bytes are not those that were written. */
export async function readReports(
  log: EventLog,
  { position }: Pick<ReportBatchTable, "position">,
): Promise<ReportedBatch | null> {
  const range = { from: (position - 1) as Position, until: position as Position };
  for await (const event of log.readAll(range)) if (event.type === "flows-reported") return reportsOf(event);
  return null;
}

/** As `readReports`, of the event. */
export function reportsOf({ data, position }: RecordedEvent<FlowsReported>): ReportedBatch {
  try {
    return decodeReportedBatch(data.columns);
  } catch (cause) {
    if (!(cause instanceof CorruptBatch)) throw cause;
    const message = `the flows reported at position ${position} can't be read (${cause.message}): run \`conntrail verify\``;
    throw new LogError("damaged", message, { cause });
  }
}
