// The Azure Activity Log, as REST, portal and CLI give it, as exported to storage and event hubs, or as the rows of
// `AzureActivity` in Log Analytics: JSON lines, an array, or under `records` or `value` (DOMAIN 4.3). Each record is an
// event; policy history joins them into edits.

import { type Activity, activityOf, operationName, writtenTime } from "./azure-activity.js";
import { type OperationReader, operationReaders } from "./azure-operation.js";
import { OperationWindow } from "./azure-operation-window.js";
import { azureInstant, isMonthFirst } from "./azure-time.js";
import { ClockCheck } from "./clock-check.js";
import { type EvidenceRecord, type JsonFormat, noteOf, problemOf, readJsonEvidence } from "./evidence-record.js";
import type { ImportContext, Imported, Importer } from "./importer.js";
import { asText, field, type JsonObject, objectsOf } from "./json-field.js";
import { headRecords } from "./json-head.js";
import { rowsIn } from "./query-table.js";

export const azureActivityLog: Importer = {
  format: "azure-activity-log",
  title: "Azure Activity Log",
  recognise: (head) =>
    Math.max(
      0,
      ...headRecords(head)
        .flatMap((record) => objectsOf([...rowsIn(record)]))
        .map(likeness),
    ),
  read: (evidence, context) => readJsonEvidence(evidence, context, activityFormat(context)),
};

/** How much a record looks like one of the Activity Log: other logs of Azure have the same fields (DOMAIN 4.3). */
function likeness(record: JsonObject): number {
  const operation = operationName(record);
  if (operation === null) return 0;
  if (field(record, "OperationNameValue") !== undefined) {
    return field(record, "TimeGenerated", "ActivityStatusValue") === undefined ? 0 : 0.95;
  }
  if (asText(field(record, "eventTimestamp")) !== null) return 0.95;
  // Operations of resources have paths; those of Microsoft Entra are words.
  if (!operation.includes("/") || field(record, "resultType", "correlationId") === undefined) return 0;
  const category = asText(field(record, "category"))?.toLowerCase() ?? null;
  if (category !== null && !categories.has(category)) return 0;
  return category !== null || /\/(write|delete|action)$/.test(operation) ? 0.95 : 0.6;
}

/** "Categories in the Activity Log" [A14], and what older exports have in their place. */
const categories: ReadonlySet<string> = new Set([
  "administrative",
  "servicehealth",
  "resourcehealth",
  "alert",
  "autoscale",
  "security",
  "recommendation",
  "policy",
  "write",
  "delete",
  "action",
]);

function activityFormat({ now }: ImportContext): JsonFormat {
  // REST lists the newest first, storage the oldest: order says nothing.
  const clock = new ClockCheck({ now, orderToleranceMicros: null, unit: null });
  const waiting = new OperationWindow();
  let [others, monthFirst] = [0, 0];
  return {
    unfold: rowsIn,
    *read(record) {
      const reader = operationReaders.get(operationName(record.value) ?? "");
      if (reader !== undefined && isMonthFirst(writtenTime(record.value))) monthFirst++;
      if (reader !== undefined) yield* readOperation(record, reader, { clock, waiting });
      else if (operationName(record.value) !== null) others++;
      else yield problemOf(record, "missing-field", "no Activity Log record: it has no `operationName`");
    },
    *finish() {
      yield* waiting.finish();
      yield* clock.told();
      if (others > 0) yield noteOf(othersText(others));
      if (monthFirst > 0) yield noteOf(monthFirstText(monthFirst));
    },
  };
}

type Heard = { readonly clock: ClockCheck; readonly waiting: OperationWindow };

function* readOperation(
  record: EvidenceRecord,
  reader: OperationReader,
  { clock, waiting }: Heard,
): Iterable<Imported> {
  const activity = activityOf(record, reader.bodies);
  if (typeof activity === "string") return yield problemOf(record, "missing-field", activity);
  hearTimes(clock, record, activity);
  yield* reader.read(activity);
  if (reader.readJoined !== undefined) yield* waiting.take(reader, activity);
}

function hearTimes(clock: ClockCheck, { number, value }: EvidenceRecord, { occasion }: Activity): void {
  clock.hear(occasion.time, number);
  const received = azureInstant(field(value, "submissionTimestamp"));
  if (received !== null) clock.hearReceipt(occasion.time, received, number);
}

function monthFirstText(count: number): string {
  return `${count === 1 ? "1 time is" : `${count} times are`} written as \`3/18/2026 10:05:00\`, and read with the month first, as UTC`;
}

function othersText(count: number): string {
  return `${count === 1 ? "1 record is" : `${count} records are`} of operations that change no rule, network or access`;
}
