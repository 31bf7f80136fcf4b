// What is counted of reports besides their records: denials, what each sensor told hour by hour, and how often reported and
// derived agree.

import type { ResourceId } from "../event.js";
import type { RuleVersion } from "../policy/rule-version.js";
import { type Micros, microsPerHour, toMicros } from "../time.js";
import { type Decision, type Standing, standingOf } from "../verdict.js";
import { type Address, addressKey } from "../wire/address.js";
import type { CheckClue, CheckOutcome } from "./check-outcome.js";
import type { CheckBasis } from "./derivation.js";
import type { Check } from "./report-check.js";
import type { NamedSensor } from "./report-names.js";
import type { ReportedRule, ReportedVerdict, ReportingSensor, ReportKind } from "./reported-flow.js";
import type { ReportedDenial, SensorHour, SkippedWindow } from "./reported-record.js";
import type { Sighting } from "./sighting.js";

/** What a sensor said, and what we say to it. */
export type Compared = { readonly sighting: Sighting; readonly check: Check };

/** The rule version that decides as we know the rules. */
export type DerivedRule = {
  readonly group: ResourceId;
  readonly rule: string;
  readonly version: number;
  readonly isDefault: boolean;
};

/** Reports of records opened in one hour, and denials of that hour, that fared alike. */
export type CheckTally = {
  readonly sensor: ReportingSensor;
  readonly rule: ReportedRule | null;
  /** Its beginning. */
  readonly hour: Micros;
  readonly reported: ReportedVerdict;
  readonly derived: Decision;
  /** Null: nothing is held against it. */
  readonly basis: CheckBasis | null;
  /** Null: no rule of ours decides. */
  readonly derivedRule: DerivedRule | null;
  /** How firm our own answer is. */
  readonly standing: Standing;
  readonly outcome: CheckOutcome;
  readonly first: Micros;
  readonly last: Micros;
  readonly reports: number;
};

/** Those on which reported and derived don't agree, between the same addresses. */
export type Disagreement = CheckTally & {
  readonly source: Address;
  readonly destination: Address;
  readonly destinationPort: number;
  readonly protocol: number;
  /** Of the first of them. */
  readonly clue: CheckClue | null;
};

export type ReportedCounts = {
  readonly denials: readonly ReportedDenial[];
  readonly hours: readonly SensorHour[];
  readonly skipped: readonly SkippedWindow[];
  readonly checks: readonly CheckTally[];
  readonly disagreements: readonly Disagreement[];
};

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** With so many rows they are handed over, so that memory stays bounded. */
const maxRows = 16_384;

export class ReportTallies {
  readonly #denials = new Map<string, Open<ReportedDenial>>();
  /** By the sensor's number, then by hour. */
  #hours: Map<number, Open<SensorHour>>[] = [];
  readonly #skipped = new Map<string, Open<SkippedWindow>>();
  readonly #checks = new Map<string, Open<CheckTally>>();
  readonly #disagreements = new Map<string, Open<Disagreement>>();
  readonly #numbers = new Map<object, number>();
  readonly #places = new Map<ResourceId | null, number>();
  #rows = 0;

  constructor(private readonly onCounts: (counts: ReportedCounts) => void) {}

  seen(
    { number, sensor }: NamedSensor,
    { kind, time, lastTime }: { kind: ReportKind; time: number; lastTime: number },
  ): void {
    this.#keepSmall();
    const hour = hourOf(time);
    const hours = this.#hours[number] ?? new Map<number, Open<SensorHour>>();
    this.#hours[number] = hours;
    let told = hours.get(hour);
    if (told === undefined) {
      told = { sensor, hour, reports: 0, noData: 0, skipped: 0, first: time as Micros, last: lastTime as Micros };
      hours.set(hour, told);
      this.#rows++;
    }
    told.reports++;
    if (kind === "no-data") told.noData++;
    if (kind === "skipped") {
      told.skipped++;
      this.#skip({ number, sensor }, time as Micros, lastTime as Micros);
    }
    if (lastTime > told.last) told.last = lastTime as Micros;
  }

  #skip({ number, sensor }: Pick<NamedSensor, "number" | "sensor">, first: Micros, last: Micros): void {
    const key = `${number} ${first} ${last}`;
    const row = this.#skipped.get(key);
    if (row !== undefined) row.reports++;
    else {
      this.#rows++;
      this.#skipped.set(key, { sensor, first, last, reports: 1 });
    }
  }

  deny(compared: Compared): void {
    const { sighting, check } = compared;
    const { sensor, rule, time, tuple } = sighting;
    const { source, destination, destinationPort, protocol } = tuple;
    const { place = null } = check.stand ?? {};
    const key = `${this.#names(sighting)} ${endsKey(sighting)} ${this.#placeNumber(place?.id ?? null)}`;
    const row = this.#denials.get(key);
    if (row !== undefined) {
      row.count++;
      if (time > row.last) row.last = time;
    } else {
      this.#rows++;
      const direction = check.stand?.direction ?? sighting.direction;
      const at = { interface: place?.id ?? null, interfaceName: place?.name ?? null, direction };
      const ends = { source, destination, destinationPort, protocol };
      this.#denials.set(key, { sensor, rule, ...at, ...ends, first: time, last: time, count: 1 });
    }
    this.count(compared, 1);
  }

  /** A record fares as its opening did. */
  count(compared: Compared, reports: number): void {
    const { sighting, check } = compared;
    const { outcome } = check;
    const key = this.#checkKey(compared);
    this.#add(this.#checks, { key, time: sighting.time, reports, make: () => tallyOf(compared) });
    if (outcome === "agrees" || outcome === "no-verdict" || outcome === "no-interface") return;
    const ends = `${key} ${endsKey(sighting)}`;
    const { source, destination, destinationPort, protocol } = sighting.tuple;
    const between = { source, destination, destinationPort, protocol, clue: check.clue };
    const make = () => ({ ...tallyOf(compared), ...between });
    const row = this.#add(this.#disagreements, { key: ends, time: sighting.time, reports, make });
    if (row.first === sighting.time) row.clue = check.clue;
  }

  /** What was counted since the last time. */
  handOver(): void {
    this.onCounts({
      denials: [...this.#denials.values()],
      hours: this.#hours.flatMap((hours) => [...hours.values()]),
      skipped: [...this.#skipped.values()],
      checks: [...this.#checks.values()],
      disagreements: [...this.#disagreements.values()],
    });
    this.#rows = 0;
    this.#hours = [];
    for (const rows of [this.#denials, this.#skipped, this.#checks, this.#disagreements]) rows.clear();
  }

  #keepSmall(): void {
    if (this.#rows >= maxRows) this.handOver();
  }

  #add<T extends Count>(rows: Map<string, T>, { key, time, reports, make }: Counted<T>): T {
    const known = rows.get(key);
    const row = known ?? make();
    row.reports += reports;
    if (time < row.first) row.first = time;
    if (time > row.last) row.last = time;
    if (known === undefined) {
      rows.set(key, row);
      this.#rows++;
    }
    return row;
  }

  #checkKey({ sighting, check }: Compared): string {
    const { verdict, time } = sighting;
    const { derivation, outcome } = check;
    const { decision = "none", basis = null, decidedBy = null } = derivation ?? {};
    const decider = decidedBy === null ? "" : this.#numberOf(decidedBy);
    const fared = `${verdict} ${decision} ${basis} ${standingOfCheck(check, time)} ${outcome}`;
    return `${this.#names(sighting)} ${hourOf(time)} ${fared} ${decider}`;
  }

  /** Ids are long, and interfaces few. */
  #placeNumber(id: ResourceId | null): number {
    const number = this.#places.get(id) ?? this.#places.size;
    this.#places.set(id, number);
    return number;
  }

  #names({ sensor, rule }: Sighting): string {
    return `${this.#numberOf(sensor)} ${rule === null ? "" : this.#numberOf(rule)}`;
  }

  /** Sensors, rules and versions are the same objects where they are equal. */
  #numberOf(named: object): number {
    let number = this.#numbers.get(named);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(named, number);
    }
    return number;
  }
}

type Count = { first: Micros; last: Micros; reports: number };
type Counted<T> = { readonly key: string; readonly time: Micros; readonly reports: number; readonly make: () => T };

/** Nothing counted yet. */
function tallyOf({ sighting, check }: Compared): CheckTally {
  const { sensor, rule, verdict: reported, time } = sighting;
  const { derivation, outcome } = check;
  return {
    sensor,
    rule,
    hour: hourOf(time),
    reported,
    derived: derivation?.decision ?? "none",
    basis: derivation?.basis ?? null,
    derivedRule: derivedRule(derivation?.decidedBy ?? null),
    standing: standingOfCheck(check, time),
    outcome,
    first: time,
    last: time,
    reports: 0,
  };
}

/** Where the group is not known to stand there, no more than inferred. */
function standingOfCheck({ derivation }: Check, time: Micros): Standing {
  if (derivation === null || derivation.decision === "unknown") return "unknown";
  const { basis, admission } = derivation;
  return basis === "group-alone" || admission === null ? "inferred" : standingOf(admission, time);
}

function derivedRule(version: RuleVersion | null): DerivedRule | null {
  if (version === null) return null;
  const { group, rule, version: number, isDefault } = version;
  return { group, rule, version: number, isDefault };
}

function endsKey({ tuple }: Sighting): string {
  const { source, destination, destinationPort, protocol } = tuple;
  return `${addressKey(source)} ${addressKey(destination)} ${destinationPort} ${protocol}`;
}

function hourOf(time: number): Micros {
  return toMicros(Math.floor(time / microsPerHour) * microsPerHour);
}
