// The fold of what sensors reported: reports in order, rules and topology of each instant in; reported flow records,
// denials, what each sensor covered, and how far reported and derived agree out. It knows nothing of packets.

import type { NetworkHistory } from "../network/topology.js";
import type { PolicyHistory } from "../policy/policy-history.js";
import { type Micros, microsPerMinute } from "../time.js";
import type { Earlier, LiveReport } from "./live-report.js";
import { LiveReports, type NamedReport } from "./live-reports.js";
import { type PacketRecordBefore, ReportCheck } from "./report-check.js";
import { ReportMerge, type StoredReports } from "./report-merge.js";
import { ReportNames } from "./report-names.js";
import type { ReportPlace } from "./report-order.js";
import { type Compared, type ReportedCounts, ReportTallies } from "./report-tallies.js";
import { kindOf, reportedVerdictOf } from "./reported-batch.js";
import type { ReportedRecord } from "./reported-record.js";
import { sightingOf } from "./sighting.js";

export type ReportedFoldInput = {
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
  /** Every record, once, when it is over; the rest at the finish. */
  readonly onRecord: (record: ReportedRecord) => void;
  /** What is counted, in parts that add up. */
  readonly onCounts: (counts: ReportedCounts) => void;
  /** Left out: no packets were seen. */
  readonly packetRecordBefore?: PacketRecordBefore;
};

/**
 * Windows of one connection that are so far apart are two records: the longest aggregation interval, and a minute for
 * what comes late [W3].
 */
const windowGapMicros = 11 * microsPerMinute;
/**
 * Records that were opened and never ended, as of logs that tell of no ends; beyond this the oldest are closed. With those
 * that are never added, their rows stay below a power of two, to which memory grows.
 */
const maxLive = 250_000;

export class ReportedFold {
  readonly #merge = new ReportMerge((report) => this.#take(report));
  readonly #check: ReportCheck;
  readonly #tallies: ReportTallies;
  readonly #names = new ReportNames();
  readonly #live = new LiveReports();

  constructor(private readonly input: ReportedFoldInput) {
    const { policy, network, onCounts, packetRecordBefore = () => null } = input;
    this.#tallies = new ReportTallies(onCounts);
    this.#check = new ReportCheck(policy, network, packetRecordBefore);
  }

  /** Batches in the order of their first times. */
  push(reports: StoredReports): void {
    this.#merge.push(reports);
  }

  finish(): void {
    this.#merge.drainBefore(Number.POSITIVE_INFINITY);
    for (const live of [...this.#live.all()]) this.#close(live, null);
    this.#tallies.handOver();
  }

  #take({ batch, index }: ReportPlace): void {
    const names = this.#names.of(batch);
    const [sensor, rule] = [names.sensors[batch.sensor[index]!]!, names.rules[batch.rule[index]!]!];
    const report = { batch, index, sensor, rule };
    const kind = kindOf(batch.marks[index]!);
    this.#tallies.seen(sensor, { kind, time: batch.time[index]!, lastTime: batch.lastTime[index]! });
    switch (kind) {
      case "no-data":
      case "skipped":
        return;
      case "denied":
        this.#deny(report);
        return;
      case "connection":
        this.#standAlone(report);
        return;
      case "window":
        if (reportedVerdictOf(batch.marks[index]!) === "deny") this.#deny(report);
        else this.#takeWindow(report);
        return;
      default:
        this.#takeReport(report, kind);
    }
  }

  #takeReport(report: NamedReport, kind: "opened" | "continued" | "ended"): void {
    const known = this.#live.find(report);
    const opensAnew = known === null || kind === "opened";
    const earlier = known?.span ?? null;
    if (known !== null && opensAnew) this.#end(known, null);
    const live = opensAnew ? this.#open(report, earlier) : known;
    live.count(report);
    if (kind === "ended") this.#end(live, report.batch.time[report.index]! as Micros);
  }

  #takeWindow(report: NamedReport): void {
    const known = this.#live.find(report);
    const goesOn = known !== null && report.batch.time[report.index]! <= known.lastSeen + windowGapMicros;
    const earlier = known?.span ?? null;
    if (known !== null && !goesOn) this.#end(known, null);
    const live = goesOn ? known : this.#open(report, earlier);
    live.count(report);
  }

  #standAlone(report: NamedReport): void {
    const live = this.#live.begin(report);
    live.count(report);
    this.#close(live, live.lastSeen);
  }

  #open(report: NamedReport, earlier: Earlier | null): LiveReport {
    if (this.#live.size >= maxLive) this.#endOldest();
    const live = this.#live.begin(report);
    if (earlier !== null) live.follow(earlier);
    this.#live.add(live);
    return live;
  }

  /** Half of them, so that it is done seldom, and all that were last seen when the last of these was. */
  #endOldest(): void {
    const all = [...this.#live.all()];
    const byAge = Float64Array.from(all, ({ lastSeen }) => lastSeen).sort();
    const latest = byAge[byAge.length >> 1]!;
    for (const live of all) if (live.lastSeen <= latest) this.#end(live, null);
  }

  #end(live: LiveReport, endedAt: Micros | null): void {
    this.#live.remove(live);
    this.#close(live, endedAt);
  }

  #close(live: LiveReport, endedAt: Micros | null): void {
    const compared = this.#compare(live);
    this.#tallies.count(compared, live.reports);
    this.input.onRecord(this.#recordOf(live, endedAt, compared));
    this.#live.drop(live);
  }

  /** A rejected packet may belong to a connection that was accepted. */
  #deny(report: NamedReport): void {
    const live = this.#live.begin(report);
    live.count(report);
    const accepted = this.#live.find(report);
    if (accepted !== null) live.follow(accepted.span);
    this.#tallies.deny(this.#compare(live));
    this.#live.drop(live);
  }

  #compare(live: LiveReport): Compared {
    const sighting = sightingOf(live);
    return { sighting, check: this.#check.check(sighting) };
  }

  #recordOf(live: LiveReport, endedAt: Micros | null, { sighting, check }: Compared): ReportedRecord {
    const { derivation, stand, outcome, clue } = check;
    const { sensor, rule, verdict, openedAt, openingTold, reports, detail } = live;
    const { protocol, source, sourcePort, destination, destinationPort, icmp } = live.tuple;
    const [forward, backward] = live.counters;
    return {
      id: live.idBy(this.#names),
      sensor: sensor.sensor,
      rule: rule.rule,
      verdict,
      interface: stand?.place.id ?? null,
      interfaceName: stand?.place.name ?? null,
      direction: stand?.direction ?? sighting.direction,
      protocol,
      source,
      sourcePort,
      destination,
      destinationPort,
      icmp,
      openedAt,
      openingTold,
      lastSeen: live.lastSeen,
      endedAt,
      reports,
      forward,
      backward,
      detail,
      derived: derivation?.decision ?? "none",
      basis: derivation?.basis ?? null,
      admission: derivation?.admission ?? null,
      outcome,
      clue,
    };
  }
}
