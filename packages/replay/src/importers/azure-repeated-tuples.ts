// Equal tuples in one record are two events. Which of them a tuple is says how many equal ones came before it.

import type { ReportedFlow } from "@conntrail/engine";

export class RepeatedTuples {
  /** How often each tuple came, by sensor and rule. */
  readonly #counts = new Map<string, Map<unknown, number>>();

  /** Before each record. */
  clear(): void {
    this.#counts.clear();
  }

  ordinalOf(tuple: unknown, { sensor, rule }: ReportedFlow): number {
    const owner = sensor + rule;
    let counts = this.#counts.get(owner);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(owner, counts);
    }
    const before = counts.get(tuple) ?? 0;
    counts.set(tuple, before + 1);
    return before;
  }
}
