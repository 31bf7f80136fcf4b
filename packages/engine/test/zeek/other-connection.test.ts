import { describe, expect, it } from "vitest";
import { packetMark, protocolNumber } from "../../src/index.js";
import {
  answer,
  batchOf,
  echoReply,
  echoRequest,
  type PacketText,
  packet,
  portUnreachable,
} from "../support/packets.js";
import { at, endsOf, outcome, tracked } from "../support/zeek.js";

const udp = (seconds: number, more: Partial<PacketText> = {}) =>
  packet({
    time: at(seconds),
    protocol: protocolNumber.udp,
    destinationPort: 5000,
    payloadLength: 12,
    ipLength: 40,
    ...more,
  });
const icmp = (seconds: number, flags: number, more: Partial<PacketText> = {}) =>
  packet({
    time: at(seconds),
    protocol: protocolNumber.icmp,
    flags,
    sourcePort: 7,
    payloadLength: 56,
    ipLength: 84,
    ...more,
  });

function lines(packets: readonly PacketText[]): string[] {
  return tracked([batchOf(packets)]).map((connection) => `${endsOf(connection)} ${outcome(connection)}`);
}

describe("UDP", () => {
  it("is SF with an answer and S0 without", () => {
    const request = udp(0);
    expect(lines([request, answer(request, { time: at(0.5) })])).toEqual([
      "203.0.113.7:50000 > 10.0.0.4:5000 SF Dd 0.5 s 12+12 bytes 1+1 packets",
    ]);
    expect(lines([udp(0), udp(2)])).toEqual(["203.0.113.7:50000 > 10.0.0.4:5000 S0 D 2 s 24+0 bytes 2+0 packets"]);
  });

  it("is a connection until it rests for a minute", () => {
    expect(lines([udp(0), udp(59), udp(118)])).toHaveLength(1);
    expect(lines([udp(0), udp(61)])).toHaveLength(2);
  });

  it("that a server's port sends first was asked for, unless it goes to all", () => {
    const reply = udp(0, { sourcePort: 53 });
    expect(lines([reply])).toEqual(["10.0.0.4:5000 > 203.0.113.7:53 SHR ^d 0 s 0+12 bytes 0+1 packets"]);
    expect(lines([{ ...reply, destination: "255.255.255.255" }])[0]).toContain(" S0 D ");
    expect(lines([{ ...reply, destinationPort: 5353 }])[0]).toContain(" S0 D ");
  });

  it("with a wrong checksum opens a connection and counts for nothing", () => {
    expect(lines([udp(0, { marks: packetMark.badChecksum })])).toEqual([
      "203.0.113.7:50000 > 10.0.0.4:5000 OTH C 0 s 0+0 bytes 0+0 packets",
    ]);
  });
});

describe("ICMP", () => {
  it("has the type as the originator's port, and its counterpart as the responder's", () => {
    const request = icmp(0, echoRequest);
    expect(lines([request, answer(request, { time: at(0.1), flags: echoReply })])).toEqual([
      "203.0.113.7:8 > 10.0.0.4:0 OTH - 0.1 s 56+56 bytes 1+1 packets",
    ]);
  });

  it("is one connection whatever the identifier, and another one the other way", () => {
    const [first, second] = [icmp(0, echoRequest), icmp(1, echoRequest, { sourcePort: 8 })];
    expect(lines([first, second, answer(first, { time: at(2) })])).toEqual([
      "203.0.113.7:8 > 10.0.0.4:0 OTH - 1 s 112+0 bytes 2+0 packets",
      "10.0.0.4:8 > 203.0.113.7:0 OTH - 0 s 56+0 bytes 1+0 packets",
    ]);
  });

  it("has the code as the responder's port where nothing answers the type", () => {
    const errors = [icmp(0, portUnreachable), answer(icmp(1, portUnreachable), {})];
    expect(lines(errors)).toEqual([
      "203.0.113.7:3 > 10.0.0.4:3 OTH - 0 s 56+0 bytes 1+0 packets",
      "10.0.0.4:3 > 203.0.113.7:3 OTH - 0 s 56+0 bytes 1+0 packets",
    ]);
  });

  it("of a machine that pings itself has both sides", () => {
    const request = icmp(0, echoRequest, { destination: "203.0.113.7" });
    expect(lines([request, { ...request, time: at(0.1), flags: echoReply }])).toEqual([
      "203.0.113.7:8 > 203.0.113.7:0 OTH - 0.1 s 56+56 bytes 1+1 packets",
    ]);
  });
});

describe("other protocols", () => {
  it("are connections without ports", () => {
    const ospf = packet({ time: at(0), protocol: 89, payloadLength: 44, ipLength: 64 });
    expect(lines([ospf])).toEqual(["203.0.113.7:0 > 10.0.0.4:0 OTH - 0 s 0+0 bytes 1+0 packets"]);
  });

  it.each([4, 41, 47, 50, 59])("are none where they are tunnels or sealed: %i", (protocol) => {
    expect(lines([packet({ time: at(0), protocol })])).toEqual([]);
  });
});

describe("a packet", () => {
  it("whose IP header has a wrong checksum is not there", () => {
    const marks = packetMark.badChecksum | packetMark.badHeader;
    expect(lines([udp(0, { marks })])).toEqual([]);
    expect(tracked([batchOf([udp(0, { marks })])], true)).toHaveLength(1);
  });

  it("whose ports were not captured is not there", () => {
    expect(lines([udp(0, { cutOff: true })])).toEqual([]);
  });
});

describe("fragments", () => {
  const first = udp(0, { fragment: { id: 9, later: false }, payloadLength: 1472, ipLength: 1500 });
  const middle = udp(0.1, { fragment: { id: 9, later: true }, payloadLength: 1480, ipLength: 1500 });
  const last = udp(0.2, { fragment: { id: 9, later: true }, payloadLength: 100, ipLength: 120 });
  const whole = (time: number) => [
    `203.0.113.7:50000 > 10.0.0.4:5000 S0 D ${time} s ${1472 + 1480 + 100 + 12}+0 bytes 2+0 packets`,
  ];

  it("of a packet are one packet, when the last has come", () => {
    expect(lines([first, middle, last, udp(1)])).toEqual(whole(0.8));
  });

  it("may come in reverse", () => {
    const reversed = [last, middle, first].map((part, index) => ({ ...part, time: at(index / 10) }));
    expect(lines([...reversed, udp(1)])).toEqual(whole(0.8));
  });

  it("of a packet that stays incomplete are none", () => {
    expect(lines([first])).toEqual([]);
    expect(lines([middle, last])).toEqual([]);
  });
});
