// Times that can't be right, heard record by record and told once for each sort at the end of a file: later than the
// import's own clock, before the year 2000, in another unit than the format has, out of order.

import {
  formatInstant,
  type Micros,
  microsPerMinute,
  microsPerSecond,
  parseInstant,
  toMicros,
} from "@conntrail/engine";
import type { EpochUnit } from "./epoch.js";
import type { Imported } from "./importer.js";

export type ClockExpectation = {
  /** Of the context; asked seldom. */
  now(): Micros;
  /** How far a record may stand behind the latest before it; null where the format has no order. */
  readonly orderToleranceMicros: number | null;
  /** The unit that the format has by its documentation; null where times are no numbers. */
  readonly unit: EpochUnit | null;
};

type Tally = { readonly firstRecord: number; count: number; farthest: number };

/** Clocks of machines that are kept in step at all differ by less (Kerberos takes the same bound, RFC 4120 1.6). */
const clockToleranceMicros = 5 * microsPerMinute;
/** None of the clouds and formats is older. */
const earliest = parseInstant("2000-01-01T00:00:00Z")!.time;

export class ClockCheck {
  readonly #expected: ClockExpectation;
  readonly #behind: number;
  #horizon: number = Number.NEGATIVE_INFINITY;
  #latest: number = Number.NEGATIVE_INFINITY;
  #late: Tally | null = null;
  #early: Tally | null = null;
  #disordered: Tally | null = null;
  #unreceived: Tally | null = null;
  readonly #units = new Map<EpochUnit, Tally>();

  constructor(expected: ClockExpectation) {
    this.#expected = expected;
    this.#behind = expected.orderToleranceMicros ?? Number.POSITIVE_INFINITY;
  }

  /** Microseconds since the epoch, of any size; `record` is the record's number in the file. */
  hear(time: number, record: number): void {
    if (time > this.#horizon && this.#isLate(time)) this.#late = counted(this.#late, record, time);
    else if (time < earliest) this.#early = counted(this.#early, record, -time);
    else if (time >= this.#latest) this.#latest = time;
    else if (this.#latest - time > this.#behind)
      this.#disordered = counted(this.#disordered, record, this.#latest - time);
  }

  /** For logs that also say when they received a record: nothing is received before it happened. */
  hearReceipt(time: number, received: number, record: number): void {
    const early = time - received;
    if (early > clockToleranceMicros) this.#unreceived = counted(this.#unreceived, record, early);
  }

  hearUnit(unit: EpochUnit, record: number): void {
    if (unit === this.#expected.unit) return;
    const tally = this.#units.get(unit);
    if (tally === undefined) this.#units.set(unit, { firstRecord: record, count: 1, farthest: 0 });
    else tally.count++;
  }

  *told(): Iterable<Imported> {
    if (this.#late !== null) yield clockProblem(this.#late, lateText(this.#late));
    if (this.#early !== null) yield clockProblem(this.#early, earlyText(this.#early));
    if (this.#unreceived !== null) yield clockProblem(this.#unreceived, receiptText(this.#unreceived));
    if (this.#disordered !== null) yield { kind: "note", message: disorderText(this.#disordered) };
    for (const [unit, tally] of this.#units)
      yield { kind: "note", message: unitText(unit, tally, this.#expected.unit) };
  }

  /** A live capture goes on after its beginning, so the clock is looked at again. */
  #isLate(time: number): boolean {
    this.#horizon = this.#expected.now() + clockToleranceMicros;
    return time > this.#horizon;
  }
}

function counted(tally: Tally | null, record: number, distance: number): Tally {
  if (tally === null) return { firstRecord: record, count: 1, farthest: distance };
  tally.count++;
  if (distance > tally.farthest) tally.farthest = distance;
  return tally;
}

function clockProblem({ firstRecord }: Tally, message: string): Imported {
  return { kind: "problem", problem: { kind: "clock", record: firstRecord, message } };
}

function lateText(tally: Tally): string {
  return `${recordsHave(tally)} a time later than this import, up to ${instantText(tally.farthest)}: check the clock where it was written, and the unit of its times`;
}

function earlyText(tally: Tally): string {
  return `${recordsHave(tally)} a time before the year 2000, down to ${instantText(-tally.farthest)}: check the clock where it was written, and the unit of its times`;
}

function receiptText(tally: Tally): string {
  return `${recordsHave(tally)} a time later than that at which the log received it, by up to ${secondsText(tally)}: two clocks differ, so its order among other evidence is doubtful`;
}

function disorderText(tally: Tally): string {
  const first = `the first is record ${tally.firstRecord}`;
  return `${recordsStand(tally)} out of order, by up to ${secondsText(tally)}; ${first}`;
}

function secondsText({ farthest }: Tally): string {
  return `${Math.ceil(farthest / microsPerSecond)} s`;
}

function unitText(unit: EpochUnit, { count, firstRecord }: Tally, documented: EpochUnit | null): string {
  const times = count === 1 ? "1 time is" : `${count} times are`;
  const first = `the first is in record ${firstRecord}`;
  return `${times} in ${unit} where the format has ${documented ?? "texts"}, and read as such; ${first}`;
}

function recordsHave({ count }: Tally): string {
  return count === 1 ? "this record has" : `${count} records, the first of them here, have`;
}

function recordsStand({ count }: Tally): string {
  return count === 1 ? "1 record stands" : `${count} records stand`;
}

/** Without what lies below a second, and as a number where no calendar reaches. */
function instantText(time: number): string {
  const whole = Math.floor(time / microsPerSecond) * microsPerSecond;
  return Math.abs(whole) < 8.64e15 ? `${formatInstant(toMicros(whole)).slice(0, 19)}Z` : `${time} µs since 1970`;
}
