// The Azure Activity Log, as REST, portal and CLI give it, as exported to storage and event hubs, or as the rows of
// `AzureActivity` in Log Analytics: JSON lines, an array, or under `records` or `value` (DOMAIN 4.3). Each record is an
// event; policy history joins them into edits.

import { type Activity, activityOf, OperationBodies, operationName } from "./azure-activity.js";
import { type OperationReader, operationReaders } from "./azure-operation.js";
import { type EvidenceRecord, type JsonFormat, noteOf, problemOf, readJsonEvidence } from "./evidence-record.js";
import type { Imported, Importer } from "./importer.js";
import { rowsIn } from "./query-table.js";

export const azureActivityLog: Importer = {
  format: "azure-activity-log",
  title: "Azure Activity Log",
  recognise(head) {
    const text = new TextDecoder().decode(head);
    if (!/^[\s\uFEFF]*[[{]/.test(text) || /"flowTuples"/.test(text)) return 0;
    if (/"OperationNameValue"/.test(text) && /"(TimeGenerated|ActivityStatusValue)"/.test(text)) return 0.95;
    if (!/"operationName"/.test(text)) return 0;
    return /"(resultType|eventTimestamp|correlationId)"/.test(text) ? 0.95 : 0;
  },
  read: (evidence, context) => readJsonEvidence(evidence, context, activityFormat()),
};

/** Records that wait for the others of their operation. */
type Waiting = { readonly reader: OperationReader; readonly activity: Activity };

function activityFormat(): JsonFormat {
  const waiting: Waiting[] = [];
  let others = 0;
  return {
    unfold: rowsIn,
    *read(record) {
      const reader = operationReaders.get(operationName(record.value) ?? "");
      if (reader !== undefined) yield* readOperation(record, reader, waiting);
      else if (operationName(record.value) !== null) others++;
      else yield problemOf(record, "no Activity Log record: it has no `operationName`");
    },
    *finish() {
      yield* readWaiting(waiting);
      if (others > 0) yield noteOf(othersText(others));
    },
  };
}

function* readOperation(record: EvidenceRecord, reader: OperationReader, waiting: Waiting[]): Iterable<Imported> {
  const activity = activityOf(record, reader.bodies);
  if (typeof activity === "string") return yield problemOf(record, activity);
  yield* reader.read(activity);
  if (reader.readJoined !== undefined) waiting.push({ reader, activity });
}

function* readWaiting(waiting: readonly Waiting[]): Iterable<Imported> {
  const bodies = new OperationBodies(waiting.map(({ activity }) => activity));
  for (const { reader, activity } of waiting) {
    const body = bodies.find(activity, reader.bodies);
    if (body !== null) yield* reader.readJoined?.(activity, body) ?? [];
  }
}

function othersText(count: number): string {
  return `${count === 1 ? "1 record is" : `${count} records are`} of operations that change no rule, network or access`;
}
