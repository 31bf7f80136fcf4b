// VPC flow logs (DOMAIN 4.6): text as it lies in S3 or comes from CloudWatch Logs, tables of Athena, and the JSON in which
// the AWS CLI, subscriptions and Firehose wrap the same lines.

import { headerIn, splitFlowLine, unnamedFormat } from "./aws-flow-line.js";
import { FlowLogLines } from "./aws-flow-lines.js";
import { flowRecordsIn, lineOfRecord } from "./aws-flow-record.js";
import { type EvidenceRecord, problemOf, readJsonEvidence } from "./evidence-record.js";
import type { Evidence, Imported, ReportContext, ReportImporter } from "./importer.js";
import { objectsOf } from "./json-field.js";
import { headRecords, headTexts, jsonHead } from "./json-head.js";
import { LineBytes } from "./line-bytes.js";
import { LineFields } from "./line-fields.js";

export const awsVpcFlowLog: ReportImporter = {
  format: "aws-vpc-flow-log",
  title: "AWS VPC flow log",
  recognise: (head) => Math.max(0, ...firstLines(head).map(confidenceIn)),
  read: (evidence, context) => (isJson(evidence.head) ? readJson(evidence, context) : readText(evidence, context)),
};

/** A damaged line, or a stranger's comment, may stand first. */
const linesLookedAt = 20;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function firstLines(head: Uint8Array): string[] {
  const lines = isJson(head) ? messagesIn(head) : decoder.decode(head).split(/\r?\n/);
  return lines.slice(0, linesLookedAt);
}

function isJson(head: Uint8Array): boolean {
  return jsonHead(head).length > 0;
}

function messagesIn(head: Uint8Array): string[] {
  const records = [...headRecords(head), ...headTexts(head)].flatMap((value) => objectsOf([...flowRecordsIn(value)]));
  return records.flatMap((record) => lineOfRecord(record) ?? []);
}

/** Lines of a format that somebody chose do not say that they are a flow log, but they have its words. */
function confidenceIn(text: string): number {
  const bytes = encoder.encode(text);
  const line = { bytes, from: 0, to: bytes.length };
  const fields = new LineFields();
  splitFlowLine(fields, line);
  if (fields.count === 0) return 0;
  if (headerIn(fields, line) !== null || unnamedFormat(fields, line) !== null) return 1;
  return /(?:^|\s)(?:ACCEPT|REJECT)(?:\s|$)/.test(text) && /(?:^|\s)(?:eni-|(?:\d+\.){3}\d)/.test(text) ? 0.6 : 0;
}

async function* readText(evidence: Evidence, context: ReportContext): AsyncIterable<Imported> {
  const text = new LineBytes(evidence.content());
  const lines = new FlowLogLines(context);
  try {
    do {
      while (text.next()) {
        const item = lines.take(text);
        if (item !== null) yield* [item, lines.progress()];
      }
    } while (await text.fill());
    yield* lines.finish();
  } finally {
    await text.close();
  }
}

function readJson(evidence: Evidence, context: ReportContext): AsyncIterable<Imported> {
  const lines = new FlowLogLines(context);
  return readJsonEvidence(evidence, context, {
    unfold: flowRecordsIn,
    read: (record) => readMessage(record, lines),
    finish: () => lines.finish(),
  });
}

function* readMessage(record: EvidenceRecord<ReportContext>, lines: FlowLogLines): Iterable<Imported> {
  const written = lineOfRecord(record.value);
  if (written === null) {
    yield problemOf(record, "missing-field", "the record has no `message`, in which a line of the flow log would be");
    return;
  }
  const { number, offset } = record;
  for (const text of written) {
    const bytes = encoder.encode(text);
    const item = lines.take({ bytes, from: 0, to: bytes.length, number, offset, isUnbroken: false, isTooLong: false });
    if (item !== null) yield item;
  }
}
