// Generators that stay near the edges: few addresses and prefixes that touch, nest and end at the ends of the families,
// so that equal bounds, neighbours and overlaps come up all the time.

import fc from "fast-check";
import { type Address, AddressSet, addressOfV4, type Prefix, parseAddress, parsePrefix } from "../../src/index.js";

const v4Words = [0, 1, 0x0a000000, 0x0a0000ff, 0x0a000100, 0x7fffffff, 0x80000000, 0xa83f8110, 0xfffffffe, 0xffffffff];
const v6Texts = ["::", "::1", "::fffe:ffff:ffff", "::1:0:0:0", "2001:db8::", "2001:db8::ffff", "2001:db9::", "fc00::"];
const lastV6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

export const edgeAddresses: readonly Address[] = [
  ...v4Words.map(addressOfV4),
  ...[...v6Texts, lastV6].map((text) => parseAddress(text)!),
];

const prefixTexts = [
  "0.0.0.0/0",
  "0.0.0.0/1",
  "128.0.0.0/1",
  "10.0.0.0/24",
  "10.0.1.0/24",
  "10.0.0.0/23",
  "10.0.0.255",
  "10.0.0.0/8",
  "168.63.129.16",
  "255.255.255.254/31",
  "255.255.255.255",
  "::/0",
  "::/1",
  "8000::/1",
  "::/64",
  "::/80",
  "::/97",
  "2001:db8::/32",
  "2001:db8::/112",
  "2001:db8::1:0/112",
  "fc00::/7",
  `${lastV6}/128`,
];

export const prefixText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...prefixTexts) },
  fc
    .tuple(fc.integer({ min: 0x0a0000f0, max: 0x0a000110 }), fc.integer({ min: 20, max: 32 }))
    .map(([word, length]) => `10.0.${(word >>> 8) & 255}.${word & 255}/${length}`),
);

export const prefix: fc.Arbitrary<Prefix> = prefixText.map((text) => parsePrefix(text)!);

export const address: fc.Arbitrary<Address> = fc.oneof(
  fc.constantFrom(...edgeAddresses),
  fc.integer({ min: 0x0a0000e0, max: 0x0a000120 }).map(addressOfV4),
  fc
    .tuple(fc.constantFrom(0, 0x20010db8), fc.constantFrom(0, 0xffff), fc.constantFrom(0, 1, 0xfffe, 0xffff))
    .map(([first, third, last]): Address => [first, 0, third, last]),
);

export const addressSet: fc.Arbitrary<AddressSet> = fc.oneof(
  { weight: 5, arbitrary: fc.array(prefix, { maxLength: 5 }).map((list) => AddressSet.ofPrefixes(list)) },
  fc.array(address, { maxLength: 4 }).map((list) => AddressSet.ofAddresses(list)),
  fc.constantFrom(AddressSet.none, AddressSet.everything),
);
