import { parseAddress } from "@conntrail/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { putAddress } from "../../src/importers/address-text.js";

function read(text: string): readonly number[] | null {
  const words = new Uint32Array(6);
  const around = `1,${text},2`;
  return putAddress(around, 2, 2 + text.length, words, 1) ? [...words.slice(1, 5)] : null;
}

const octet = fc.oneof(fc.nat(255).map(String), fc.constantFrom("", "00", "01", "256", "1e1", "a"));
const group = fc.oneof(
  fc.nat(0xffff).map((value) => value.toString(16)),
  fc.constantFrom("", "0", "0000", "10000", "g"),
);
const text = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.array(octet, { minLength: 3, maxLength: 5 }).map((parts) => parts.join(".")),
  fc.array(group, { minLength: 1, maxLength: 9 }).map((parts) => parts.join(":")),
);

describe("an address inside a text", () => {
  test("is read as ip-num reads it", () => {
    fc.assert(
      fc.property(text, (text) => {
        expect([text, read(text)]).toEqual([text, parseAddress(text)]);
      }),
      { numRuns: 3000, seed: 6 },
    );
  });

  test.each([
    ["::", [0, 0, 0, 0]],
    ["1::", [0x10000, 0, 0, 0]],
    ["2001:0db8:000a:0000:0000:0000:0000:0010", [0x20010db8, 0xa0000, 0, 0x10]],
    ["FE80::A", [0xfe800000, 0, 0, 0xa]],
    ["::ffff:10.0.0.1", [0, 0, 0xffff, 0x0a000001]],
    ["255.255.255.255", [0, 0, 0xffff, 0xffffffff]],
  ])("%s", (text, words) => {
    expect(read(text)).toEqual(words);
  });

  test.each([
    "",
    ":",
    ":::",
    "1:2",
    "1::2::3",
    "1:",
    ":1",
    "fe80::1%eth0",
    "10.0.0",
    "10.0.0.1.",
    "-",
    "1:2:3:4:5:6:7:1.2.3.4",
  ])("is not `%s`", (text) => {
    expect(read(text)).toBeNull();
  });
});
