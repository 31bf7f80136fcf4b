// Reported flows as columns: what the log holds of a source's flow-log tuples. Texts that repeat stand once, in lists.

import { type FlowDictionary, FlowDictionaryBuilder } from "../traffic/flow-dictionary.js";
import {
  type ReportedDirection,
  type ReportedFlow,
  type ReportedVerdict,
  type ReportKind,
  reportedDirections,
  reportedVerdicts,
  reportKinds,
} from "./reported-flow.js";

export type ReportedBatch = ReportColumns & {
  readonly count: number;
  readonly flows: FlowDictionary;
  readonly sensors: readonly string[];
  readonly rules: readonly string[];
  readonly details: readonly string[];
};

export type ReportColumns = {
  readonly time: Float64Array;
  readonly lastTime: Float64Array;
  /** A flow of the dictionary and its direction; see `DirectedFlow`. */
  readonly flow: Uint32Array;
  readonly sensor: Uint32Array;
  readonly rule: Uint32Array;
  readonly detail: Uint32Array;
  /** Kind, verdict and direction; see `marksOf`. */
  readonly marks: Uint32Array;
  readonly flags: Uint32Array;
  readonly ordinal: Uint32Array;
  readonly packetsForward: Float64Array;
  readonly bytesForward: Float64Array;
  readonly packetsBackward: Float64Array;
  readonly bytesBackward: Float64Array;
  readonly record: Float64Array;
  readonly offset: Float64Array;
};

export function reportColumns(count: number): ReportColumns {
  const narrow = () => new Uint32Array(count);
  const wide = () => new Float64Array(count);
  return {
    time: wide(),
    lastTime: wide(),
    flow: narrow(),
    sensor: narrow(),
    rule: narrow(),
    detail: narrow(),
    marks: narrow(),
    flags: narrow(),
    ordinal: narrow(),
    packetsForward: wide(),
    bytesForward: wide(),
    packetsBackward: wide(),
    bytesBackward: wide(),
    record: wide(),
    offset: wide(),
  };
}

const columnNames = Object.keys(reportColumns(0)) as (keyof ReportColumns)[];

const kindNumbers = numbersOf(reportKinds);
const verdictNumbers = numbersOf(reportedVerdicts);
const directionNumbers = numbersOf(reportedDirections);
const verdictShift = 3;
const directionShift = 5;

function numbersOf<T>(values: readonly T[]): ReadonlyMap<T, number> {
  return new Map(values.map((value, number) => [value, number]));
}

function marksOf({ kind, verdict, direction }: ReportedFlow): number {
  return (
    kindNumbers.get(kind)! |
    (verdictNumbers.get(verdict)! << verdictShift) |
    (directionNumbers.get(direction)! << directionShift)
  );
}

/** Openings come before what follows of the same instant. */
export function kindRank(marks: number): number {
  return marks & 7;
}

export function kindOf(marks: number): ReportKind {
  return reportKinds[marks & 7]!;
}

export function reportedVerdictOf(marks: number): ReportedVerdict {
  return reportedVerdicts[(marks >>> verdictShift) & 3] ?? null;
}

export function reportedDirectionOf(marks: number): ReportedDirection {
  return reportedDirections[(marks >>> directionShift) & 3] ?? null;
}

/** Letters of details: with more, a batch's bytes would be cut anyway, and encoded again for each part. */
const maxDetailLetters = 320_000;

/** Many files are small, and each is gathered by a builder of its own. */
const initialReports = 256;

/** Fills one batch after another in the same memory. */
export class ReportedBatchBuilder {
  #count = 0;
  readonly #flows = new FlowDictionaryBuilder();
  #sensors = new TextList();
  #rules = new TextList();
  #details = new TextList();
  #size = initialReports;
  #columns = reportColumns(initialReports);

  constructor(readonly capacity: number) {}

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.capacity || this.#details.letters >= maxDetailLetters;
  }

  add(report: ReportedFlow): void {
    if (this.#count === this.#size) this.#grow();
    const at = this.#count++;
    const columns = this.#columns;
    columns.flow[at] = this.#flows.add(report.flow);
    columns.sensor[at] = this.#sensors.numberOf(report.sensor);
    columns.rule[at] = this.#rules.numberOf(report.rule);
    columns.detail[at] = this.#details.numberOf(report.detail);
    columns.marks[at] = marksOf(report);
    columns.flags[at] = report.flags;
    columns.ordinal[at] = report.ordinal;
    columns.time[at] = report.time;
    columns.lastTime[at] = report.lastTime;
    columns.packetsForward[at] = report.packetsForward;
    columns.bytesForward[at] = report.bytesForward;
    columns.packetsBackward[at] = report.packetsBackward;
    columns.bytesBackward[at] = report.bytesBackward;
    columns.record[at] = report.record;
    columns.offset[at] = report.offset;
  }

  #grow(): void {
    this.#size *= 4;
    const grown = reportColumns(this.#size);
    for (const name of columnNames) grown[name].set(this.#columns[name]);
    this.#columns = grown;
  }

  /** The reports so far; the builder is empty afterwards. */
  finish(): ReportedBatch {
    const count = this.#count;
    this.#count = 0;
    return {
      count,
      flows: this.#flows.finish(),
      sensors: this.#sensors.finish(),
      rules: this.#rules.finish(),
      details: this.#details.finish(),
      ...columnsUpTo(this.#columns, count),
    };
  }
}

function columnsUpTo(columns: ReportColumns, count: number): ReportColumns {
  const sliced = Object.entries(columns).map(([name, column]) => [name, column.slice(0, count)]);
  return Object.fromEntries(sliced) as ReportColumns;
}

class TextList {
  #numbers = new Map<string, number>();
  #last = "";
  #lastNumber = -1;
  #letters = 0;

  /** Of all texts so far. */
  get letters(): number {
    return this.#letters;
  }

  numberOf(text: string): number {
    if (this.#lastNumber >= 0 && text === this.#last) return this.#lastNumber;
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
      this.#letters += text.length;
    }
    this.#last = text;
    this.#lastNumber = number;
    return number;
  }

  finish(): string[] {
    const texts = [...this.#numbers.keys()];
    this.#numbers = new Map();
    this.#lastNumber = -1;
    this.#letters = 0;
    return texts;
  }
}

/** The report at an index, put into `into`. */
export function reportAt(batch: ReportedBatch, index: number, into: ReportedFlow): ReportedFlow {
  putFlow(batch, index, into);
  const marks = batch.marks[index]!;
  into.time = batch.time[index]!;
  into.lastTime = batch.lastTime[index]!;
  into.kind = kindOf(marks);
  into.verdict = reportedVerdictOf(marks);
  into.direction = reportedDirectionOf(marks);
  into.sensor = batch.sensors[batch.sensor[index]!]!;
  into.rule = batch.rules[batch.rule[index]!]!;
  into.detail = batch.details[batch.detail[index]!]!;
  into.packetsForward = batch.packetsForward[index]!;
  into.bytesForward = batch.bytesForward[index]!;
  into.packetsBackward = batch.packetsBackward[index]!;
  into.bytesBackward = batch.bytesBackward[index]!;
  into.flags = batch.flags[index]!;
  into.ordinal = batch.ordinal[index]!;
  into.record = batch.record[index]!;
  into.offset = batch.offset[index]!;
  return into;
}

function putFlow({ flows, flow }: ReportedBatch, index: number, { flow: into }: ReportedFlow): void {
  const at = flow[index]! >> 1;
  const from = flow[index]! & 1;
  for (let word = 0; word < 8; word++) into.words[word] = flows.words[at * 8 + ((word + from * 4) & 7)]!;
  into.sourcePort = flows.ports[at * 2 + from]!;
  into.destinationPort = flows.ports[at * 2 + 1 - from]!;
  into.protocol = flows.protocols[at]!;
  into.icmp = flows.icmp[at]!;
}
