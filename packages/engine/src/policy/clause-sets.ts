// Sets of a rule set's clauses as bits, equal ones stored once: which clauses match for sure at a place of a dimension,
// and which may match. The first clause is the highest bit, so that counting leading zeros finds it.

/** Where a set stands among the words of its `ClauseSets`. */
export type ClauseSet = number;

/** What a step along a dimension turns on or off. */
export const part = { sure: 1, possible: 2, both: 3 } as const;
export type Part = (typeof part)[keyof typeof part];

/** A set is first a summary, a bit for each word of `possible` that is not zero; then `possible`; then `sure`. */
export class ClauseSets {
  readonly wordCount: number;
  readonly summaryCount: number;
  #words: Uint32Array = new Uint32Array(1024);
  #end = 0;
  readonly #known = new Map<number, ClauseSet[]>();

  constructor(clauseCount: number) {
    this.wordCount = Math.ceil(clauseCount / 32);
    this.summaryCount = Math.ceil(this.wordCount / 32);
  }

  /** All sets there are now. */
  toWords(): Uint32Array {
    return this.#words.slice(0, this.#end);
  }

  /** Where a set made of `possible`, then `sure` stands; added when new. */
  numberOf(bits: Uint32Array): ClauseSet {
    const hash = hashOf(bits);
    const sameHash = this.#known.get(hash) ?? [];
    const known = sameHash.find((set) => this.#holds(set, bits));
    if (known !== undefined) return known;
    const added = this.#add(bits);
    this.#known.set(hash, [...sameHash, added]);
    return added;
  }

  #holds(set: ClauseSet, bits: Uint32Array): boolean {
    const from = set + this.summaryCount;
    for (let word = 0; word < bits.length; word++) if (this.#words[from + word] !== bits[word]) return false;
    return true;
  }

  #add(bits: Uint32Array): ClauseSet {
    const set = this.#end;
    this.#end += this.summaryCount + bits.length;
    while (this.#end > this.#words.length) this.#words = grown(this.#words);
    for (let word = 0; word < this.wordCount; word++) {
      if (bits[word] !== 0) this.#words[set + (word >>> 5)]! |= 0x80000000 >>> (word & 31);
    }
    this.#words.set(bits, set + this.summaryCount);
    return set;
  }
}

/** The set that holds at the moment, while one goes along a dimension from its first place to its last. */
export class ClauseWalk {
  readonly #bits: Uint32Array;

  constructor(private readonly sets: ClauseSets) {
    this.#bits = new Uint32Array(sets.wordCount * 2);
  }

  get set(): ClauseSet {
    return this.sets.numberOf(this.#bits);
  }

  /** What was off is on from here, and what was on is off. */
  flip(clauses: readonly number[], parts: Part): void {
    for (const clause of clauses) {
      const bit = 0x80000000 >>> (clause & 31);
      if (parts & part.possible) this.#bits[clause >>> 5]! ^= bit;
      if (parts & part.sure) this.#bits[this.sets.wordCount + (clause >>> 5)]! ^= bit;
    }
  }
}

function hashOf(bits: Uint32Array): number {
  let hash = 0;
  for (let index = 0; index < bits.length; index++) {
    hash = Math.imul(hash ^ bits[index]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function grown(words: Uint32Array): Uint32Array {
  const larger = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
}
