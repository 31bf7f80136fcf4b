// Line after line of a VPC flow log, wherever the lines come from: headers say how those behind them read, all others become
// reports, and what is left out is told at the end.

import { type LineFault, LineFaults } from "./aws-flow-fault.js";
import { defaultFormat, type FlowLogFormat, flowLogFormat, formatOfHeader } from "./aws-flow-format.js";
import { defaultFieldCount, documentedFields, isInDocumentedOrder } from "./aws-flow-order.js";
import { FlowReportReader } from "./aws-flow-report.js";
import { ClockCheck } from "./clock-check.js";
import type { Imported, ReportContext } from "./importer.js";
import { isSpace } from "./json-value.js";
import { LineFields } from "./line-fields.js";
import { ReportGatherer } from "./report-gatherer.js";

/** Bytes `from` to `to` of `bytes`, and where they stand in the content. */
export type FlowLine = {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly number: number;
  readonly offset: number;
  /** Whether the content ends right behind it, so that it may be a part of a line. */
  readonly isUnbroken: boolean;
  /** Whether it is only the beginning of a line. */
  readonly isTooLong: boolean;
};

export class FlowLogLines {
  /** Lines that are neither blank nor headers. */
  #records = 0;
  readonly #fields = new LineFields();
  readonly #gatherer = new ReportGatherer();
  readonly #faults = new LineFaults();
  readonly #clock: ClockCheck;
  readonly #substitutes = new Set<string>();
  /** Null: why lines can't be read is said by `#obstacle`. */
  #reader: FlowReportReader | null = null;
  #obstacle: LineFault = unnamed;
  /** No header names the fields of these lines. */
  #isUnnamed = true;
  /** Of those, by version: a line with fewer fields than another one of its version is damaged. */
  readonly #unnamed = new Map<string, FlowReportReader>();
  #isOrderAssumed = false;

  constructor({ now, fields }: Pick<ReportContext, "now" | "fields">) {
    this.#clock = new ClockCheck({ now, orderToleranceMicros: null, unit: "seconds" });
    if (fields === null) return;
    this.#isUnnamed = false;
    this.#begin(flowLogFormat(fields, "blank"));
  }

  /** Something to be handed on at once, where this line filled a batch or is cut off; else null. */
  take(line: FlowLine): Imported | null {
    splitFlowLine(this.#fields, line, this.#reader?.format);
    if (this.#fields.count === 0 ? isBlank(line) : this.#takeHeader(line)) return null;
    this.#records++;
    const reader = this.#isOfOtherForm() ? this.#recognised(line) : this.#reader;
    const fault = line.isTooLong ? tooLong : reader === null ? this.#obstacle : reader.read();
    return fault === null ? this.#add(reader!, line) : this.#leaveOut(line, fault);
  }

  progress(): Imported {
    return { kind: "records", count: this.#records, stored: 0 };
  }

  *finish(): Iterable<Imported> {
    const gathered = this.#gatherer.take();
    if (gathered !== null) yield gathered;
    yield* this.#faults.told();
    yield* this.#clock.told();
    for (const name of this.#substitutes) yield { kind: "note", message: substituteText(name) };
    if (this.#isOrderAssumed) yield { kind: "note", message: assumedText };
    yield this.progress();
  }

  #takeHeader(line: FlowLine): boolean {
    if (this.#fields.count === 1 && headOfMessages.test(this.#fields.text(0))) return true;
    const format = headerIn(this.#fields, line);
    if (format === null) return false;
    this.#isUnnamed = false;
    this.#begin(format);
    return true;
  }

  /** Files that were put together repeat their header. */
  #begin(format: FlowLogFormat): void {
    if (this.#reader !== null && isSameFormat(this.#reader.format, format)) return;
    const isWhole = format.missing.length === 0;
    this.#reader = isWhole ? new FlowReportReader(format, this.#fields, this.#gatherer.report) : null;
    if (!isWhole) this.#obstacle = lacking(format.missing);
    for (const name of format.substitutes) this.#substitutes.add(name);
  }

  /** Lines without a header may be of several flow logs. */
  #isOfOtherForm(): boolean {
    return this.#isUnnamed && this.#fields.count !== this.#reader?.format.names.length;
  }

  #recognised(line: FlowLine): FlowReportReader | null {
    const known = this.#fields.count === 0 ? undefined : this.#unnamed.get(this.#fields.text(0));
    const missing = (known?.format.names.length ?? 0) - this.#fields.count;
    if (known !== undefined && missing === 0) this.#reader = known;
    else if (missing < 0 && this.#obstacle === unnamed) this.#beginUnnamed(unnamedFormat(this.#fields, line));
    return this.#reader;
  }

  #beginUnnamed(format: FlowLogFormat | null): void {
    if (format === null) return;
    this.#begin(format);
    this.#unnamed.set(this.#fields.text(0), this.#reader!);
    if (format.names.length > defaultFieldCount) this.#isOrderAssumed = true;
  }

  #add({ unit }: FlowReportReader, { number, offset }: FlowLine): Imported | null {
    const { report } = this.#gatherer;
    report.record = number;
    report.offset = offset;
    this.#clock.hear(report.time, number);
    this.#clock.hearUnit(unit, number);
    return this.#gatherer.add();
  }

  #leaveOut({ number, isUnbroken }: FlowLine, fault: LineFault): Imported | null {
    if (isUnbroken && this.#reader !== null)
      return { kind: "cut", problem: { kind: "cut-off", record: number, message: cutOffText } };
    this.#faults.count(fault, number);
    return null;
  }
}

/** Where a disk was full there are zeros. */
function isBlank({ bytes, from, to }: FlowLine): boolean {
  return bytes.subarray(from, to).every(isSpace);
}

/** Without the time, and the name of the stream, that CloudWatch puts before a line. */
export function splitFlowLine(
  fields: LineFields,
  { bytes, from, to }: Pick<FlowLine, "bytes" | "from" | "to">,
  format: Pick<FlowLogFormat, "separator"> = defaultFormat,
): void {
  const cell = format.separator === "blank" ? lastCell(bytes, from, to) : from;
  fields.split(format.separator, bytes, cell, to);
  if (bytes[from + 4] !== dash || bytes[from + 10] !== letterT || !instant.test(fields.text(0))) return;
  fields.shift(streamName.test(fields.text(1)) ? 2 : 1);
}

const dash = 0x2d;
const comma = 0x2c;
const letterT = 0x54;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
/** An interface and the traffic that is logged there. */
const streamName = /^eni-[0-9a-f]+-(?:all|accept|reject)$/;

/** `1773828300000,2 1234…` in what the console downloads as CSV, `2026-03-18 10:05:00.000,2 1234…` of Logs Insights. */
function lastCell(bytes: Uint8Array, from: number, to: number): number {
  for (const length of timeLengths) if (bytes[from + length] === comma && from + length < to) return from + length + 1;
  return from;
}

const timeLengths = [13, 23] as const;

/** A header may have another separator than the lines before it. */
export function headerIn(fields: LineFields, line: Pick<FlowLine, "bytes" | "from" | "to">): FlowLogFormat | null {
  const format = formatOfHeader(fields, "blank");
  if (format !== null || fields.count > 1) return format;
  for (const separator of ["comma", "blank"] as const) {
    const other = new LineFields();
    other.split(separator, line.bytes, line.from, line.to);
    const format = formatOfHeader(other, separator);
    if (format !== null) return format;
  }
  return null;
}

/** Of a line before which none names its fields: what its values show; null where they show too little. */
export function unnamedFormat(fields: LineFields, line: Pick<FlowLine, "bytes" | "from" | "to">): FlowLogFormat | null {
  for (const separator of ["blank", "comma"] as const) {
    splitFlowLine(fields, line, { separator });
    if (isInDocumentedOrder(fields)) return flowLogFormat(documentedFields.slice(0, fields.count), separator);
  }
  splitFlowLine(fields, line);
  return null;
}

function isSameFormat(a: FlowLogFormat, b: FlowLogFormat): boolean {
  return a.separator === b.separator && a.names.join() === b.names.join();
}

/** Of tables whose cells are whole lines. */
const headOfMessages = /^(?:@?timestamp,)?@?message$/;

const assumedText =
  "no header names the fields: they are taken to be in the order in which AWS documents them, which their values fit; name them with --format if they are others";

const unnamed: LineFault = {
  kind: "unsupported",
  reason:
    "no header names its fields and they are not those of the default format; name them with --format 'version srcaddr …', in the order that `aws ec2 describe-flow-logs` shows",
  text: null,
};

const tooLong: LineFault = { kind: "malformed", reason: "it is longer than a line of a flow log", text: null };

const cutOffText = "the file ends inside this line; copy it again if its source has the rest";

function lacking(missing: readonly string[]): LineFault {
  const names = missing.map((name) => `\`${name}\``).join(", ");
  return { kind: "missing-field", reason: `the format lacks ${names}: there is no flow without`, text: null };
}

function substituteText(name: string): string {
  return `the format has no \`${name}\`: \`pkt-${name}\` stands in its place`;
}
