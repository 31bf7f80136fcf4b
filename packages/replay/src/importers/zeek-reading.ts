// What both forms of Zeek's log share: where reports go, and what is told at the end.

import { ClockCheck } from "./clock-check.js";
import type { Imported, ReportContext } from "./importer.js";
import { ProblemTally } from "./problem-tally.js";
import { ReportGatherer } from "./report-gatherer.js";
import { placeSensor } from "./sensor-text.js";
import { putZeekConnection, type ZeekTexts, zeekColumns } from "./zeek-connection-report.js";

export class ZeekReading {
  readonly gatherer = new ReportGatherer();
  readonly problems = new ProblemTally();
  readonly texts = Object.fromEntries(zeekColumns.map((name) => [name, null])) as ZeekTexts;
  readonly #clock: ClockCheck;

  constructor({ now, place }: ReportContext) {
    // Lines come when connections end, so their beginnings have no order.
    this.#clock = new ClockCheck({ now, orderToleranceMicros: null, unit: "seconds" });
    this.gatherer.report.sensor = placeSensor("zeek", place);
    this.gatherer.report.kind = "connection";
  }

  /** Fills the report from `texts`; false where they make none. */
  put(record: number, offset: number): boolean {
    const { report } = this.gatherer;
    const fault = putZeekConnection(this.texts, report, (unit) => this.#clock.hearUnit(unit, record));
    if (fault !== null) this.problems.hear("malformed", fault.what, { record, example: fault.example });
    else this.#clock.hear(report.time, record);
    report.record = record;
    report.offset = offset;
    return fault === null;
  }

  /** `lacking`: as of `lackingFields`. */
  leaveOut(log: string, lacking: readonly string[] | null, record: number): void {
    const example = { record, example: log };
    if (lacking === null) this.problems.hear("unsupported", otherLog, example);
    else this.problems.hear("missing-field", `connections without ${lacking.map(quoted).join(", ")}`, example);
  }

  *finish(records: number): Iterable<Imported> {
    const last = this.gatherer.take();
    if (last !== null) yield last;
    yield* this.problems.told();
    yield* this.#clock.told();
    yield { kind: "records", count: records, stored: 0 };
  }
}

const otherLog = "a log of Zeek that holds no connections, which its `conn.log` does";

function quoted(field: string): string {
  return `\`${field}\``;
}
