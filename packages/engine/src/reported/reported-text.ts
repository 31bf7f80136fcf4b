// Sensors and rules as batches name them, read once each.

import type { ReportedRule, ReportingSensor } from "./reported-flow.js";

export class SensorTexts {
  readonly #read = new Map<string, ReportingSensor>();

  read(text: string): ReportingSensor {
    const known = this.#read.get(text);
    if (known !== undefined) return known;
    const sensor = JSON.parse(text) as ReportingSensor;
    this.#read.set(text, sensor);
    return sensor;
  }
}

export class RuleTexts {
  readonly #read = new Map<string, ReportedRule | null>([["", null]]);

  /** Null: none is named. */
  read(text: string): ReportedRule | null {
    const known = this.#read.get(text);
    if (known !== undefined) return known;
    const rule = JSON.parse(text) as ReportedRule;
    this.#read.set(text, rule);
    return rule;
  }
}
