// Sensors and rules as reports name them, each once and with a number, so that reports are told apart by numbers.

import type { ResourceId } from "../event.js";
import { FlowIdHash } from "../flow/flow-id.js";
import type { ReportedBatch } from "./reported-batch.js";
import type { ReportedRule, ReportingSensor } from "./reported-flow.js";

export type NamedSensor = { readonly number: number; readonly text: string; readonly sensor: ReportingSensor };

export type NamedRule = {
  readonly number: number;
  readonly text: string;
  /** Null: none is named. */
  readonly rule: ReportedRule | null;
  /** Rules of one group share it. */
  readonly group: number;
};

/** Those of one batch, by its own numbers. */
export type BatchNames = { readonly sensors: readonly NamedSensor[]; readonly rules: readonly NamedRule[] };

export class ReportNames {
  readonly #sensors = new Map<string, NamedSensor>();
  readonly #rules = new Map<string, NamedRule>();
  readonly #groups = new Map<ResourceId | null, number>();
  readonly #ofBatches = new WeakMap<ReportedBatch, BatchNames>();
  readonly #hashes: FlowIdHash[][] = [];

  of(batch: ReportedBatch): BatchNames {
    const known = this.#ofBatches.get(batch);
    if (known !== undefined) return known;
    const sensors = batch.sensors.map((text) => this.#sensor(text));
    const rules = batch.rules.map((text) => this.#rule(text));
    this.#ofBatches.set(batch, { sensors, rules });
    return { sensors, rules };
  }

  /** What ids of the sensor's records under a rule begin with. */
  hashOf(sensor: NamedSensor, rule: NamedRule): FlowIdHash {
    const ofSensor = this.#hashes[sensor.number] ?? [];
    this.#hashes[sensor.number] = ofSensor;
    const hash = ofSensor[rule.number] ?? new FlowIdHash().text(sensor.text).text(rule.text);
    ofSensor[rule.number] = hash;
    return hash;
  }

  #sensor(text: string): NamedSensor {
    const known = this.#sensors.get(text);
    if (known !== undefined) return known;
    const made = { number: this.#sensors.size, text, sensor: JSON.parse(text) as ReportingSensor };
    this.#sensors.set(text, made);
    return made;
  }

  #rule(text: string): NamedRule {
    const known = this.#rules.get(text);
    if (known !== undefined) return known;
    const rule = text === "" ? null : (JSON.parse(text) as ReportedRule);
    const made = { number: this.#rules.size, text, rule, group: this.#groupNumber(rule?.group ?? null) };
    this.#rules.set(text, made);
    return made;
  }

  #groupNumber(group: ResourceId | null): number {
    const key = group?.toLowerCase() ?? null;
    const known = this.#groups.get(key) ?? this.#groups.size;
    this.#groups.set(key, known);
    return known;
  }
}
