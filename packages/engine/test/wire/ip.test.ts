import { describe, expect, it } from "vitest";
import { linkType } from "../../src/index.js";
import { decode, decoded, flowText, marksOf, tcpText } from "../support/decoding.js";
import {
  bytesOf,
  destinationOptions,
  type Extension,
  ethernet,
  fragment,
  hopByHop,
  ipv4,
  ipv6,
  other,
  payload,
  routing,
  tcp,
  u16,
  u32,
  udp,
  v4Ends,
  v6Ends,
} from "../support/frames.js";

const raw = { linkType: linkType.raw };
const data = payload(100);

function v6(extensions: readonly Extension[], transport = tcp({ payload: data })) {
  return ipv6(v6Ends, transport, { extensions });
}

describe("an IPv4 header", () => {
  it("may have options", () => {
    const packet = decoded(ipv4(v4Ends, tcp({ payload: data }), { options: new Uint8Array(40).fill(1) }), raw);
    expect(tcpText(packet)).toBe("S seq 1000 ack 0 payload 100 of 180");
    expect(marksOf(packet)).toEqual([]);
  });

  it("with a total length of zero leaves the length to the frame", () => {
    const bytes = ipv4(v4Ends, tcp({ payload: payload(3000) }), { totalLength: 0 });
    expect(tcpText(decoded(ethernet(bytes)))).toBe("S seq 1000 ack 0 payload 3000 of 3040");
    const big = { captured: 96, originalLength: 14 + 200_000 };
    expect(tcpText(decoded(ethernet(bytes), big))).toBe("S seq 1000 ack 0 payload 199960 of 200000");
  });

  it("counts no Ethernet padding as payload", () => {
    const packet = decoded(bytesOf(ethernet(ipv4(v4Ends, tcp({ flags: "A" }))), new Uint8Array(6)));
    expect(tcpText(packet)).toBe("A seq 1000 ack 0 payload 0 of 40");
    expect(marksOf(packet)).toEqual([]);
  });

  it.each([
    ["a header length below five words", ipv4(v4Ends, tcp()).fill(0x44, 0, 1)],
    ["a header longer than the packet", ipv4(v4Ends, tcp()).fill(0x4f, 0, 1)],
    ["a total length below its header's", ipv4(v4Ends, tcp(), { totalLength: 19 })],
    ["a total length beyond the frame on the wire", ipv4(v4Ends, tcp(), { totalLength: 41 })],
  ])("is malformed with %s", (_, bytes) => {
    expect(decode(bytes, raw).outcome).toBe("malformed");
  });

  it("may claim more than was captured", () => {
    const packet = decoded(ipv4(v4Ends, tcp({ payload: payload(1000) })), { ...raw, captured: 60 });
    expect(tcpText(packet)).toBe("S seq 1000 ack 0 payload 1000 of 1040");
  });
});

describe("an IPv6 header", () => {
  it("may have extension headers, and the transport behind them is read", () => {
    const packet = decoded(v6([hopByHop(), destinationOptions(), routing(0), destinationOptions()]), raw);
    expect(flowText(packet.flow)).toBe("6 2001:db8::1:50000 > 2001:db8::2:22");
    expect(tcpText(packet)).toBe("S seq 1000 ack 0 payload 100 of 208");
    expect(marksOf(packet)).toEqual([]);
  });

  it("ends at AH, ESP and unknown protocols, which are protocols of their own", () => {
    for (const protocol of [50, 51, 59, 135, 253]) {
      const packet = decoded(v6([hopByHop()], other(protocol, payload(24))), raw);
      expect(flowText(packet.flow)).toBe(`${protocol} 2001:db8::1:0 > 2001:db8::2:0`);
      expect(packet.payloadLength).toBe(24);
    }
  });

  it("with a jumbo option has the option's length", () => {
    const transport = tcp({ payload: payload(70_000) });
    const jumbo = { extensions: [hopByHop(8 + transport.bytes.length)], payloadLength: 0 };
    const packet = decoded(ethernet(ipv6(v6Ends, transport, jumbo)));
    expect(tcpText(packet)).toBe("S seq 1000 ack 0 payload 70000 of 70068");
    expect(marksOf(packet)).toEqual([]);
  });

  it("without one and with a payload length of zero leaves the length to the frame", () => {
    const bytes = ipv6(v6Ends, tcp({ payload: payload(70_000) }), { payloadLength: 0 });
    expect(tcpText(decoded(ethernet(bytes)))).toBe("S seq 1000 ack 0 payload 70000 of 70060");
  });

  it("with no next header and a payload length of zero is just a header", () => {
    const packet = decoded(ethernet(bytesOf(ipv6(v6Ends, other(59, payload(0))), new Uint8Array(6))));
    expect([packet.ipLength, packet.payloadLength]).toEqual([40, 0]);
  });

  it("is malformed where an extension header passes the packet's end", () => {
    const long = v6([{ header: 60, rest: bytesOf(255, new Uint8Array(6)) }]);
    expect(decode(long, raw).outcome).toBe("malformed");
    const padded = ipv6(v6Ends, other(6, data), { extensions: [destinationOptions()], payloadLength: 8 });
    expect(decode(padded, raw).outcome).toBe("malformed");
  });

  it("is truncated where the capture ends inside its extension headers", () => {
    const bytes = v6([hopByHop(), destinationOptions()]);
    for (let captured = 40; captured < 64; captured++) {
      expect(decode(bytes, { ...raw, captured }).outcome).toBe("truncated");
    }
    expect(marksOf(decoded(bytes, { ...raw, captured: 64 }))).toEqual(["portsMissing", "cutShort"]);
  });
});

describe("a first fragment", () => {
  it("has ports and its fragment id", () => {
    const v4 = decoded(ipv4(v4Ends, udp({ payload: data }), { moreFragments: true, id: 77 }), raw);
    const v6Packet = decoded(v6([fragment(0xfedcba98, 0, true)], udp({ payload: data })), raw);
    expect(flowText(v4.flow)).toBe("17 192.0.2.1:50000 > 198.51.100.2:53");
    expect(flowText(v6Packet.flow)).toBe("17 2001:db8::1:50000 > 2001:db8::2:53");
    expect([v4.fragmentId, v6Packet.fragmentId]).toEqual([77, 0xfedcba98]);
    for (const packet of [v4, v6Packet])
      expect([marksOf(packet), packet.payloadLength]).toEqual([["firstFragment"], 100]);
  });

  it("may end inside its transport header", () => {
    const tiny = other(6, tcp({ flags: "SA" }).bytes.subarray(0, 8));
    const packet = decoded(ipv4(v4Ends, tiny, { moreFragments: true }), raw);
    expect(flowText(packet.flow)).toBe("6 192.0.2.1:50000 > 198.51.100.2:22");
    expect(tcpText(packet)).toBe(" seq 1000 ack 0 payload 0 of 28");
  });

  it("has a UDP length that is the whole datagram's", () => {
    const whole = udp({ payload: payload(2000) });
    const part = other(17, whole.bytes.subarray(0, 1008));
    expect(decoded(ipv4(v4Ends, part, { moreFragments: true }), raw).payloadLength).toBe(1000);
  });
});

describe("a later fragment", () => {
  it("has its fragment id and neither ports nor anything else of a transport", () => {
    const v4 = decoded(ipv4(v4Ends, other(6, data), { fragmentOffset: 1480, moreFragments: true, id: 77 }), raw);
    const last = decoded(ipv4(v4Ends, other(1, data), { fragmentOffset: 1480, id: 77 }), raw);
    const v6Packet = decoded(v6([fragment(77, 1480, false)], other(6, data)), raw);
    expect(flowText(v4.flow)).toBe("6 192.0.2.1:0 > 198.51.100.2:0");
    expect(flowText(last.flow)).toBe("1 192.0.2.1:0 > 198.51.100.2:0");
    expect(flowText(v6Packet.flow)).toBe("6 2001:db8::1:0 > 2001:db8::2:0");
    for (const packet of [v4, last, v6Packet]) {
      expect([marksOf(packet), packet.fragmentId, packet.payloadLength]).toEqual([["laterFragment"], 77, 100]);
      expect([packet.flags, packet.sequence, packet.acknowledgement, packet.quotes]).toEqual([0, 0, 0, false]);
    }
  });

  it("is not searched for further extension headers", () => {
    expect(decoded(v6([fragment(77, 1480, false)], other(60, data)), raw).flow.protocol).toBe(60);
  });
});

it("an IPv6 packet that is its own only fragment is none", () => {
  const packet = decoded(v6([fragment(77, 0, false)]), raw);
  expect([marksOf(packet), packet.fragmentId]).toEqual([[], 0]);
});

it("don't fragment is no fragment, whatever the identification", () => {
  const bytes = ipv4(v4Ends, tcp(), { id: 99 });
  bytes.set(u16(0x4000), 6);
  bytes.set(u16(((bytes[10]! << 8) | bytes[11]!) - 0x4000), 10);
  const packet = decoded(bytes, raw);
  expect([marksOf(packet), packet.fragmentId]).toEqual([[], 0]);
});

it("an IPv6 jumbo length beyond the frame is malformed", () => {
  const transport = other(6, bytesOf(u32(0), payload(60)));
  const jumbo = { extensions: [hopByHop(0xffffffff)], payloadLength: 0 };
  expect(decode(ipv6(v6Ends, transport, jumbo), raw).outcome).toBe("malformed");
});
