// What both forms of Zeek's log share: where reports go, and what is told at the end.

import { ClockCheck } from "./clock-check.js";
import type { Imported, ReportContext } from "./importer.js";
import { ProblemTally } from "./problem-tally.js";
import { ReportGatherer } from "./report-gatherer.js";
import { placeSensor } from "./sensor-text.js";
import { putZeekConnection, type ZeekTexts, zeekColumns } from "./zeek-connection-report.js";
import { OtherLogs } from "./zeek-other-logs.js";

export class ZeekReading {
  readonly gatherer = new ReportGatherer();
  readonly problems = new ProblemTally();
  readonly texts = Object.fromEntries(zeekColumns.map((name) => [name, null])) as ZeekTexts;
  readonly #clock: ClockCheck;
  readonly #others = new OtherLogs();

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
    if (lacking === null) this.#others.count(log, record);
    else {
      const what = `connections without ${lacking.map(quoted).join(", ")}`;
      this.problems.hear("missing-field", what, { record, example: log });
    }
  }

  *finish(records: number): Iterable<Imported> {
    const last = this.gatherer.take();
    if (last !== null) yield last;
    yield* this.problems.told();
    yield* this.#others.told(this.gatherer.count > 0);
    yield* this.#clock.told();
    yield { kind: "records", count: records, stored: 0 };
  }
}

function quoted(field: string): string {
  return `\`${field}\``;
}
