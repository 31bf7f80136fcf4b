// Goes through the clauses that may match a packet, in the order in which they are tried: those that are in the sets of
// all dimensions at once. Summaries first, so that words without a bit are not even read.

import type { ClauseSet, ClauseSets } from "./clause-sets.js";

/** The sets of the packet's place in each dimension. */
export type ScannedSets = {
  protocol: ClauseSet;
  sourcePort: ClauseSet;
  destinationPort: ClauseSet;
  icmp: ClauseSet;
  source: ClauseSet;
  destination: ClauseSet;
};

export const noClause = -1;

export class ClauseScan {
  /** Filled in before `begin`. */
  readonly at: ScannedSets = { protocol: 0, sourcePort: 0, destinationPort: 0, icmp: 0, source: 0, destination: 0 };
  readonly #words: Uint32Array;
  readonly #summaryCount: number;
  readonly #wordCount: number;
  #summaryIndex = 0;
  /** What is left to visit: words of the summary in hand, and clauses of the word in hand. */
  #summary = 0;
  #word = 0;
  #left = 0;
  #clause = noClause;

  constructor(sets: ClauseSets) {
    this.#words = sets.toWords();
    this.#summaryCount = sets.summaryCount;
    this.#wordCount = sets.wordCount;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  begin(): void {
    this.#summaryIndex = 0;
    this.#summary = this.#summaryCount === 0 ? 0 : this.#common(0);
    this.#left = 0;
  }

  /** The next clause that may match, or `noClause`. */
  next(): number {
    while (this.#left === 0) {
      if (!this.#nextWord()) return noClause;
    }
    const bit = Math.clz32(this.#left);
    this.#left &= ~(0x80000000 >>> bit);
    this.#clause = this.#word * 32 + bit;
    return this.#clause;
  }

  /** Whether the clause that `next` gave matches for sure. */
  get isSure(): boolean {
    const word = this.#common(this.#summaryCount + this.#wordCount + this.#word);
    return (word & (0x80000000 >>> (this.#clause & 31))) !== 0;
  }

  #nextWord(): boolean {
    while (this.#summary === 0) {
      if (++this.#summaryIndex >= this.#summaryCount) return false;
      this.#summary = this.#common(this.#summaryIndex);
    }
    const bit = Math.clz32(this.#summary);
    this.#summary &= ~(0x80000000 >>> bit);
    this.#word = this.#summaryIndex * 32 + bit;
    this.#left = this.#common(this.#summaryCount + this.#word);
    return true;
  }

  /** The bits that one word has in the sets of all dimensions. */
  #common(word: number): number {
    const words = this.#words;
    const { protocol, sourcePort, destinationPort, icmp, source, destination } = this.at;
    return (
      words[source + word]! &
      words[destination + word]! &
      words[destinationPort + word]! &
      words[protocol + word]! &
      words[sourcePort + word]! &
      words[icmp + word]!
    );
  }
}
