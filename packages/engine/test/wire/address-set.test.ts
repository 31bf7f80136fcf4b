import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Address,
  AddressSet,
  allV4,
  allV6,
  compareAddresses,
  contains,
  formatAddress,
  isV4,
  parsePrefix,
} from "../../src/index.js";
import { address, addressSet, edgeAddresses, prefix } from "../support/edge-values.js";

const runs = { numRuns: 400 };
const of = (...texts: string[]) => AddressSet.ofPrefixes(texts.map((text) => parsePrefix(text)!));
const told = (set: AddressSet) =>
  set.ranges.map(({ first, last }) => `${formatAddress(first)}..${formatAddress(last)}`);

/** Where sets can differ: the edges, and the ends of every range with their neighbours inside the word. */
function probes(...sets: readonly AddressSet[]): Address[] {
  const ends = sets.flatMap((set) => set.ranges.flatMap(({ first, last }) => [first, last]));
  const near = ends.flatMap(([a, b, c, d]): Address[] => [
    [a, b, c, d],
    [a, b, c, (d + 1) >>> 0],
    [a, b, c, (d - 1) >>> 0],
  ]);
  return [...edgeAddresses, ...near];
}

describe("a set of prefixes", () => {
  it("holds what any of its prefixes contains, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 8 }), fc.array(address, { maxLength: 8 }), (prefixes, others) => {
        const set = AddressSet.ofPrefixes(prefixes);
        for (const probe of [...others, ...probes(set)]) {
          expect(set.has(probe)).toBe(prefixes.some((one) => contains(one, probe)));
        }
      }),
      runs,
    );
  });

  it("is the same in any order, and with any prefix twice", () => {
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 8 }), (prefixes) => {
        const set = told(AddressSet.ofPrefixes(prefixes));
        expect(told(AddressSet.ofPrefixes([...prefixes.toReversed(), ...prefixes]))).toEqual(set);
      }),
      runs,
    );
  });

  it("has ranges in ascending order that neither touch nor overlap", () => {
    fc.assert(
      fc.property(addressSet, addressSet, (a, b) => {
        const { ranges } = a.union(b);
        for (const { first, last } of ranges) expect(compareAddresses(first, last)).toBeLessThanOrEqual(0);
        ranges.slice(1).forEach(({ first }, index) => {
          const [w0, w1, w2, w3] = ranges[index]!.last;
          expect(compareAddresses(ranges[index]!.last, first)).toBeLessThan(0);
          expect(first).not.toEqual([w0, w1, w2, w3 + 1]);
        });
      }),
      runs,
    );
  });
});

describe("neighbours and nests", () => {
  it.each([
    [["10.0.0.0/24", "10.0.1.0/24"], ["10.0.0.0..10.0.1.255"]],
    [
      ["10.0.0.0/24", "10.0.2.0/24"],
      ["10.0.0.0..10.0.0.255", "10.0.2.0..10.0.2.255"],
    ],
    [["10.0.0.0/8", "10.0.1.0/24", "10.0.0.0/24"], ["10.0.0.0..10.255.255.255"]],
    [["0.0.0.0/1", "128.0.0.0/1"], ["0.0.0.0..255.255.255.255"]],
    [["::/0", "0.0.0.0/0"], told(AddressSet.everything)],
    [[], []],
  ])("%j are %j", (prefixes, ranges) => {
    expect(told(of(...prefixes))).toEqual(ranges);
  });

  it("::/0 is all of IPv6 and nothing of IPv4", () => {
    expect(told(of("::/0"))).toEqual(told(allV6));
    expect(told(of("0.0.0.0/0"))).toEqual(told(allV4));
    for (const probe of edgeAddresses) {
      expect([allV4.has(probe), allV6.has(probe)]).toEqual([isV4(probe), !isV4(probe)]);
    }
  });
});

describe("the algebra of sets", () => {
  it("is that of membership", () => {
    fc.assert(
      fc.property(addressSet, addressSet, fc.array(address, { maxLength: 6 }), (a, b, others) => {
        for (const probe of [...others, ...probes(a, b)]) {
          expect(a.union(b).has(probe)).toBe(a.has(probe) || b.has(probe));
          expect(a.minus(b).has(probe)).toBe(a.has(probe) && !b.has(probe));
          expect(a.complement().has(probe)).toBe(!a.has(probe));
        }
      }),
      { numRuns: 150 },
    );
  });

  it("has one form for one set", () => {
    fc.assert(
      fc.property(addressSet, addressSet, addressSet, (a, b, c) => {
        expect(told(a.complement().complement())).toEqual(told(a));
        expect(told(a.union(a.complement()))).toEqual(told(AddressSet.everything));
        expect(told(a.minus(a))).toEqual([]);
        expect(told(a.minus(b).union(b))).toEqual(told(a.union(b)));
        expect(told(AddressSet.unionOf([a, b, c]))).toEqual(told(c.union(b).union(a)));
        expect(told(a.union(b).complement())).toEqual(told(a.complement().minus(b)));
      }),
      runs,
    );
  });
});
