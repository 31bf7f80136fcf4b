// Reads flow logs of Azure: JSON records, each with what one network interface saw in a minute, as tuples in groups by rule
// (DOMAIN 4.1, 4.2). What differs between logs of network security groups and of virtual networks is their `FlowLogShape`.

import {
  type Micros,
  microsPerMinute,
  notCounted,
  parseInstant,
  type ReportedRule,
  type ReportingSensor,
  type SensorKind,
} from "@conntrail/engine";
import { RepeatedTuples } from "./azure-repeated-tuples.js";
import { TupleReader, type TupleShape } from "./azure-tuple-reader.js";
import { CanonicalTexts } from "./canonical-texts.js";
import { type EvidenceRecord, type JsonFormat, problemOf } from "./evidence-record.js";
import type { Imported, ReportContext } from "./importer.js";
import { asObject, asText, field, type JsonObject, quotable } from "./json-field.js";
import { ProblemTally } from "./problem-tally.js";

export type FlowLogShape = TupleShape & {
  readonly sensorKind: SensorKind;
  /** Of its records. */
  readonly category: string;
  /** The id of what is logged. */
  resourceOf(record: JsonObject): unknown;
  /** Whether it has the fields that groups stand in. */
  hasGroups(record: JsonObject): boolean;
  groupsOf(record: JsonObject): Iterable<TupleGroup>;
};

/** Tuples that one rule decided on; all as it is written. */
export type TupleGroup = {
  readonly mac: unknown;
  readonly group: unknown;
  readonly rule: unknown;
  readonly tuples: unknown;
};

export class FlowLogFormat implements JsonFormat<ReportContext> {
  readonly #shape: FlowLogShape;
  readonly #tuples: TupleReader;
  readonly #repeated = new RepeatedTuples();
  readonly #texts = new CanonicalTexts();
  readonly #problems = new ProblemTally();

  constructor(shape: FlowLogShape, { now }: Pick<ReportContext, "now">) {
    this.#shape = shape;
    this.#tuples = new TupleReader(shape, now);
  }

  *unfold(value: unknown): Iterable<unknown> {
    yield value;
  }

  *read(record: EvidenceRecord<ReportContext>): Iterable<Imported> {
    const { report } = this.#tuples;
    report.record = record.number;
    report.offset = record.offset;
    this.#repeated.clear();
    const category = this.#otherCategory(record.value);
    if (category !== null) this.#problems.hear("unsupported", otherLog, { record: record.number, example: category });
    else yield* this.#readGroups(record);
  }

  *finish(): Iterable<Imported> {
    yield* this.#tuples.finish();
    yield* this.#problems.told();
  }

  /** Null: it is of this log, as far as it says. */
  #otherCategory(record: JsonObject): string | null {
    const category = asText(field(record, "category"));
    return category?.toLowerCase() === this.#shape.category.toLowerCase() || this.#shape.hasGroups(record)
      ? null
      : category;
  }

  *#readGroups(record: EvidenceRecord<ReportContext>): Iterable<Imported> {
    let tuples = 0;
    for (const group of this.#shape.groupsOf(record.value)) {
      this.#name(record.value, group);
      if (Array.isArray(group.tuples)) yield* this.#readTuples(group.tuples, tuples);
      else yield problemOf(record, "missing-field", withoutTuples(group));
      tuples += Array.isArray(group.tuples) ? group.tuples.length : 1;
    }
    if (tuples === 0) yield* this.#readEmpty(record);
  }

  *#readTuples(tuples: readonly unknown[], before: number): Iterable<Imported> {
    const { report } = this.#tuples;
    for (let index = 0; index < tuples.length; index++) {
      const tuple = tuples[index];
      if (!this.#tuples.read(tuple, before + index + 1)) continue;
      report.ordinal = this.#repeated.ordinalOf(tuple, report);
      const full = this.#tuples.add();
      if (full !== null) yield full;
    }
  }

  /** The sensor worked for a minute, and saw nothing. */
  *#readEmpty(record: EvidenceRecord<ReportContext>): Iterable<Imported> {
    const written = parseInstant(asText(field(record.value, "time")) ?? "");
    if (written === null)
      return yield problemOf(record, "missing-field", "it has no tuples, and no `time` that says when there were none");
    this.#name(record.value, { mac: undefined, group: undefined, rule: undefined, tuples: [] });
    const full = this.#addNothing(written.time);
    if (full !== null) yield full;
  }

  #addNothing(until: Micros): Imported | null {
    const { report } = this.#tuples;
    const nothing = { protocol: 0, sourcePort: 0, destinationPort: 0, icmp: 0 };
    const uncounted = {
      packetsForward: notCounted,
      bytesForward: notCounted,
      packetsBackward: notCounted,
      bytesBackward: notCounted,
    };
    Object.assign(report.flow, nothing).words.fill(0);
    const span = { time: until - microsPerMinute, lastTime: until };
    const said = { kind: "no-data", verdict: null, direction: null, rule: "", detail: "", ordinal: 0 } as const;
    Object.assign(report, span, said, uncounted);
    return this.#tuples.add();
  }

  #name(record: JsonObject, { mac, group, rule }: TupleGroup): void {
    const { report } = this.#tuples;
    report.sensor = this.#sensorText(mac ?? field(record, "macAddress"), this.#shape.resourceOf(record));
    report.rule = this.#ruleText(idText(group), asText(rule));
  }

  #sensorText(written: unknown, resource: unknown): string {
    return this.#texts.textOf(`${quotable(written)}\n${quotable(resource)}`, () => {
      const { sensorKind: kind } = this.#shape;
      return { kind, interface: null, mac: macOf(written), resource: idText(resource) } satisfies ReportingSensor;
    });
  }

  #ruleText(group: string | null, rule: string | null): string {
    if (group === null && rule === null) return "";
    return this.#texts.textOf(`${group}\t${rule}`, () => ({ group, rule }) satisfies ReportedRule);
  }
}

/** Exports write the same id in upper case and in lower. */
function idText(value: unknown): string | null {
  return asText(value)?.toLowerCase() ?? null;
}

/** Twelve hexadecimal digits, with or without marks between; null where it is something else. */
function macOf(value: unknown): string | null {
  const digits = (asText(value) ?? "").toLowerCase().replace(/[-:.]/g, "");
  return /^[0-9a-f]{12}$/.test(digits) ? digits : null;
}

function withoutTuples({ rule }: TupleGroup): string {
  const name = quotable(rule);
  return `its group ${name === "" ? "without a rule" : `of rule \`${name}\``} has no list of \`flowTuples\``;
}

const otherLog = "a record of another log of Azure, by its category: import that log's own files";

/** The objects of an array; what is none stands as one that is empty, so that what it lacks is told. Null says none. */
export function objectsOrNothing(value: unknown): readonly JsonObject[] {
  if (value === null) return [];
  return Array.isArray(value) ? value.map((entry) => asObject(entry) ?? {}) : [{}];
}
