// The problems of one file: all are counted, and the first of them kept, so that the record of the import stays small.

import type { Problem, ProblemCounts } from "@conntrail/engine";

const maxKept = 1000;
/** An import's record must fit into one append of 1 MiB, at up to three bytes a character. */
const maxKeptCharacters = 262_144;

export class ProblemLedger {
  count = 0;
  readonly #kept: Problem[] = [];
  #characters = 0;
  #byKind: ProblemCounts = {};

  add(problem: Problem): void {
    this.count++;
    this.#byKind = { ...this.#byKind, [problem.kind]: (this.#byKind[problem.kind] ?? 0) + 1 };
    this.#characters += problem.message.length;
    if (this.#kept.length < maxKept && this.#characters <= maxKeptCharacters) this.#kept.push(problem);
  }

  /** As reports and the import's record have them. */
  told() {
    return { problemCount: this.count, problemsByKind: this.#byKind, problems: this.#kept } as const;
  }
}
