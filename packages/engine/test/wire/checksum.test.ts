import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkType, newFrame } from "../../src/index.js";
import { onesComplementSum } from "../../src/wire/internet-checksum.js";
import { decoded, marksOf } from "../support/decoding.js";
import {
  bytesOf,
  fragment,
  icmp,
  icmp6,
  internetChecksum,
  ipv4,
  ipv6,
  other,
  payload,
  routing,
  type Transport,
  tcp,
  u16,
  udp,
  v4Ends,
  v6Ends,
} from "../support/frames.js";

const raw = { linkType: linkType.raw };

function isBad(bytes: Uint8Array, captured = bytes.length): boolean {
  return marksOf(decoded(bytes, { ...raw, captured })).includes("badChecksum");
}

/** The packet with the last byte of its payload changed. */
function damaged(bytes: Uint8Array): Uint8Array {
  const result = bytes.slice();
  result[result.length - 1]! ^= 0x10;
  return result;
}

const data = payload(61);
const echo = bytesOf(u16(1), u16(1), data);
const packets: readonly (readonly [string, Uint8Array])[] = [
  ["TCP over IPv4", ipv4(v4Ends, tcp({ payload: data }))],
  ["TCP over IPv6", ipv6(v6Ends, tcp({ payload: data }))],
  ["UDP over IPv4", ipv4(v4Ends, udp({ payload: data }))],
  ["UDP over IPv6", ipv6(v6Ends, udp({ payload: data }))],
  ["ICMP", ipv4(v4Ends, icmp(8, 0, echo))],
  ["ICMPv6", ipv6(v6Ends, icmp6(128, 0, echo))],
];

describe.each(packets)("the checksum of %s", (_, bytes) => {
  it("is verified where the packet was captured whole", () => {
    expect([isBad(bytes), isBad(damaged(bytes))]).toEqual([false, true]);
  });

  it("is not verified where it was not", () => {
    expect(isBad(damaged(bytes), bytes.length - 1)).toBe(false);
  });
});

describe("a checksum", () => {
  it("of the IPv4 header is verified whatever was captured behind it", () => {
    const bytes = ipv4(v4Ends, tcp()).fill(63, 8, 9);
    expect([isBad(bytes), isBad(bytes, 20)]).toEqual([true, true]);
  });

  it("of the IPv4 header is told apart from the transport's", () => {
    const bytes = ipv4(v4Ends, tcp({ payload: data }));
    expect(marksOf(decoded(damaged(bytes), raw))).toEqual(["badChecksum"]);
    expect(marksOf(decoded(bytes.slice().fill(63, 8, 9), raw))).toEqual(["badChecksum", "badHeader"]);
  });

  it("of a fragment's transport is not verified", () => {
    const part = other(17, udp({ payload: data }).bytes);
    expect(isBad(ipv4(v4Ends, part, { moreFragments: true }))).toBe(false);
    expect(isBad(ipv4(v4Ends, part, { fragmentOffset: 8 }))).toBe(false);
    expect(isBad(ipv6(v6Ends, part, { extensions: [fragment(1, 0, true)] }))).toBe(false);
  });

  it("of zero is none for UDP over IPv4 only", () => {
    const none: Transport = { ...udp({ payload: data }), checksumAt: null };
    expect([isBad(ipv4(v4Ends, none)), isBad(ipv6(v6Ends, none))]).toEqual([false, true]);
  });

  it("of UDP covers the datagram and not what stands behind it", () => {
    const bytes = ipv4(v4Ends, udp({ payload: data }), { totalLength: 28 + 61 + 5 });
    expect(isBad(bytesOf(bytes, payload(5)))).toBe(false);
  });

  it("can't be verified while a routing header has segments left", () => {
    const bytes = damaged(ipv6(v6Ends, tcp({ payload: data }), { extensions: [routing(1)] }));
    expect(isBad(bytes)).toBe(false);
    expect(isBad(damaged(ipv6(v6Ends, tcp({ payload: data }), { extensions: [routing(0)] })))).toBe(true);
  });

  it("of an ICMP message of zeros is not zero", () => {
    expect(isBad(ipv4(v4Ends, other(1, new Uint8Array(8))))).toBe(true);
  });

  it("is the same sum at every alignment and length", () => {
    const frame = newFrame();
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 70 });
    fc.assert(
      fc.property(bytes, fc.nat(9), fc.nat(9), (content, before, byteOffset) => {
        const buffer = new ArrayBuffer(byteOffset + before + content.length + 3);
        frame.bytes = new Uint8Array(buffer, byteOffset);
        frame.bytes.set(content, before);
        const sum = onesComplementSum(frame, before, before + content.length);
        expect(~sum & 0xffff).toBe(internetChecksum(content));
      }),
      { numRuns: 2000 },
    );
  });

  it("adds megabytes without losing carries", () => {
    const frame = newFrame();
    frame.bytes = new Uint8Array(3_000_001).fill(0xff);
    expect(~onesComplementSum(frame, 1, 3_000_001) & 0xffff).toBe(internetChecksum(frame.bytes.subarray(1)));
  });
});
