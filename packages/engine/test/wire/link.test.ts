import { describe, expect, it } from "vitest";
import { linkType } from "../../src/index.js";
import { decode, decoded, flowText } from "../support/decoding.js";
import {
  arp,
  bytesOf,
  ethernet,
  ipv4,
  ipv6,
  linuxSll,
  linuxSll2,
  loopback,
  payload,
  tcp,
  u16,
  v4Ends,
  v6Ends,
} from "../support/frames.js";

const v4 = ipv4(v4Ends, tcp());
const v6 = ipv6(v6Ends, tcp());
const v4Flow = "6 192.0.2.1:50000 > 198.51.100.2:22";
const v6Flow = "6 2001:db8::1:50000 > 2001:db8::2:22";

describe("a link type", () => {
  it.each([
    ["ethernet", linkType.ethernet, ethernet(v4), ethernet(v6)],
    ["linux sll", linkType.linuxSll, linuxSll(v4), linuxSll(v6)],
    ["linux sll2", linkType.linuxSll2, linuxSll2(v4), linuxSll2(v6)],
    ["raw", linkType.raw, v4, v6],
    ["raw of bsd", linkType.rawBsd, v4, v6],
    ["raw of openbsd", linkType.rawOpenBsd, v4, v6],
    ["loop", linkType.loop, loopback(2, v4, "big"), loopback(24, v6, "big")],
    ["null, big-endian", linkType.null, loopback(2, v4, "big"), loopback(28, v6, "big")],
    ["null, little-endian", linkType.null, loopback(2, v4, "little"), loopback(30, v6, "little")],
    [
      "null with ethertypes behind something else",
      linkType.null,
      loopback(0x0f000800, v4, "big"),
      loopback(0x0f0086dd, v6, "big"),
    ],
    ["null with ethertypes", linkType.null, loopback(0x0800, v4, "little"), loopback(0x86dd, v6, "little")],
  ])("%s carries both versions of IP", (_, type, frame4, frame6) => {
    expect(flowText(decoded(frame4, { linkType: type }).flow)).toBe(v4Flow);
    expect(flowText(decoded(frame6, { linkType: type }).flow)).toBe(v6Flow);
  });

  it("of one IP version refuses the other", () => {
    expect(decode(v4, { linkType: linkType.ipv4 }).outcome).toBe("packet");
    expect(decode(v6, { linkType: linkType.ipv6 }).outcome).toBe("packet");
    expect(decode(v6, { linkType: linkType.ipv4 }).outcome).toBe("malformed");
    expect(decode(v4, { linkType: linkType.ipv6 }).outcome).toBe("malformed");
  });

  it.each([9, 105, 127, 239, 4711])("%i is unsupported", (type) => {
    expect(decode(ethernet(v4), { linkType: type }).outcome).toBe("unsupportedLink");
  });
});

describe("ethernet", () => {
  it("may have VLAN tags of any kind, up to eight", () => {
    const kinds = [0x8100, 0x88a8, 0x9100];
    const tags = (count: number) => Array.from({ length: count }, (_, index) => [kinds[index % 3]!, index] as const);
    for (let count = 0; count <= 8; count++) expect(flowText(decoded(ethernet(v4, tags(count))).flow)).toBe(v4Flow);
    expect(decode(ethernet(v4, tags(9))).outcome).toBe("malformed");
  });

  it("carries no IP where its type says so, ARP or a length", () => {
    expect(decode(arp()).outcome).toBe("notIp");
    expect(decode(bytesOf(payload(12), u16(46), payload(46))).outcome).toBe("notIp");
  });

  it("that promises one version and brings the other is malformed", () => {
    const lying = ethernet(v4);
    lying.set(u16(0x86dd), 12);
    expect(decode(lying).outcome).toBe("malformed");
  });
});

describe("a frame that ends before its IP header does", () => {
  const frames = [
    [linkType.ethernet, ethernet(v4, [[0x8100, 5]]), 38],
    [linkType.ethernet, ethernet(v6), 54],
    [linkType.linuxSll, linuxSll(v4), 36],
    [linkType.linuxSll2, linuxSll2(v4), 40],
    [linkType.null, loopback(2, v4, "big"), 24],
    [linkType.raw, v6, 40],
  ] as const;

  it("is truncated where the capture cut it off", () => {
    for (const [type, frame, headers] of frames) {
      for (let captured = 0; captured < headers; captured++) {
        expect(decode(frame, { linkType: type, captured }).outcome).toBe("truncated");
      }
      expect(decode(frame, { linkType: type, captured: headers }).outcome).toBe("packet");
    }
  });

  it("is malformed where it was sent so", () => {
    for (const [type, frame, headers] of frames) {
      for (let sent = 0; sent < headers; sent++) {
        expect(decode(frame.subarray(0, sent), { linkType: type }).outcome).toBe("malformed");
      }
    }
  });
});
