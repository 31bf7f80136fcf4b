// A range of addresses, and what a prefix covers as ranges. Addresses are compared where they lie, also in long arrays
// of words.

import { type Address, type Prefix, wordMask } from "./address.js";

/** Inclusive at both ends. */
export type AddressRange = { readonly first: Address; readonly last: Address };

/** All of IPv4. */
export const v4Range: AddressRange = { first: [0, 0, 0xffff, 0], last: [0, 0, 0xffff, 0xffffffff] };

/** A prefix of IPv6 that covers the place of IPv4 leaves it out: a prefix holds addresses of its own family only. */
export function rangesOfPrefix({ address, length }: Prefix): AddressRange[] {
  const last = address.map((word, index) => (word | ~wordMask(length - index * 32)) >>> 0) as unknown as Address;
  const apart = compareWords(last, 0, v4Range.first, 0) < 0 || compareWords(address, 0, v4Range.last, 0) > 0;
  if (length >= 96 || apart) return [{ first: address, last }];
  const sides = [
    { first: address, last: neighbour(v4Range.first, -1)! },
    { first: neighbour(v4Range.last, 1)!, last },
  ];
  return sides.filter((side) => compareWords(side.first, 0, side.last, 0) <= 0);
}

/** The order of two addresses in arrays of words: negative, zero or positive. */
export function compareWords(a: ArrayLike<number>, atA: number, b: ArrayLike<number>, atB: number): number {
  for (let word = 0; word < 4; word++) {
    const difference = a[atA + word]! - b[atB + word]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The address one above or below; null at the ends. */
export function neighbour(address: Address, step: 1 | -1): Address | null {
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
