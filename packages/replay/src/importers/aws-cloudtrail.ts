// AWS CloudTrail: files of a trail (`{"Records": […]}`), bare arrays, JSON lines, single records, and what
// `aws cloudtrail lookup-events` prints (DOMAIN 4.7); also as CloudWatch Logs and EventBridge hand records on.

import { type AwsCall, callOf } from "./aws-call.js";
import { awsCallReaders } from "./aws-operation.js";
import { ClockCheck } from "./clock-check.js";
import { type EvidenceRecord, type JsonFormat, noteOf, problemOf, readJsonEvidence } from "./evidence-record.js";
import type { ImportContext, Imported, Importer } from "./importer.js";
import { asEmbedded, asObject, asText, field, type JsonObject, objectsOf } from "./json-field.js";
import { headRecords, headTexts, jsonHead } from "./json-head.js";

export const awsCloudtrail: Importer = {
  format: "aws-cloudtrail",
  title: "AWS CloudTrail",
  recognise(head) {
    const records = [...headRecords(head), ...headTexts(head)];
    if (objectsOf(records.flatMap((record) => [...unfold(record)])).some(isCall)) return 0.95;
    return records.length === 0 && jsonHead(head).some(isEmptyTrail) ? 0.7 : 0;
  },
  read: (evidence, context) => readJsonEvidence(evidence, context, cloudtrailFormat(context)),
};

function isCall(record: JsonObject): boolean {
  const isEvent = asText(field(record, "eventVersion")) !== null && asText(field(record, "eventCategory")) !== null;
  const service = asText(field(record, "eventSource"));
  return isEvent || (asText(field(record, "eventName")) !== null && service?.endsWith(".amazonaws.com") === true);
}

function isEmptyTrail(value: unknown): boolean {
  return Array.isArray(asObject(value)?.Records);
}

/** Read, and left out: they change nothing that conntrail follows. */
type LeftOut = { ec2: number; others: number; failedCreations: number; noCalls: number };

function cloudtrailFormat({ now }: ImportContext): JsonFormat {
  // A trail's file lists calls in no particular order.
  const clock = new ClockCheck({ now, orderToleranceMicros: null, unit: null });
  const leftOut: LeftOut = { ec2: 0, others: 0, failedCreations: 0, noCalls: 0 };
  return {
    unfold,
    *read(record) {
      const { value } = record;
      const service = asText(field(value, "eventSource"));
      if (isOtherCategory(value)) leftOut.noCalls++;
      else if (service === null || asText(field(value, "eventName")) === null)
        yield problemOf(record, "missing-field", "no CloudTrail record: it has no `eventSource` or no `eventName`");
      else if (service !== "ec2.amazonaws.com") leftOut.others++;
      else yield* readCall(record, clock, leftOut);
    },
    *finish() {
      yield* clock.told();
      yield* told(leftOut);
    },
  };
}

/** Insights and network activity tell of calls a second time. */
function isOtherCategory(record: JsonObject): boolean {
  return (asText(field(record, "eventCategory")) ?? "Management") !== "Management";
}

function* readCall(record: EvidenceRecord, clock: ClockCheck, leftOut: LeftOut): Iterable<Imported> {
  const reader = awsCallReaders.get(asText(field(record.value, "eventName"))!);
  if (reader === undefined) {
    leftOut.ec2++;
    return;
  }
  const call = callOf(record);
  if (typeof call === "string") return yield problemOf(record, "missing-field", call);
  clock.hear(call.occasion.time, record.number);
  if (call.operation.phase === "failed" && (reader.creates || isUnsaid(call))) leftOut.failedCreations++;
  else yield* countedIfSilent(reader.read(call), leftOut);
}

/** Where a caller had no right to ask, CloudTrail may keep nothing of what was asked. */
function isUnsaid({ request }: AwsCall): boolean {
  return Object.keys(request).length === 0;
}

/** A call may be about something else of the same resource. */
function* countedIfSilent(read: Iterable<Imported>, leftOut: LeftOut): Iterable<Imported> {
  let told = false;
  for (const item of read) {
    told = true;
    yield item;
  }
  if (!told) leftOut.ec2++;
}

function* told({ ec2, others, failedCreations, noCalls }: LeftOut): Iterable<Imported> {
  if (ec2 > 0) yield noteOf(`${recordsAre(ec2)} of EC2 calls that change no rule, interface or list of addresses`);
  if (others > 0) yield noteOf(`${recordsAre(others)} of other services`);
  if (noCalls > 0) yield noteOf(`${recordsAre(noCalls)} of no management events`);
  if (failedCreations > 0) yield noteOf(`${recordsAre(failedCreations)} of calls that failed and so made nothing`);
}

function recordsAre(count: number): string {
  return count === 1 ? "1 record is" : `${count} records are`;
}

/**
 * A record may stand inside another: as text in what `lookup-events` prints, with its query for these texts alone, and in a
 * log event of CloudWatch; under `detail` in an event of EventBridge.
 */
function* unfold(value: unknown): Iterable<unknown> {
  if (typeof value === "string") return yield asEmbedded(value) ?? value;
  const { CloudTrailEvent, message, detail } = asObject(value) ?? {};
  const held = CloudTrailEvent ?? message ?? detail;
  yield held === undefined ? value : (asEmbedded(held) ?? held);
}
