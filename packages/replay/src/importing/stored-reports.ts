// Which reported flows of a source the log does not hold yet.

import type { ReportRange } from "@conntrail/store";

export class Unstored {
  #at = 0;

  /** `stored` in their order. */
  constructor(private readonly stored: readonly ReportRange[]) {}

  /** The parts of a range that are not stored; ranges must be asked for in their order. */
  within({ from, to }: ReportRange): ReportRange[] {
    const parts: ReportRange[] = [];
    let next = from;
    while (next < to) {
      while (this.#at < this.stored.length && this.stored[this.#at]!.to <= next) this.#at++;
      const known = this.stored[this.#at] ?? { from: to, to };
      const end = Math.min(known.from, to);
      if (end > next) parts.push({ from: next, to: end });
      next = Math.max(next, Math.min(known.to, to), end);
    }
    return parts;
  }
}
