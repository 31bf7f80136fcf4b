import { describe, expect, it } from "vitest";
import { linkType } from "../../src/index.js";
import { decode, decoded, flowText, marksOf, tcpText } from "../support/decoding.js";
import { ipv4, ipv6, other, payload, sctp, tcp, u16, udp, v4Ends, v6Ends } from "../support/frames.js";

const raw = { linkType: linkType.raw };

describe("TCP", () => {
  it("tells ports, numbers, flags, and payload behind its options", () => {
    const part = {
      flags: "PA",
      sequence: 0xfffffff0,
      acknowledgement: 0x80000000,
      options: new Uint8Array(12).fill(1),
    };
    const packet = decoded(ipv4(v4Ends, tcp({ ...part, payload: payload(7) })), raw);
    expect(flowText(packet.flow)).toBe("6 192.0.2.1:50000 > 198.51.100.2:22");
    expect(tcpText(packet)).toBe("PA seq 4294967280 ack 2147483648 payload 7 of 59");
    expect(marksOf(packet)).toEqual([]);
  });

  it("with a window of zero is marked", () => {
    expect(marksOf(decoded(ipv4(v4Ends, tcp({ window: 0 })), raw))).toEqual(["zeroWindow"]);
  });

  it("keeps what a short capture left of its header", () => {
    const bytes = ipv4(v4Ends, tcp({ flags: "SA", acknowledgement: 2000, window: 0, payload: payload(50) }));
    const left = (captured: number) => decoded(bytes, { ...raw, captured: 20 + captured });
    expect(marksOf(left(3))).toEqual(["portsMissing", "cutShort"]);
    expect(flowText(left(3).flow)).toBe("6 192.0.2.1:0 > 198.51.100.2:0");
    expect(flowText(left(4).flow)).toBe("6 192.0.2.1:50000 > 198.51.100.2:22");
    expect(tcpText(left(7))).toBe(" seq 0 ack 0 payload 50 of 90");
    expect(tcpText(left(8))).toBe(" seq 1000 ack 0 payload 50 of 90");
    expect(tcpText(left(13))).toBe(" seq 1000 ack 2000 payload 50 of 90");
    expect(tcpText(left(14))).toBe("SA seq 1000 ack 2000 payload 50 of 90");
    expect(marksOf(left(15))).toEqual(["cutShort"]);
    for (const captured of [16, 20, 69]) expect(marksOf(left(captured))).toEqual(["zeroWindow", "cutShort"]);
    expect(marksOf(left(70))).toEqual(["zeroWindow"]);
  });

  it("is malformed where its header can't stand in its packet", () => {
    const { bytes } = tcp();
    const withHeaderWords = (words: number) => other(6, Uint8Array.from(bytes).fill(words << 4, 12, 13));
    expect(decode(ipv4(v4Ends, withHeaderWords(4)), raw).outcome).toBe("malformed");
    expect(decode(ipv4(v4Ends, withHeaderWords(6)), raw).outcome).toBe("malformed");
    expect(decode(ipv4(v4Ends, other(6, bytes.subarray(0, 19))), raw).outcome).toBe("malformed");
  });
});

describe("UDP", () => {
  it("tells ports and payload", () => {
    const packet = decoded(ipv6(v6Ends, udp({ payload: payload(33) })), raw);
    expect(flowText(packet.flow)).toBe("17 2001:db8::1:50000 > 2001:db8::2:53");
    expect([packet.payloadLength, packet.ipLength, packet.flags, marksOf(packet)]).toEqual([33, 81, 0, []]);
  });

  it("is malformed where its length is below its header's or beyond its packet", () => {
    const withLength = (length: number) => {
      const { bytes } = udp({ payload: payload(8) });
      bytes.set(u16(length), 4);
      return decode(ipv4(v4Ends, other(17, bytes)), raw).outcome;
    };
    expect([7, 17].map(withLength)).toEqual(["malformed", "malformed"]);
    expect([0, 8, 16].map(withLength)).toEqual(["packet", "packet", "packet"]);
  });
});

it("SCTP tells ports and what stands behind its common header", () => {
  const packet = decoded(ipv4(v4Ends, sctp(2905, 2906, payload(16))), raw);
  expect(flowText(packet.flow)).toBe("132 192.0.2.1:2905 > 198.51.100.2:2906");
  expect(packet.payloadLength).toBe(16);
});

it("protocols without ports count all behind the IP header as payload", () => {
  const packet = decoded(ipv4(v4Ends, other(47, payload(31))), raw);
  expect(flowText(packet.flow)).toBe("47 192.0.2.1:0 > 198.51.100.2:0");
  expect(packet.payloadLength).toBe(31);
});
