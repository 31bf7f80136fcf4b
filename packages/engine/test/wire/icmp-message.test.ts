import { describe, expect, it } from "vitest";
import { linkType, newFrame, newPacket } from "../../src/index.js";
import { decodeFrame } from "../../src/wire/decode.js";
import { decode, decoded, flowText, marksOf } from "../support/decoding.js";
import {
  bytesOf,
  fragment,
  icmp,
  icmp6,
  ipv4,
  ipv6,
  other,
  payload,
  type Transport,
  tcp,
  u16,
  u32,
  udp,
  v4Ends,
  v6Ends,
} from "../support/frames.js";

const raw = { linkType: linkType.raw };
const back4 = { source: v4Ends.destination, destination: v4Ends.source };
const back6 = { source: v6Ends.destination, destination: v6Ends.source };
const query = bytesOf(u16(0xbeef), u16(1), payload(48));

function unreachable(quote: Uint8Array): Uint8Array {
  return ipv4(back4, icmp(3, 3, bytesOf(u32(0), quote)));
}

describe("an ICMP query", () => {
  it.each([
    [8, 0, 8],
    [13, 14, 13],
    [15, 16, 15],
    [17, 18, 17],
  ])(
    "of type %i and its reply of type %i have one flow: identifier as ports, kind of the request",
    (ask, reply, kind) => {
      const asked = decoded(ipv4(v4Ends, icmp(ask, 0, query)), raw);
      const replied = decoded(ipv4(back4, icmp(reply, 0, query)), raw);
      expect(flowText(asked.flow)).toBe(`1 192.0.2.1:48879 > 198.51.100.2:48879 kind ${kind * 256}`);
      expect(flowText(replied.flow)).toBe(`1 198.51.100.2:48879 > 192.0.2.1:48879 kind ${kind * 256}`);
      expect([asked.flags, replied.flags]).toEqual([ask * 256, reply * 256]);
      expect([asked.payloadLength, asked.ipLength, asked.quotes, marksOf(asked)]).toEqual([48, 76, false, []]);
    },
  );

  it("of ICMPv6 is likewise", () => {
    const asked = decoded(ipv6(v6Ends, icmp6(128, 0, query)), raw);
    const replied = decoded(ipv6(back6, icmp6(129, 0, query)), raw);
    expect(flowText(asked.flow)).toBe("58 2001:db8::1:48879 > 2001:db8::2:48879 kind 32768");
    expect(flowText(replied.flow)).toBe("58 2001:db8::2:48879 > 2001:db8::1:48879 kind 32768");
    expect(marksOf(asked)).toEqual([]);
  });

  it("whose identifier was not captured has its ports missing", () => {
    const bytes = ipv4(v4Ends, icmp(8, 0, query));
    expect(marksOf(decoded(bytes, { ...raw, captured: 21 }))).toEqual(["portsMissing", "cutShort"]);
    expect(marksOf(decoded(bytes, { ...raw, captured: 25 }))).toEqual(["portsMissing", "cutShort"]);
    expect(marksOf(decoded(bytes, { ...raw, captured: 26 }))).toEqual(["cutShort"]);
  });
});

it("an ICMP message that is neither query nor error has type and code as its kind", () => {
  const packet = decoded(ipv6(v6Ends, icmp6(135, 0, payload(20))), raw);
  expect(flowText(packet.flow)).toBe(`58 2001:db8::1:0 > 2001:db8::2:0 kind ${135 * 256}`);
  expect(packet.quotes).toBe(false);
});

it("an ICMP message too short for its checksum is malformed", () => {
  expect(decode(ipv4(v4Ends, other(1, bytesOf(8, 0, 0))), raw).outcome).toBe("malformed");
});

describe("an ICMP error", () => {
  it("quotes a packet's flow in that packet's own order", () => {
    const packet = decoded(unreachable(ipv4(v4Ends, udp({ payload: payload(4) }))), raw);
    expect(flowText(packet.flow)).toBe("1 198.51.100.2:0 > 192.0.2.1:0 kind 771");
    expect(packet.quotes).toBe(true);
    expect(flowText(packet.quoted)).toBe("17 192.0.2.1:50000 > 198.51.100.2:53");
    expect(marksOf(packet)).toEqual([]);
  });

  it("quotes eight bytes of the transport at least, which is enough", () => {
    const quote = ipv4(v4Ends, tcp({ payload: payload(1000) })).subarray(0, 28);
    expect(flowText(decoded(unreachable(quote), raw).quoted)).toBe("6 192.0.2.1:50000 > 198.51.100.2:22");
  });

  it("of ICMPv6 quotes IPv6, extension headers included", () => {
    for (const type of [1, 2, 3, 4]) {
      const quote = ipv6(v6Ends, tcp(), { extensions: [fragment(7, 0, true)] });
      const packet = decoded(ipv6(back6, icmp6(type, 0, bytesOf(u32(1280), quote))), raw);
      expect(flowText(packet.quoted)).toBe("6 2001:db8::1:50000 > 2001:db8::2:22");
      expect(packet.quotes).toBe(true);
    }
  });

  it("may quote a query, whose identifier is its ports", () => {
    const quoted = decoded(unreachable(ipv4(v4Ends, icmp(8, 0, query))), raw).quoted;
    expect(flowText(quoted)).toBe("1 192.0.2.1:48879 > 198.51.100.2:48879 kind 2048");
  });

  it("quotes nothing where the quote shows no flow key", () => {
    const quotes: readonly (readonly [string, Uint8Array])[] = [
      ["none", payload(0)],
      ["half an IP header", ipv4(v4Ends, udp()).subarray(0, 19)],
      ["no ports", ipv4(v4Ends, udp()).subarray(0, 23)],
      ["a later fragment", ipv4(v4Ends, other(17, payload(8)), { fragmentOffset: 8 })],
      ["another version of IP", ipv6(v6Ends, udp())],
      ["no IP", payload(28).fill(0)],
    ];
    const quoting = quotes.filter(([, quote]) => decoded(unreachable(quote), raw).quotes);
    expect(quoting).toEqual([]);
  });

  it("cut off by the capture quotes as far as was captured", () => {
    const bytes = unreachable(ipv4(v4Ends, udp()));
    const captured = 20 + 8 + 20;
    expect(decoded(bytes, { ...raw, captured: captured + 3 }).quotes).toBe(false);
    expect(decoded(bytes, { ...raw, captured: captured + 4 }).quotes).toBe(true);
  });

  it("never takes Ethernet padding for a quote", () => {
    const bytes = bytesOf(unreachable(ipv4(v4Ends, udp()).subarray(0, 20)), payload(16));
    expect(decoded(bytes, raw).quotes).toBe(false);
  });

  it("leaves no quote behind for the next packet", () => {
    const frame = newFrame();
    const packet = newPacket();
    frame.linkType = linkType.raw;
    const quotes = (bytes: Uint8Array) => {
      Object.assign(frame, { bytes, start: 0, end: bytes.length, originalLength: bytes.length });
      decodeFrame(frame, packet);
      return packet.quotes;
    };
    const plain: readonly Transport[] = [tcp(), icmp(8, 0, query), other(1, icmp(3, 3, u32(0)).bytes)];
    for (const transport of plain) {
      expect(quotes(unreachable(ipv4(v4Ends, udp())))).toBe(true);
      expect(quotes(ipv4(v4Ends, transport))).toBe(false);
    }
  });
});
