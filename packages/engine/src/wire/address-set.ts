// A set of addresses as sorted ranges that neither touch nor overlap. What service tags, groups and networks stand for
// is such a set, so that a packet is looked up and not compared with prefix after prefix.

import type { Address, Prefix } from "./address.js";
import { type AddressRange, rangesOfPrefix, v4Range } from "./address-range.js";
import { compareWords, concatenated, decrement, increment, orderOf } from "./address-words.js";

export class AddressSet {
  static readonly none = new AddressSet(new Uint32Array(0));
  static readonly everything = AddressSet.ofRanges([{ first: bottom(), last: top() }]);

  /** Eight words a range: its first address, its last; ascending. */
  private constructor(private readonly words: Uint32Array) {}

  static ofPrefixes(prefixes: Iterable<Prefix>): AddressSet {
    return AddressSet.ofRanges([...prefixes].flatMap(rangesOfPrefix));
  }

  static ofAddresses(addresses: Iterable<Address>): AddressSet {
    return AddressSet.ofRanges([...addresses].map((address) => ({ first: address, last: address })));
  }

  static ofRanges(ranges: readonly AddressRange[]): AddressSet {
    const words = new Uint32Array(ranges.length * 8);
    ranges.forEach(({ first, last }, index) => {
      words.set(first, index * 8);
      words.set(last, index * 8 + 4);
    });
    return new AddressSet(joined(words));
  }

  static unionOf(sets: readonly AddressSet[]): AddressSet {
    const [only = AddressSet.none, ...others] = sets.filter(({ size }) => size > 0);
    if (others.length === 0) return only;
    return new AddressSet(joined(concatenated(sets.map(({ words }) => words))));
  }

  /** Where membership turns, ascending, four words each: into the set, and out of it unless the addresses end there. */
  get turns(): Uint32Array {
    const turns = this.words.slice();
    let ends = turns.length;
    for (let at = 4; at < turns.length; at += 8) if (!increment(turns, at)) ends = at;
    return turns.subarray(0, ends);
  }

  get ranges(): AddressRange[] {
    return Array.from({ length: this.size }, (_, index) => ({
      first: addressIn(this.words, index * 8),
      last: addressIn(this.words, index * 8 + 4),
    }));
  }

  /** How many ranges. */
  get size(): number {
    return this.words.length / 8;
  }

  has(address: Address): boolean {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareWords(this.words, middle * 8 + 4, address, 0) < 0) low = middle + 1;
      else high = middle;
    }
    return low < this.size && compareWords(this.words, low * 8, address, 0) <= 0;
  }

  union(other: AddressSet): AddressSet {
    return AddressSet.unionOf([this, other]);
  }

  /** All addresses that are not in the set. */
  complement(): AddressSet {
    const { turns } = this;
    const fromBottom = turns.length > 0 && compareWords(turns, 0, bottom(), 0) === 0;
    const gaps = fromBottom ? turns.slice(4) : concatenated([Uint32Array.from(bottom()), turns]);
    // An end at `::` becomes, one before it, the last address of all.
    const closed = gaps.length % 8 === 0 ? gaps : concatenated([gaps, Uint32Array.from(bottom())]);
    for (let at = 4; at < closed.length; at += 8) decrement(closed, at);
    return new AddressSet(closed);
  }

  minus(other: AddressSet): AddressSet {
    return this.complement().union(other).complement();
  }
}

/** All of IPv4. */
export const allV4 = AddressSet.ofRanges([v4Range]);

/** All of IPv6. */
export const allV6 = allV4.complement();

/** Ranges in ascending order, those that touch or overlap as one. */
function joined(words: Uint32Array): Uint32Array {
  const result = new Uint32Array(words.length);
  let end = 0;
  for (const index of orderOf(words, 8)) {
    const at = index * 8;
    if (end === 0 || isBeyond(words, at, result, end - 4)) {
      result.set(words.subarray(at, at + 8), end);
      end += 8;
    } else if (compareWords(words, at + 4, result, end - 4) > 0) {
      result.set(words.subarray(at + 4, at + 8), end - 4);
    }
  }
  return result.slice(0, end);
}

/** Whether an address lies behind the end of a range, with at least one other between. */
function isBeyond(words: Uint32Array, at: number, ends: Uint32Array, end: number): boolean {
  const behind = ends.slice(end, end + 4);
  return increment(behind, 0) && compareWords(words, at, behind, 0) > 0;
}

function addressIn(words: Uint32Array, at: number): Address {
  return [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
}

function bottom(): Address {
  return [0, 0, 0, 0];
}

function top(): Address {
  return [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff];
}
