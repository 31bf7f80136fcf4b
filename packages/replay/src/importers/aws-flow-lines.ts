// Line after line of a VPC flow log, wherever the lines come from: headers say how those behind them read, all others become
// reports, and what is left out is told at the end.

import { type LineFault, LineFaults } from "./aws-flow-fault.js";
import { type FlowLogFormat, flowLogFormat } from "./aws-flow-format.js";
import { type FlowLine, headerIn, isBlank, isHeadOfLines, splitFlowLine, unnamedFormat } from "./aws-flow-line.js";
import { defaultFieldCount } from "./aws-flow-order.js";
import { FlowReportReader } from "./aws-flow-report.js";
import { ClockCheck } from "./clock-check.js";
import type { Imported, ReportContext } from "./importer.js";
import { LineFields } from "./line-fields.js";
import { ReportGatherer } from "./report-gatherer.js";

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
    if (isHeadOfLines(this.#fields)) return true;
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

function isSameFormat(a: FlowLogFormat, b: FlowLogFormat): boolean {
  return a.separator === b.separator && a.names.join() === b.names.join();
}

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
