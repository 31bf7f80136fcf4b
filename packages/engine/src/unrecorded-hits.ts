// What rules did that no flow record and no denied attempt tells of: packets that they let pass without a record, and
// denied ones that found no room among the attempts. One row for each rule version.

import type { DeniedTally } from "./flow/denied-attempts.js";
import type { RuleVersion } from "./policy/rule-version.js";
import type { Micros } from "./time.js";
import type { Admission } from "./verdict.js";

export type UnrecordedHits = {
  readonly rule: RuleVersion;
  readonly first: Micros;
  readonly last: Micros;
  readonly passedPackets: number;
  readonly passedBytes: number;
  readonly deniedPackets: number;
};

type Writable<T> = { -readonly [field in keyof T]: T[field] };

export class UnrecordedHitCounts {
  readonly #hits = new Map<string, Writable<UnrecordedHits>>();
  /** The same by the version itself: most hits are of the same few objects. */
  readonly #known = new Map<RuleVersion, Writable<UnrecordedHits>>();

  /** A packet that every gate's rule allowed. */
  passed({ gates }: Admission, time: Micros, bytes: number): void {
    for (const gate of gates) {
      if (!("decidedBy" in gate) || gate.decidedBy === null) continue;
      const hits = this.#hitsOf(gate.decidedBy, time, time);
      hits.passedPackets++;
      hits.passedBytes += bytes;
    }
  }

  denied(rule: RuleVersion, { first, last, count }: DeniedTally): void {
    this.#hitsOf(rule, first, last).deniedPackets += count;
  }

  get rows(): readonly UnrecordedHits[] {
    return [...this.#hits.values()];
  }

  reset(): void {
    this.#hits.clear();
    this.#known.clear();
  }

  #hitsOf(rule: RuleVersion, first: Micros, last: Micros): Writable<UnrecordedHits> {
    const hits = this.#known.get(rule) ?? this.#keyed(rule, first);
    this.#known.set(rule, hits);
    if (first < hits.first) hits.first = first;
    if (last > hits.last) hits.last = last;
    return hits;
  }

  #keyed(rule: RuleVersion, time: Micros): Writable<UnrecordedHits> {
    const key = [rule.group, rule.rule, rule.isDefault, rule.version].join("\n");
    const nothing = { rule, first: time, last: time, passedPackets: 0, passedBytes: 0, deniedPackets: 0 };
    const hits = this.#hits.get(key) ?? nothing;
    this.#hits.set(key, hits);
    return hits;
  }
}
