// One dimension of a compiled rule set whose places are addresses. IPv4 and IPv6 lie on one line of 128 bits; the
// stretch of IPv4 is found by its last word alone.

import { v4Range } from "../wire/address-range.js";
import { AddressSet, allV4 } from "../wire/address-set.js";
import { compareWords, concatenated, orderOf } from "../wire/address-words.js";
import { type ClauseSet, type ClauseSets, ClauseWalk, type Part, part } from "./clause-sets.js";
import { NumberDimension } from "./number-dimension.js";

/** Where some clauses match for sure, and where they may match. */
export type AddressReach = {
  readonly clauses: readonly number[];
  readonly sure: AddressSet;
  readonly possible: AddressSet;
};

export class AddressDimension {
  readonly #v4: NumberDimension;

  /** `starts` has four words each and ascends from `::`, with one at the beginning of IPv4 and one behind its end. */
  constructor(
    private readonly starts: Uint32Array,
    private readonly sets: Uint32Array,
  ) {
    const from = this.#lastAtOrBelow(v4Range.first, 0);
    const to = this.#lastAtOrBelow(v4Range.last, 0) + 1;
    const lastWords = Uint32Array.from({ length: to - from }, (_, index) => starts[(from + index) * 4 + 3]!);
    this.#v4 = new NumberDimension(lastWords, sets.slice(from, to));
  }

  get bytes(): number {
    return this.starts.byteLength + this.sets.byteLength + this.#v4.bytes;
  }

  /** At the address in the four words from `at`. */
  setAt(words: Uint32Array, at: number): ClauseSet {
    if (words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0xffff) return this.#v4.setAt(words[at + 3]!);
    return this.sets[this.#lastAtOrBelow(words, at)]!;
  }

  #lastAtOrBelow(words: ArrayLike<number>, at: number): number {
    let low = 0;
    let high = this.sets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (compareWords(this.starts, middle * 4, words, at) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The dimension in which clauses have these reaches. */
export function addressDimension(sets: ClauseSets, reaches: readonly AddressReach[]): AddressDimension {
  const { words, causes, order } = flipsOf([...reaches, ...landmarks]);
  const walk = new ClauseWalk(sets);
  const starts = new Uint32Array(words.length);
  const found = new Uint32Array(order.length);
  let end = 0;
  order.forEach((flip, index) => {
    const { clauses, parts } = causes[flip]!;
    walk.flip(clauses, parts);
    const next = order[index + 1];
    if (next !== undefined && compareWords(words, flip * 4, words, next * 4) === 0) return;
    starts.set(words.subarray(flip * 4, flip * 4 + 4), end * 4);
    found[end++] = walk.set;
  });
  return new AddressDimension(starts.slice(0, end * 4), found.slice(0, end));
}

/** So that there is a start at `::`, at the beginning of IPv4, and behind its end. */
const landmarks: readonly AddressReach[] = [AddressSet.everything, allV4].map((possible) => ({
  clauses: [],
  sure: AddressSet.none,
  possible,
}));

type Cause = { readonly clauses: readonly number[]; readonly parts: Part };
/** Places by number with what turns there, and the order of the places. */
type Flips = { readonly words: Uint32Array; readonly causes: readonly Cause[]; readonly order: Uint32Array };

function flipsOf(reaches: readonly AddressReach[]): Flips {
  const turning = reaches.flatMap(turnsOf);
  const words = concatenated(turning.map(({ turns }) => turns));
  const causes = turning.flatMap(({ turns, cause }) => new Array<Cause>(turns.length / 4).fill(cause));
  return { words, causes, order: orderOf(words, 4) };
}

function turnsOf({ clauses, sure, possible }: AddressReach): { turns: Uint32Array; cause: Cause }[] {
  const of = (set: AddressSet, parts: Part) => ({ turns: set.turns, cause: { clauses, parts } });
  return sure === possible ? [of(sure, part.both)] : [of(sure, part.sure), of(possible, part.possible)];
}
