import { type Address, formatAddress, parseAddress } from "@conntrail/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAddress, readAddressText } from "../../src/importers/address-field.js";

/** Between others, as in a line, and by itself. */
function read(text: string): Address | null {
  const words = new Uint32Array(8);
  const bytes = Buffer.from(`1,${text},7`);
  const isRead = readAddress({ bytes, from: 2, to: bytes.length - 2 }, words, 4);
  const alone = new Uint32Array(8);
  expect([readAddressText(text, alone, 4), alone]).toEqual([isRead, words]);
  return isRead ? ([...words.subarray(4)] as unknown as Address) : null;
}

describe("an address is read as ip-num reads it", () => {
  test.each([
    "10.1.0.4",
    "0.0.0.0",
    "255.255.255.255",
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "1..2.3",
    "1.2.3.",
    "",
    "-",
    "1.2.3.4 ",
    "2001:db8::1",
    "2001:DB8::a",
    "::",
    "::1",
    "fe80::",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "1::2::3",
    ":::",
    ":1",
    "1:",
    "::1:",
    "12345::",
    "::g",
    "fe80::1%eth0",
    "::ffff:10.1.0.4",
    "1:2:3:4:5:6:10.1.0.4",
    "1:2:3:4:5:6:7:10.1.0.4",
    "::10.1.0.256",
    "10.1.0.4::",
    "1".repeat(100),
    "10.1.0.４",
  ])("%j", (text) => expect(read(text)).toEqual(parseAddress(text)));

  const word = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 1, 0xffff, 0xffff0000));
  test("any address comes back from its text", () => {
    const addresses = fc.oneof(
      fc.tuple(word, word, word, word),
      word.map((v4): Address => [0, 0, 0xffff, v4]),
    );
    fc.assert(
      fc.property(addresses, (address) => {
        expect(read(formatAddress(address))).toEqual(address);
      }),
    );
  });

  test("a text that is as long as an address can be is read", () => {
    const longest = "0000:0000:0000:0000:0000:ffff:255.255.255.255";
    expect(read(longest)).toEqual([0, 0, 0xffff, 0xffffffff]);
  });

  test("any text made of its letters is an address for both or for neither", () => {
    const texts = fc.string({ unit: fc.constantFrom("::", ":", ".", "0", "1", "25", "f", "db8"), maxLength: 16 });
    fc.assert(
      fc.property(texts, (text) => {
        expect(read(text)).toEqual(parseAddress(text));
      }),
      { numRuns: 2000 },
    );
  });
});
