// A set of addresses as sorted ranges that neither touch nor overlap. What service tags, groups and networks stand for
// is such a set, so that a packet is looked up and not compared with prefix after prefix.

import { type Address, isV4, type Prefix } from "./address.js";
import { type AddressRange, compareWords, neighbour, rangesOfPrefix, v4Range } from "./address-range.js";

export class AddressSet {
  static readonly none = new AddressSet(new Uint32Array(0));
  static readonly everything = AddressSet.ofRanges([{ first: bottom(), last: top() }]);

  /** Eight words a range: its first address, its last; ascending. */
  private constructor(readonly words: Uint32Array) {}

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
    const words = new Uint32Array(sets.reduce((length, set) => length + set.words.length, 0));
    let at = 0;
    for (const set of sets) {
      words.set(set.words, at);
      at += set.words.length;
    }
    return new AddressSet(joined(words));
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
    const gaps: AddressRange[] = [];
    let from: Address | null = bottom();
    for (const { first, last } of this.ranges) {
      const before = neighbour(first, -1);
      if (from !== null && before !== null && compareWords(from, 0, before, 0) <= 0) {
        gaps.push({ first: from, last: before });
      }
      from = neighbour(last, 1);
    }
    if (from !== null) gaps.push({ first: from, last: top() });
    return AddressSet.ofRanges(gaps);
  }

  minus(other: AddressSet): AddressSet {
    return this.complement().union(other).complement();
  }
}

/** All of IPv4. */
export const allV4 = AddressSet.ofRanges([v4Range]);

/** All of IPv6. */
export const allV6 = allV4.complement();

/** All addresses of the same family. */
export function familyOf(address: Address): AddressSet {
  return isV4(address) ? allV4 : allV6;
}

/** Ranges in ascending order, those that touch or overlap as one. */
function joined(words: Uint32Array): Uint32Array {
  const result = new Uint32Array(words.length);
  let end = 0;
  for (const index of ascending(words)) {
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

function ascending(words: Uint32Array): Uint32Array {
  const order = Uint32Array.from({ length: words.length / 8 }, (_, index) => index);
  return order.sort((a, b) => compareWords(words, a * 8, words, b * 8));
}

/** Whether an address lies behind the end of a range, with at least one other between. */
function isBeyond(words: Uint32Array, at: number, ends: Uint32Array, end: number): boolean {
  if (compareWords(words, at, ends, end) <= 0) return false;
  const next = neighbour(addressIn(ends, end), 1);
  return next !== null && compareWords(words, at, next, 0) > 0;
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
