// A set of addresses as sorted ranges that neither touch nor overlap. What service tags, groups and networks stand for
// is such a set, so that a packet is looked up and not compared with prefix after prefix.

import { type Address, isV4, type Prefix } from "./address.js";

/** Inclusive at both ends. */
export type AddressRange = { readonly first: Address; readonly last: Address };

export class AddressSet {
  static readonly none = new AddressSet(new Uint32Array(0));
  static readonly everything = AddressSet.ofRanges([{ first: [0, 0, 0, 0], last: top() }]);

  /** Eight words a range: its first address, its last; ascending. */
  private constructor(private readonly words: Uint32Array) {}

  static ofPrefixes(prefixes: Iterable<Prefix>): AddressSet {
    return AddressSet.ofRanges([...prefixes].flatMap(rangesOfPrefix));
  }

  static ofAddresses(addresses: Iterable<Address>): AddressSet {
    return AddressSet.ofRanges([...addresses].map((address) => ({ first: address, last: address })));
  }

  static ofRanges(ranges: readonly AddressRange[]): AddressSet {
    const sorted = [...ranges].sort((a, b) => compare(a.first, b.first));
    const merged: { first: Address; last: Address }[] = [];
    for (const range of sorted) {
      const last = merged.at(-1);
      const joins = last !== undefined && (compare(range.first, last.last) <= 0 || isNext(last.last, range.first));
      if (!joins) merged.push({ ...range });
      else if (compare(range.last, last.last) > 0) last.last = range.last;
    }
    return new AddressSet(Uint32Array.from(merged.flatMap(({ first, last }) => [...first, ...last])));
  }

  get ranges(): AddressRange[] {
    return Array.from({ length: this.size }, (_, index) => ({
      first: this.#address(index * 2),
      last: this.#address(index * 2 + 1),
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
      if (this.#compareAt(middle * 2 + 1, address) < 0) low = middle + 1;
      else high = middle;
    }
    return low < this.size && this.#compareAt(low * 2, address) <= 0;
  }

  union(other: AddressSet): AddressSet {
    return AddressSet.ofRanges([...this.ranges, ...other.ranges]);
  }

  /** All addresses that are not in the set. */
  complement(): AddressSet {
    const gaps: AddressRange[] = [];
    let from: Address | null = [0, 0, 0, 0];
    for (const { first, last } of this.ranges) {
      const before = neighbour(first, -1);
      if (from !== null && before !== null && compare(from, before) <= 0) gaps.push({ first: from, last: before });
      from = neighbour(last, 1);
    }
    if (from !== null) gaps.push({ first: from, last: top() });
    return AddressSet.ofRanges(gaps);
  }

  minus(other: AddressSet): AddressSet {
    return this.complement().union(other).complement();
  }

  #address(at: number): Address {
    const { words } = this;
    return [words[at * 4]!, words[at * 4 + 1]!, words[at * 4 + 2]!, words[at * 4 + 3]!];
  }

  #compareAt(at: number, address: Address): number {
    const { words } = this;
    for (let word = 0; word < 4; word++) {
      const difference = words[at * 4 + word]! - address[word]!;
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

function top(): Address {
  return [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff];
}

function compare(a: Address, b: Address): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3];
}

const v4First: Address = [0, 0, 0xffff, 0];
const v4Last: Address = [0, 0, 0xffff, 0xffffffff];

/** A prefix of IPv6 that covers the place of IPv4 leaves it out: a prefix holds addresses of its own family only. */
function rangesOfPrefix({ address, length }: Prefix): AddressRange[] {
  const last = address.map((word, index) => (word | ~maskOf(length - index * 32)) >>> 0) as unknown as Address;
  if (length >= 96 || compare(last, v4First) < 0 || compare(address, v4Last) > 0) return [{ first: address, last }];
  return [
    { first: address, last: neighbour(v4First, -1)! },
    { first: neighbour(v4Last, 1)!, last },
  ];
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

/** The address one above or below; null at the ends. */
function neighbour(address: Address, step: 1 | -1): Address | null {
  const words = [...address];
  const [overflowing, wrapped] = step === 1 ? [0xffffffff, 0] : [0, 0xffffffff];
  for (let index = 3; index >= 0; index--) {
    if (words[index] !== overflowing) {
      words[index] = (words[index]! + step) >>> 0;
      return words as unknown as Address;
    }
    words[index] = wrapped;
  }
  return null;
}

function isNext(a: Address, b: Address): boolean {
  const next = neighbour(a, 1);
  return next !== null && compare(next, b) === 0;
}

/** All of IPv4. */
export const allV4 = AddressSet.ofRanges([{ first: v4First, last: v4Last }]);

/** All of IPv6. */
export const allV6 = allV4.complement();

/** All addresses of the same family. */
export function familyOf(address: Address): AddressSet {
  return isV4(address) ? allV4 : allV6;
}
