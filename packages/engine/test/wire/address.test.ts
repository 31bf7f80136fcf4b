import { describe, expect, it } from "vitest";
import { contains, formatAddress, formatPrefix, parseAddress, parsePrefix } from "../../src/index.js";

describe("a prefix", () => {
  it.each([
    ["0.0.0.0/0", "203.0.113.7", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["::/0", "2001:db8::1", true],
    ["::/0", "203.0.113.7", false],
    ["::/8", "10.0.0.1", false],
    ["10.1.0.0/16", "10.1.255.255", true],
    ["10.1.0.0/16", "10.2.0.0", false],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
  ])("%s holds %s: %s", (prefix, address, held) => {
    expect(contains(parsePrefix(prefix)!, parseAddress(address)!)).toBe(held);
  });

  it.each(["10.0.0.0/33", "10.0.0.300", "1.2.3", "::/129", "10.0.0.0/", "/8", "fe80::1%eth0", ""])(
    "is not `%s`",
    (text) => {
      expect(parsePrefix(text)).toBeNull();
    },
  );

  it.each([
    ["10.1.2.3/16", "10.1.0.0/16"],
    ["10.1.2.3/32", "10.1.2.3"],
    ["2001:DB8::5/32", "2001:db8::/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
  ])("%s is printed as %s", (text, printed) => {
    expect(formatPrefix(parsePrefix(text)!)).toBe(printed);
  });
});

describe("an address is printed as RFC 5952 says", () => {
  it.each([
    ["2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["203.0.113.7", "203.0.113.7"],
  ])("%s", (text, printed) => {
    expect(formatAddress(parseAddress(text)!)).toBe(printed);
  });
});
