// Problems that are alike, told once: where the first stands, and how many there are, so that a bad file of millions of
// records gives no millions of problems.

import type { Imported, ProblemKind } from "./importer.js";

type Tally = { readonly kind: ProblemKind; readonly firstRecord: number; readonly example: string; count: number };

const maxQuoted = 80;

export class ProblemTally {
  readonly #tallies = new Map<string, Tally>();

  /** `what` says what is wrong with all of them, `example` is what stands there, for the first. */
  hear(
    kind: ProblemKind,
    what: string,
    { record, example }: { readonly record: number; readonly example: string },
  ): void {
    const tally = this.#tallies.get(what);
    if (tally !== undefined) tally.count++;
    else this.#tallies.set(what, { kind, firstRecord: record, example: example.slice(0, maxQuoted), count: 1 });
  }

  *told(): Iterable<Imported> {
    for (const [what, { kind, firstRecord, example, count }] of this.#tallies) {
      const quoted = example === "" ? "" : `: \`${example}\``;
      const others = count === 1 ? "" : ` (the first of ${count} records that are so)`;
      yield { kind: "problem", problem: { kind, record: firstRecord, message: `${what}${quoted}${others}` } };
    }
  }
}
