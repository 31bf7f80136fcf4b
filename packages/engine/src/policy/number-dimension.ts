// One dimension of a compiled rule set whose places are numbers: ports, protocols, kinds of ICMP, IPv4 addresses. At
// each number, which clauses match.

import { type ClauseSet, type ClauseSets, ClauseWalk, type Part, part } from "./clause-sets.js";

/** Inclusive at both ends; infinity is the end of all numbers. */
export type NumberRange = { readonly first: number; readonly last: number };

/** Where one clause matches for sure, and where it may match; each ascending, without overlaps. */
export type NumberReach = { readonly sure: readonly NumberRange[]; readonly possible: readonly NumberRange[] };

const mostBuckets = 1 << 20;

export class NumberDimension {
  readonly #shift: number;
  /** For each bucket of numbers with the same high bits: the last start at or below its first number. */
  readonly #buckets: Uint32Array;

  /** `starts` ascends from 0; the set of a start holds up to the next. */
  constructor(
    private readonly starts: Uint32Array,
    private readonly sets: Uint32Array,
  ) {
    const highest = starts.at(-1)!;
    const wanted = Math.min(starts.length * 4, mostBuckets);
    this.#shift = Math.max(0, Math.clz32(wanted) - Math.clz32(highest));
    this.#buckets = bucketsOf(starts, this.#shift);
  }

  get bytes(): number {
    return this.starts.byteLength + this.sets.byteLength + this.#buckets.byteLength;
  }

  setAt(value: number): ClauseSet {
    const bucket = Math.min(value >>> this.#shift, this.#buckets.length - 2);
    let low = this.#buckets[bucket]!;
    let high = this.#buckets[bucket + 1]!;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.starts[middle]! <= value) low = middle;
      else high = middle - 1;
    }
    return this.sets[low]!;
  }
}

/** One more than there are buckets, for the end of the last. */
function bucketsOf(starts: Uint32Array, shift: number): Uint32Array {
  const count = (starts.at(-1)! >>> shift) + 1;
  const buckets = new Uint32Array(count + 1).fill(starts.length - 1);
  for (let bucket = 0, start = 0; bucket < count; bucket++) {
    while (start + 1 < starts.length && starts[start + 1]! <= bucket * 2 ** shift) start++;
    buckets[bucket] = start;
  }
  return buckets;
}

type Flip = { readonly at: number; readonly clause: number; readonly parts: Part };

/** The dimension in which each clause, by its number, has this reach. */
export function numberDimension(sets: ClauseSets, reaches: readonly NumberReach[]): NumberDimension {
  const flips = reaches.flatMap(flipsOf).sort((a, b) => a.at - b.at);
  const walk = new ClauseWalk(sets);
  const starts = [0];
  const found = [walk.set];
  flips.forEach(({ at, clause, parts }, index) => {
    walk.flip([clause], parts);
    if (flips[index + 1]?.at === at) return;
    if (at !== starts.at(-1)) starts.push(at);
    found[starts.length - 1] = walk.set;
  });
  return new NumberDimension(Uint32Array.from(starts), Uint32Array.from(found));
}

function flipsOf({ sure, possible }: NumberReach, clause: number): Flip[] {
  const ends = (parts: Part) => (range: NumberRange) =>
    [range.first, range.last + 1].filter(Number.isFinite).map((at) => ({ at, clause, parts }));
  if (sure === possible) return possible.flatMap(ends(part.both));
  return [...sure.flatMap(ends(part.sure)), ...possible.flatMap(ends(part.possible))];
}
