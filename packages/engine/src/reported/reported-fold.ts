// The fold of what sensors reported: reports in order, rules and topology of each instant in; reported flow records,
// denials, what each sensor covered, and how far reported and derived agree out. It knows nothing of packets.

import type { NetworkHistory } from "../network/topology.js";
import type { PolicyHistory } from "../policy/policy-history.js";
import { type Micros, microsPerMinute } from "../time.js";
import { LiveReport } from "./live-report.js";
import { ReportJudge, type Sighting } from "./report-judge.js";
import { ReportMerge, type StoredReports } from "./report-merge.js";
import type { ReportPlace } from "./report-order.js";
import { type ReportedCounts, ReportTallies } from "./report-tallies.js";
import { kindOf, reportedVerdictOf } from "./reported-batch.js";
import type { ReportedRecord } from "./reported-record.js";
import { RuleTexts, SensorTexts } from "./reported-text.js";

export type ReportedFoldInput = {
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
  /** Every record, once, when it is over; the rest at the finish. */
  readonly onRecord: (record: ReportedRecord) => void;
};

/**
 * Windows of one connection that are so far apart are two records: the longest aggregation interval, and a minute for
 * what comes late [W3].
 */
const windowGapMicros = 11 * microsPerMinute;
/** Records that were opened and never ended, as of logs that tell of no ends; beyond this the oldest are closed. */
const maxLive = 1_048_576;

export class ReportedFold {
  readonly #merge = new ReportMerge((report) => this.#take(report));
  readonly #judge: ReportJudge;
  readonly #tallies = new ReportTallies();
  readonly #sensors = new SensorTexts();
  readonly #rules = new RuleTexts();
  #live = new Map<string, LiveReport>();

  constructor(private readonly input: ReportedFoldInput) {
    this.#judge = new ReportJudge(input.policy, input.network);
  }

  /** Batches in the order of their first times. */
  push(reports: StoredReports): void {
    this.#merge.push(reports);
  }

  finish(): ReportedCounts {
    this.#merge.drainBefore(Number.POSITIVE_INFINITY);
    for (const live of this.#live.values()) this.#close(live, null);
    this.#live.clear();
    return this.#tallies.take();
  }

  #take(report: ReportPlace): void {
    const { batch, index } = report;
    const kind = kindOf(batch.marks[index]!);
    const sensor = this.#sensors.read(batch.sensors[batch.sensor[index]!]!);
    this.#tallies.seen(sensor, { kind, time: batch.time[index]!, lastTime: batch.lastTime[index]! });
    switch (kind) {
      case "no-data":
      case "skipped":
        return;
      case "denied":
        this.#deny(new LiveReport(report));
        return;
      case "connection":
        this.#standAlone(report);
        return;
      case "window":
        this.#takeWindow(report);
        return;
      default:
        this.#takeReport(report, kind);
    }
  }

  #takeReport(report: ReportPlace, kind: "opened" | "continued" | "ended"): void {
    const key = this.#keyOf(report);
    let live = this.#live.get(key);
    if (kind === "opened" && live !== undefined) {
      this.#close(live, null);
      live = undefined;
    }
    live ??= this.#open(key, report);
    live.count(report);
    if (kind !== "ended") return;
    this.#live.delete(key);
    this.#close(live, report.batch.time[report.index]! as Micros);
  }

  #takeWindow(report: ReportPlace): void {
    const { batch, index } = report;
    if (reportedVerdictOf(batch.marks[index]!) === "deny") {
      this.#deny(new LiveReport(report));
      return;
    }
    const key = this.#keyOf(report);
    let live = this.#live.get(key);
    if (live !== undefined && batch.time[index]! > live.lastSeen + windowGapMicros) {
      this.#close(live, null);
      live = undefined;
    }
    live ??= this.#open(key, report);
    live.count(report);
  }

  #standAlone(report: ReportPlace): void {
    const live = new LiveReport(report);
    live.count(report);
    this.#close(live, live.lastSeen as Micros);
  }

  #open(key: string, report: ReportPlace): LiveReport {
    if (this.#live.size >= maxLive) this.#closeOldest();
    const live = new LiveReport(report);
    this.#live.set(key, live);
    return live;
  }

  /** Half of them, so that it is done seldom. */
  #closeOldest(): void {
    const byAge = [...this.#live].sort(([, a], [, b]) => a.lastSeen - b.lastSeen || (a.id < b.id ? -1 : 1));
    for (const [, live] of byAge.slice(0, maxLive / 2)) this.#close(live, null);
    this.#live = new Map(byAge.slice(maxLive / 2));
  }

  #close(live: LiveReport, endedAt: Micros | null): void {
    const { direction: _, forward, backward, ...connection } = live.connection();
    const judgement = this.#judge.judge(this.#sighting(live));
    const { id, verdict, openedAt, openingTold, reports, detail } = live;
    const lastSeen = live.lastSeen as Micros;
    const told = { sensor: this.#sensors.read(live.sensor), rule: this.#rules.read(live.rule), verdict, detail };
    const times = { openedAt, openingTold, lastSeen, endedAt, reports };
    const record = { ...judgement, ...connection, ...told, ...times, id, forward, backward };
    this.#tallies.judged(record);
    this.input.onRecord(record);
  }

  #deny(live: LiveReport): void {
    const sighting = this.#sighting(live);
    this.#tallies.denied(sighting, this.#judge.judge(sighting));
  }

  /** The connection without direction, at this sensor, under this group: two groups may log it at one interface. */
  #keyOf(report: ReportPlace): string {
    const { batch, index } = report;
    const group = this.#rules.read(batch.rules[batch.rule[index]!]!)?.group;
    return `${keyOfFlow(report)} ${batch.sensors[batch.sensor[index]!]!} ${group}`;
  }

  #sighting(live: LiveReport): Sighting {
    const { forward: _, backward: __, ...connection } = live.connection();
    const { verdict, openedAt: time, openingTold } = live;
    const sensor = this.#sensors.read(live.sensor);
    return { ...connection, sensor, rule: this.#rules.read(live.rule), verdict, time, openingTold };
  }
}

function keyOfFlow({ batch, index }: ReportPlace): string {
  const flow = batch.flow[index]! >> 1;
  const { words, ports, protocols, icmp } = batch.flows;
  const at = flow * 8;
  const ends = `${words[at]},${words[at + 1]},${words[at + 2]},${words[at + 3]},${words[at + 4]},${words[at + 5]},${words[at + 6]},${words[at + 7]}`;
  const rest = `${ports[flow * 2]},${ports[flow * 2 + 1]},${protocols[flow]},${icmp[flow]}`;
  return `${ends},${rest}`;
}
