// Takes the entries that `conntrack` printed to reports, and says at the end what was missing in them.

import { isIcmp } from "@conntrail/engine";
import { ClockCheck } from "./clock-check.js";
import { type ConntrackEntry, type ConntrackFault, putConntrackEntry } from "./conntrack-entry.js";
import type { Imported, ReportContext } from "./importer.js";
import { ProblemTally } from "./problem-tally.js";
import { ReportGatherer } from "./report-gatherer.js";
import { placeSensor } from "./sensor-text.js";

export type EntryPlace = { readonly number: number; readonly offset: number; readonly text: string };

const withoutTime = "this event carries no time: record with `conntrack -E -o timestamp,extended,id`";

/** Events come in order, but for several processors that tell of them. */
const orderToleranceMicros = 2_000_000;

export class ConntrackReading {
  readonly #gatherer = new ReportGatherer();
  readonly #problems = new ProblemTally();
  readonly #clock: ClockCheck;
  #listed = 0;
  #unidentified = 0;
  #calendar = false;

  constructor(private readonly context: ReportContext) {
    this.#clock = new ClockCheck({ now: context.now, orderToleranceMicros, unit: "seconds" });
    this.#gatherer.report.sensor = placeSensor("conntrack", context.place);
  }

  /** Null: what stands at the place is no entry. */
  take(entry: ConntrackEntry | null, { number: record, offset, text }: EntryPlace): Imported | null {
    const example = text.trim();
    if (entry === null) return this.#refuse("malformed", { what: "no entry of connection tracking", example }, record);
    const time = entry.time ?? (entry.event === null ? this.context.taken.time : null);
    if (time === null) return this.#refuse("missing-field", { what: withoutTime, example: "" }, record);
    const { report } = this.#gatherer;
    const fault = putConntrackEntry(entry, time, report);
    if (fault !== null) return this.#refuse("malformed", fault, record);
    if (entry.event === null) this.#listed++;
    else this.#clock.hear(time, record);
    if (isIcmp(entry.protocol) && entry.original.type === undefined) this.#unidentified++;
    this.#calendar ||= entry.calendar;
    report.record = record;
    report.offset = offset;
    return this.#gatherer.add();
  }

  *finish(records: number): Iterable<Imported> {
    const last = this.#gatherer.take();
    if (last !== null) yield last;
    yield* this.#problems.told();
    yield* this.#clock.told();
    for (const message of this.#notes()) yield { kind: "note", message };
    yield { kind: "records", count: records, stored: 0 };
  }

  *#notes(): Iterable<string> {
    if (this.#listed > 0) yield listText(this.#listed, this.context.taken.instant === "file-time");
    if (this.#calendar) yield calendarText;
    if (this.#unidentified > 0)
      yield `${entries(this.#unidentified)} of ICMP without type and identifier: the text form has them`;
  }

  #refuse(kind: "malformed" | "missing-field", { what, example }: ConntrackFault, record: number): null {
    this.#problems.hear(kind, what, { record, example });
    return null;
  }
}

const calendarText =
  "its times are those of the machine's own zone in whole seconds, and read as UTC: the text form has them exactly";

function listText(count: number, isGuessed: boolean): string {
  const when = isGuessed ? "the file's modification time; state it with --taken-at" : "the time that was stated";
  return `${entries(count)} of a list, which says neither when connections began nor when they ended: seen at ${when}`;
}

function entries(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}
