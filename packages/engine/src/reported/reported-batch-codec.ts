// A batch of reported flows as bytes, for the log. Version 1, inside its seal: the count, the times, the flow dictionary,
// the lists of texts, then each column as differences.

import { openSealed, writeChecksum, writeHeader } from "../traffic/batch-seal.js";
import { CorruptBatch } from "../traffic/corrupt-batch.js";
import type { FlowDictionary } from "../traffic/flow-dictionary.js";
import { readFlowDictionary, writeFlowDictionary } from "../traffic/flow-dictionary-codec.js";
import { readResiduals, writeResiduals } from "../traffic/residuals.js";
import {
  type ByteSink,
  type ByteSource,
  maxWideVarintBytes,
  putDifference,
  readCount,
  readSum,
  reserve,
  unzigzag,
  writeVarint,
  zigzag,
} from "../traffic/varint.js";
import { type ReportColumns, type ReportedBatch, reportColumns } from "./reported-batch.js";
import { readTexts, writeTexts } from "./text-list-codec.js";

/** In this order they are written; `time` before all else, so that the count can be checked against the bytes. */
const columnNames = Object.keys(reportColumns(0)).filter((name) => name !== "time") as (keyof ReportColumns)[];

/** Any batch comes back from its bytes exactly; its numbers must be safe integers. */
export function encodeReportedBatch(batch: ReportedBatch): Uint8Array {
  const sink: ByteSink = { bytes: new Uint8Array(1024 + batch.count * 24), at: 0 };
  writeHeader(sink, "reported flow");
  writeVarint(sink, batch.count);
  writeWide(sink, batch.time, null);
  writeFlowDictionary(sink, batch.flows);
  for (const texts of [batch.sensors, batch.rules, batch.details]) writeTexts(sink, texts);
  for (const name of columnNames) {
    const column = batch[name];
    if (column instanceof Uint32Array) writeNarrow(sink, column);
    else writeWide(sink, column, baseOf(name, batch.time));
  }
  writeChecksum(sink);
  return sink.bytes.slice(0, sink.at);
}

/** Throws `CorruptBatch` where no batch can be read. */
export function decodeReportedBatch(bytes: Uint8Array): ReportedBatch {
  const source = openSealed(bytes, "reported flow");
  const count = readCount(source, source.end - source.at, "reports");
  const columns = reportColumns(count);
  readWide(source, columns.time, null);
  const flows = readFlowDictionary(source);
  const [sensors, rules, details] = [readTexts(source), readTexts(source), readTexts(source)];
  for (const name of columnNames) {
    const column = columns[name];
    if (column instanceof Uint32Array) readNarrow(source, column);
    else readWide(source, column, baseOf(name, columns.time));
  }
  const batch = { count, flows, sensors, rules, details, ...columns };
  checkReferences(source, batch);
  if (source.at !== source.end) throw new CorruptBatch(source.at, "bytes are left over");
  return batch;
}

/** Between whom, and who tells it. */
export type ReportedSubjects = { readonly flows: FlowDictionary; readonly sensors: readonly string[] };

/** That alone of a batch's bytes. Throws `CorruptBatch`. */
export function decodeReportedSubjects(bytes: Uint8Array): ReportedSubjects {
  const source = openSealed(bytes, "reported flow");
  readWide(source, new Float64Array(readCount(source, source.end - source.at, "reports")), null);
  return { flows: readFlowDictionary(source), sensors: readTexts(source) };
}

/** Ends of windows stand as how long they took; all else as the difference to the value before. */
function baseOf(name: keyof ReportColumns, time: Float64Array): Float64Array | null {
  return name === "lastTime" ? time : null;
}

function writeNarrow(sink: ByteSink, column: Uint32Array): void {
  const residuals = new Uint32Array(column.length);
  for (let index = 0; index < column.length; index++) {
    residuals[index] = zigzag((column[index]! - (column[index - 1] ?? 0)) | 0);
  }
  writeResiduals(sink, residuals, column.length);
}

function readNarrow(source: ByteSource, column: Uint32Array): void {
  readResiduals(source, column, column.length);
  for (let index = 0; index < column.length; index++) {
    column[index] = unzigzag(column[index]!) + (column[index - 1] ?? 0);
  }
}

function writeWide(sink: ByteSink, column: Float64Array, base: Float64Array | null): void {
  reserve(sink, column.length * maxWideVarintBytes);
  let before = 0;
  for (let index = 0; index < column.length; index++) {
    const value = column[index]!;
    if (!Number.isSafeInteger(value)) throw new RangeError("a report's number is no whole number that can be kept");
    sink.at = putDifference(sink.bytes, sink.at, base === null ? before : base[index]!, value);
    before = value;
  }
}

function readWide(source: ByteSource, column: Float64Array, base: Float64Array | null): void {
  let before = 0;
  for (let index = 0; index < column.length; index++) {
    before = readSum(source, base === null ? before : base[index]!);
    column[index] = before;
  }
}

function checkReferences(source: ByteSource, batch: ReportedBatch): void {
  const limits = [
    [batch.flow, batch.flows.count * 2],
    [batch.sensor, batch.sensors.length],
    [batch.rule, batch.rules.length],
    [batch.detail, batch.details.length],
  ] as const;
  for (const [column, limit] of limits) {
    if (column.some((value) => value >= limit))
      throw new CorruptBatch(source.at, "a report names what the batch lacks");
  }
}
