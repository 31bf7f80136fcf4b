// A range of addresses, and what a prefix covers as ranges.

import { type Address, compareAddresses, type Prefix, wordMask } from "./address.js";

/** Inclusive at both ends. */
export type AddressRange = { readonly first: Address; readonly last: Address };

/** All of IPv4. */
export const v4Range: AddressRange = { first: [0, 0, 0xffff, 0], last: [0, 0, 0xffff, 0xffffffff] };
const beforeV4: Address = [0, 0, 0xfffe, 0xffffffff];
const behindV4: Address = [0, 0, 0x10000, 0];

/** A prefix of IPv6 that covers the place of IPv4 leaves it out: a prefix holds addresses of its own family only. */
export function rangesOfPrefix({ address, length }: Prefix): AddressRange[] {
  const last = address.map((word, index) => (word | ~wordMask(length - index * 32)) >>> 0) as unknown as Address;
  const whole = { first: address, last };
  if (length >= 96 || !overlap(whole, v4Range)) return [whole];
  const sides = [
    { first: address, last: beforeV4 },
    { first: behindV4, last },
  ];
  return sides.filter((side) => compareAddresses(side.first, side.last) <= 0);
}

function overlap(a: AddressRange, b: AddressRange): boolean {
  return compareAddresses(a.first, b.last) <= 0 && compareAddresses(b.first, a.last) <= 0;
}
