// Cuts a line of numbers or of addresses into parts on which a number of sets agree: what is asked of one place of a
// part holds for all of it.

import { groupBy } from "../grouping.js";
import type { Address } from "../wire/address.js";
import type { AddressRange } from "../wire/address-range.js";
import { AddressSet } from "../wire/address-set.js";
import { compareWords, concatenated, decrement, orderOf } from "../wire/address-words.js";
import type { NumberRange } from "./number-dimension.js";

/** A part of the line, one of its places, and the numbers of the sets that hold it. */
export type Part<Place, Whole> = { readonly sample: Place; readonly whole: Whole; readonly of: ReadonlySet<number> };

export type NumberPart = Part<number, readonly NumberRange[]>;
export type AddressPart = Part<Address, AddressSet>;

/** From 0 up to and with `last`. */
export function partitionNumbers(sets: readonly (readonly NumberRange[])[], last: number): NumberPart[] {
  const turns = sets.flatMap((ranges, set) =>
    ranges.flatMap(({ first, last: end }) => [
      { at: first, set, by: 1 },
      { at: end + 1, set, by: -1 },
    ]),
  );
  const places = [...new Set([0, ...turns.map(({ at }) => at)])].filter((at) => at <= last).sort((a, b) => a - b);
  const turnsAt = groupBy(turns, ({ at }) => at);
  const parts = partsAlongTheLine<NumberRange>();
  places.forEach((first, index) => {
    for (const { set, by } of turnsAt.get(first) ?? []) parts.turn(set, by);
    parts.add({ first, last: (places[index + 1] ?? last + 1) - 1 });
  });
  return parts.found().map(({ ranges, of }) => ({ sample: ranges[0]!.first, whole: ranges, of }));
}

export function partitionAddresses(sets: readonly AddressSet[]): AddressPart[] {
  const turning = [AddressSet.everything, ...sets].map(({ turns }) => turns);
  const words = concatenated(turning);
  const turnOf = turning.flatMap((turns, index) =>
    Array.from({ length: turns.length / 4 }, (_, turn) => ({ set: index - 1, by: turn % 2 === 0 ? 1 : -1 })),
  );
  const parts = partsAlongTheLine<AddressRange>();
  const order = orderOf(words, 4);
  order.forEach((turn, index) => {
    const { set, by } = turnOf[turn]!;
    if (set >= 0) parts.turn(set, by);
    const next = order[index + 1];
    if (next !== undefined && compareWords(words, turn * 4, words, next * 4) === 0) return;
    parts.add({ first: addressAt(words, turn * 4), last: next === undefined ? lastAddress : before(words, next * 4) });
  });
  return parts.found().map(({ ranges, of }) => ({ sample: ranges[0]!.first, whole: AddressSet.ofRanges(ranges), of }));
}

const lastAddress = AddressSet.everything.ranges[0]!.last;

function addressAt(words: Uint32Array, at: number): Address {
  return [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
}

function before(words: Uint32Array, at: number): Address {
  const one = words.slice(at, at + 4);
  decrement(one, 0);
  return addressAt(one, 0);
}

type Found<Range> = { readonly ranges: Range[]; readonly of: ReadonlySet<number> };

/** Goes along the line: which sets hold where it stands, and the parts so far. */
function partsAlongTheLine<Range>() {
  const holding = new Map<number, number>();
  const found = new Map<string, Found<Range>>();
  return {
    /** `by`: how many more of the set's ranges hold from here; they may overlap. */
    turn(set: number, by: number): void {
      holding.set(set, (holding.get(set) ?? 0) + by);
    },
    add(range: Range): void {
      const of = [...holding.keys()].filter((set) => holding.get(set)! > 0).sort((a, b) => a - b);
      const known = found.get(of.join()) ?? { ranges: [], of: new Set(of) };
      known.ranges.push(range);
      found.set(of.join(), known);
    },
    found: (): readonly Found<Range>[] => [...found.values()],
  };
}
