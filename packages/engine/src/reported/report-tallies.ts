// What is counted of reports besides their records: denials, what each sensor told hour by hour, and how often reported and
// derived agree.

import { type Micros, microsPerHour, toMicros } from "../time.js";
import { decidingGate } from "../verdict.js";
import { addressKey } from "../wire/address.js";
import type { CheckOutcome } from "./report-check.js";
import type { Judgement, Sighting } from "./report-judge.js";
import type { ReportedRule, ReportedVerdict, ReportingSensor, ReportKind } from "./reported-flow.js";
import type { ReportedDenial, ReportedRecord, SensorHour } from "./reported-record.js";

/** Reports that fared alike. */
export type CheckTally = {
  readonly sensor: ReportingSensor;
  readonly rule: ReportedRule | null;
  readonly reported: ReportedVerdict;
  readonly derived: Judgement["derived"];
  /** The group and the rule that decide as we know them; null: none. */
  readonly derivedRule: ReportedRule | null;
  /** `covered`: a report of a record that was open already. */
  readonly outcome: CheckOutcome | "covered";
  readonly first: Micros;
  readonly last: Micros;
  readonly reports: number;
};

/** Reports of one kind of connection on which reported and derived don't agree. */
export type Disagreement = Omit<CheckTally, "outcome"> &
  Pick<Sighting, "source" | "destination" | "destinationPort" | "protocol"> & { readonly outcome: CheckOutcome };

export type ReportedCounts = {
  readonly denials: readonly ReportedDenial[];
  readonly hours: readonly SensorHour[];
  readonly checks: readonly CheckTally[];
  readonly disagreements: readonly Disagreement[];
};

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** Beyond this rows are counted in the tallies alone. */
const maxRows = 1_000_000;

export class ReportTallies {
  #denials = new Map<string, Open<ReportedDenial>>();
  #hours = new Map<string, Open<SensorHour>>();
  #checks = new Map<string, Open<CheckTally>>();
  #disagreements = new Map<string, Open<Disagreement>>();
  readonly #names = new Map<object, number>();

  seen(sensor: ReportingSensor, report: { kind: ReportKind; time: number; lastTime: number }): void {
    const hour = Math.floor(report.time / microsPerHour) * microsPerHour;
    const key = `${this.#nameOf(sensor)} ${hour}`;
    const [first, last] = [toMicros(report.time), toMicros(report.lastTime)];
    let told = this.#hours.get(key);
    if (told === undefined) {
      told = { sensor, hour: toMicros(hour), reports: 0, noData: 0, skipped: 0, first, last };
      this.#hours.set(key, told);
    }
    told.reports++;
    if (report.kind === "no-data") told.noData++;
    if (report.kind === "skipped") told.skipped++;
    told.last = toMicros(Math.max(told.last, last));
  }

  denied(sighting: Sighting, judgement: Judgement): void {
    const { sensor, rule, source, destination, destinationPort, protocol, time } = sighting;
    const key = `${this.#placeKey(sighting)} ${judgement.interface}`;
    const row = this.#denials.get(key);
    if (row !== undefined) {
      row.count++;
      row.last = toMicros(Math.max(row.last, time));
    } else if (this.#denials.size < maxRows) {
      const { interface: id, interfaceName, direction } = judgement;
      const about = { sensor, rule, source, destination, destinationPort, protocol };
      this.#denials.set(key, { ...about, interface: id, interfaceName, direction, first: time, last: time, count: 1 });
    }
    this.#check(sighting, judgement, 1);
  }

  /** The first report is held against the rules; what follows is covered by the record. */
  judged(record: ReportedRecord): void {
    const sighting = { ...record, time: record.openedAt };
    this.#check(sighting, record, 1);
    if (record.reports < 2 || record.outcome === "no-verdict" || record.outcome === "no-interface") {
      if (record.reports > 1) this.#tally(sighting, record, { outcome: record.outcome, reports: record.reports - 1 });
      return;
    }
    this.#tally(sighting, record, { outcome: "covered", reports: record.reports - 1 });
  }

  take(): ReportedCounts {
    return {
      denials: [...this.#denials.values()],
      hours: [...this.#hours.values()],
      checks: [...this.#checks.values()],
      disagreements: [...this.#disagreements.values()],
    };
  }

  #check(sighting: Sighting, judgement: Judgement, reports: number): void {
    const { outcome } = judgement;
    this.#tally(sighting, judgement, { outcome, reports });
    if (outcome !== "agrees" && outcome !== "no-verdict" && outcome !== "no-interface") {
      this.#disagree(sighting, judgement);
    }
  }

  #tally(
    sighting: Sighting,
    judgement: Judgement,
    { outcome, reports }: Pick<CheckTally, "outcome" | "reports">,
  ): void {
    const { sensor, rule, verdict: reported, time } = sighting;
    const { derived } = judgement;
    const derivedRule = derivedRuleOf(judgement);
    const about = `${this.#nameOf(sensor)} ${rule === null ? "" : this.#nameOf(rule)}`;
    const key = `${about} ${reported} ${derived} ${derivedRule?.group} ${derivedRule?.rule} ${outcome}`;
    const row = this.#checks.get(key);
    if (row === undefined) {
      this.#checks.set(key, {
        sensor,
        rule,
        reported,
        derived,
        derivedRule,
        outcome,
        first: time,
        last: time,
        reports,
      });
      return;
    }
    row.reports += reports;
    row.first = toMicros(Math.min(row.first, time));
    row.last = toMicros(Math.max(row.last, time));
  }

  #disagree(sighting: Sighting, judgement: Judgement): void {
    const { sensor, rule, verdict: reported, time, source, destination, destinationPort, protocol } = sighting;
    const { derived, outcome } = judgement;
    const derivedRule = derivedRuleOf(judgement);
    const said = `${reported} ${derived} ${derivedRule?.group} ${derivedRule?.rule} ${outcome}`;
    const key = `${this.#placeKey(sighting)} ${said}`;
    const row = this.#disagreements.get(key);
    if (row !== undefined) {
      row.reports++;
      row.first = toMicros(Math.min(row.first, time));
      row.last = toMicros(Math.max(row.last, time));
    } else if (this.#disagreements.size < maxRows) {
      const about = { sensor, rule, source, destination, destinationPort, protocol };
      const verdicts = { reported, derived, derivedRule, outcome };
      this.#disagreements.set(key, { ...about, ...verdicts, first: time, last: time, reports: 1 });
    }
  }

  #placeKey({ sensor, rule, source, destination, destinationPort, protocol }: Sighting): string {
    const about = `${this.#nameOf(sensor)} ${rule === null ? "" : this.#nameOf(rule)}`;
    return `${about} ${addressKey(source)} ${addressKey(destination)} ${destinationPort} ${protocol}`;
  }

  /** Sensors and rules are read once each, so that equal ones are the same object. */
  #nameOf(named: ReportingSensor | ReportedRule): number {
    let name = this.#names.get(named);
    if (name === undefined) {
      name = this.#names.size;
      this.#names.set(named, name);
    }
    return name;
  }
}

function derivedRuleOf({ admission }: Judgement): ReportedRule | null {
  const gate = admission === null ? null : decidingGate(admission);
  if (gate === null || gate.decision === "unknown" || gate.decidedBy === null) return null;
  return { group: gate.decidedBy.group, rule: gate.decidedBy.rule };
}
