// Suricata's eve.json: its flow events as whole connections, its netflow events as what passed one way. All other events
// are of no interest here, and counted.

import { ClockCheck } from "./clock-check.js";
import { unreadJson } from "./evidence-record.js";
import type { Evidence, Imported, ReportContext, ReportImporter } from "./importer.js";
import { asObject, asText, type JsonObject } from "./json-field.js";
import { headRecords } from "./json-head.js";
import { readJsonRecords } from "./json-records.js";
import { ProblemTally } from "./problem-tally.js";
import { ReportGatherer } from "./report-gatherer.js";
import { placeSensor } from "./sensor-text.js";
import { putSuricataFlow } from "./suricata-flow.js";

export const suricataEve: ReportImporter = {
  format: "suricata-eve",
  title: "Suricata eve.json",
  recognise: (head) => (headRecords(head).some(isEvent) ? 0.9 : 0),
  read,
};

function isEvent(record: JsonObject): boolean {
  return typeof record.event_type === "string" && ["flow_id", "src_ip", "timestamp"].some((name) => name in record);
}

async function* read(evidence: Evidence, context: ReportContext): AsyncIterable<Imported> {
  const reading = new EveReading(context);
  for await (const read of readJsonRecords(evidence.content())) {
    const full = read.kind === "record" ? reading.take(read) : unreadJson(read, reading.records);
    if (full !== null) yield full;
    if (read.kind !== "incomplete") reading.records++;
  }
  yield* reading.finish();
}

type Read = { readonly number: number; readonly offset: number; readonly value: unknown };

class EveReading {
  records = 0;
  readonly #gatherer = new ReportGatherer();
  readonly #problems = new ProblemTally();
  readonly #clock: ClockCheck;
  readonly #counts = { flow: 0, netflow: 0, unzoned: 0 };
  readonly #others = new Map<string, number>();

  constructor({ now, place }: ReportContext) {
    // Events come when flows end, so their beginnings have no order.
    this.#clock = new ClockCheck({ now, orderToleranceMicros: null, unit: null });
    this.#gatherer.report.sensor = placeSensor("suricata", place);
  }

  take({ number, offset, value }: Read): Imported | null {
    const event = asObject(value);
    const type = event === null ? null : asText(event.event_type);
    if (event === null || type === null) {
      this.#problems.hear("malformed", "no event of Suricata: it has no `event_type`", { record: number, example: "" });
    } else if (type === "flow" || type === "netflow") {
      return this.#takeFlow(type, { number, offset, event });
    } else {
      this.#others.set(type, (this.#others.get(type) ?? 0) + 1);
    }
    return null;
  }

  #takeFlow(
    type: "flow" | "netflow",
    { number, offset, event }: { readonly number: number; readonly offset: number; readonly event: JsonObject },
  ): Imported | null {
    const { report } = this.#gatherer;
    const put = putSuricataFlow(event, type, report);
    this.#counts[type]++;
    if (put.fault !== null) {
      this.#problems.hear("malformed", put.fault.what, { record: number, example: put.fault.example });
      return null;
    }
    if (!put.zoned) this.#counts.unzoned++;
    this.#clock.hear(report.time, number);
    report.record = number;
    report.offset = offset;
    return this.#gatherer.add();
  }

  *finish(): Iterable<Imported> {
    const last = this.#gatherer.take();
    if (last !== null) yield last;
    yield* this.#problems.told();
    yield* this.#clock.told();
    for (const message of this.#notes()) yield { kind: "note", message };
    yield { kind: "records", count: this.records, stored: 0 };
  }

  *#notes(): Iterable<string> {
    const { flow, netflow, unzoned } = this.#counts;
    if (flow + netflow === 0 && this.#others.size > 0) yield noFlows;
    if (flow > 0 && netflow > 0) yield `${netflow} netflow events tell of the same traffic as the ${flow} flow events`;
    if (unzoned > 0) yield `${unzoned} flows have times without a zone, which are read as UTC`;
    if (this.#others.size > 0) yield `other events are left out: ${countsText(this.#others)}`;
  }
}

const noFlows = "it has no flow events: switch `flow` on among the types of `eve-log` in suricata.yaml";

function countsText(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.map(([type, count]) => `${count} ${type}`).join(", ");
}
