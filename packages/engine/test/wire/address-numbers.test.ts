import { describe, expect, it } from "vitest";
import { type Address, addressKey } from "../../src/wire/address.js";
import { AddressNumbers, noNumber } from "../../src/wire/address-numbers.js";
import { Random } from "../support/random.js";

function numbersOf(numbers: AddressNumbers, addresses: readonly Address[]): number[] {
  const words = Uint32Array.from(addresses.flat());
  return addresses.map((_, index) => numbers.numberOf(words, index * 4));
}

describe("numbers of addresses", () => {
  it("are given in order, and once for an address that comes again", () => {
    const [a, b] = [
      [0, 0, 0xffff, 0x0a000004],
      [0, 0, 0xffff, 0xffffffff],
    ] as const;
    const numbers = new AddressNumbers([a, b, a]);
    expect(numbersOf(numbers, [b, a])).toEqual([1, 0]);
    expect(numbers.count).toBe(2);
  });

  it("tell addresses apart that differ in any one word", () => {
    const near = [0, 1, 2, 3].map((word): Address => [7, 7, 7, 7].with(word, 8) as unknown as Address);
    expect(numbersOf(new AddressNumbers(near), near)).toEqual([0, 1, 2, 3]);
    expect(numbersOf(new AddressNumbers(near), [[7, 7, 7, 7]])).toEqual([noNumber]);
  });

  it("are none where there are no addresses", () => {
    expect(numbersOf(new AddressNumbers([]), [[0, 0, 0, 0]])).toEqual([noNumber]);
  });

  it("are those of a map, among many", () => {
    const random = new Random(3);
    const any = (): Address => [0, random.below(4), random.below(4), random.below(400)];
    const held = Array.from({ length: 2000 }, any);
    const map = new Map<string, number>();
    for (const address of held) if (!map.has(addressKey(address))) map.set(addressKey(address), map.size);
    const asked = [...held, ...Array.from({ length: 2000 }, any)];
    const expected = asked.map((address) => map.get(addressKey(address)) ?? noNumber);
    expect(numbersOf(new AddressNumbers(held), asked)).toEqual(expected);
  });
});
