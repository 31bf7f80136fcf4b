// Tells the circumstances of reported flow records apart without working out their rows, of which there are few.

import type { GateOutcome, ReportedRecord } from "@conntrail/engine";
import { canonicalJson } from "../canonical-json.js";
import { gateRow } from "./view-rows.js";

export class ReportedCircumstanceKeys {
  readonly #numbers = new Map<object, number>();

  of(record: ReportedRecord): string {
    const { verdict, direction, protocol, openingTold, derived, basis, outcome, admission } = record;
    const seen = `${this.#numberOf(record.sensor)} ${this.#numberOf(record.rule)} ${direction} ${protocol}`;
    const gates = admission === null ? "" : admission.gates.map((gate) => this.#gateKey(gate)).join();
    return `${seen} ${verdict} ${openingTold} ${derived} ${basis} ${outcome} ${gates} ${record.interface}`;
  }

  #gateKey(outcome: GateOutcome): string {
    if (!("decidedBy" in outcome)) return canonicalJson(gateRow(outcome));
    return `${outcome.gate} ${outcome.decision} ${this.#numberOf(outcome.decidedBy)}`;
  }

  /** Sensors, rules and rule versions are the same objects where they are equal. */
  #numberOf(named: object | null): number {
    if (named === null) return 0;
    const number = this.#numbers.get(named) ?? this.#numbers.size + 1;
    this.#numbers.set(named, number);
    return number;
  }
}
