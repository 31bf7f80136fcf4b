// Turns flow tuples of Azure into reports, one after another. Who reports, and which rule decided, stands around a tuple:
// it is put into `report` before.

import { type Micros, microsPerMinute, noFlags, type ReportedFlow } from "@conntrail/engine";
import { FlowTuple } from "./azure-flow-tuple.js";
import { TupleFaults } from "./azure-tuple-faults.js";
import { firstOwnField, readFlow, readTime, type TupleFault } from "./azure-tuple-fields.js";
import { ClockCheck } from "./clock-check.js";
import type { EpochUnit } from "./epoch.js";
import type { Imported } from "./importer.js";
import { ReportGatherer } from "./report-gatherer.js";

/** What differs between the tuples of the two logs. */
export type TupleShape = {
  /** Of their times, as documented. */
  readonly unit: EpochUnit;
  /** What follows the fields that both have: kind, verdict, counts, detail. */
  readOwn(tuple: FlowTuple, report: ReportedFlow): TupleFault | null;
};

/** A record is of a minute, and its tuples stand by rule; of a flow that goes on there is one every five minutes. */
const orderToleranceMicros = 5 * microsPerMinute;

export class TupleReader {
  readonly #shape: TupleShape;
  readonly #gatherer = new ReportGatherer();
  readonly #tuple = new FlowTuple();
  readonly #faults = new TupleFaults();
  readonly #clock: ClockCheck;
  readonly report: ReportedFlow = this.#gatherer.report;

  constructor(shape: TupleShape, now: () => Micros) {
    this.#shape = shape;
    this.#clock = new ClockCheck({ now, orderToleranceMicros, unit: shape.unit });
    this.report.flags = noFlags;
  }

  /** Puts a tuple into the report; false, and counted, where that can't be. `index`: see `TuplePlace`. */
  read(tuple: unknown, index: number | null): tuple is string {
    const fault = this.#fill(tuple);
    if (fault !== null) this.#faults.count(fault, { record: this.report.record, index, tuple });
    return fault === null;
  }

  /** Adds the report; a batch to be handed on where that filled it, else null. */
  add(): Imported | null {
    return this.#gatherer.add();
  }

  *finish(): Iterable<Imported> {
    const last = this.#gatherer.take();
    if (last !== null) yield last;
    yield* this.#faults.told();
    yield* this.#clock.told();
  }

  #fill(text: unknown): TupleFault | null {
    const tuple = this.#tuple;
    const { report } = this;
    if (typeof text !== "string" || !tuple.take(text)) return "no-tuple";
    if (tuple.fieldCount <= firstOwnField) return "fields";
    const unit = readTime(tuple, report);
    if (unit === null) return "time";
    const fault = readFlow(tuple, report) ?? this.#shape.readOwn(tuple, report);
    if (fault !== null) return fault;
    this.#clock.hearUnit(unit, report.record);
    this.#clock.hear(report.time, report.record);
    return null;
  }
}
