// Packets and batches as tests write them.

import {
  type Address,
  isIcmp,
  type Micros,
  newPacket,
  type Packet,
  PacketBatchBuilder,
  packetMark,
  parseAddress,
  protocolNumber,
  type TrafficBatch,
  tcpFlag,
} from "../../src/index.js";
import { icmpRequestType } from "../../src/wire/icmp.js";

/** A packet as it goes over the wire: from, to, and what its headers say. */
export type PacketText = {
  readonly time: Micros;
  readonly frame: number;
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** TCP flag bits; ICMP: type * 256 + code. */
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly zeroWindow: boolean;
  readonly ipLength: number;
  readonly payloadLength: number;
  readonly fragment: { readonly id: number; readonly later: boolean } | null;
  /** The capture was too short for the transport header. */
  readonly cutOff: boolean;
  /** Further bits of `packetMark`. */
  readonly marks?: number;
  /** Of an ICMP error: the head of the packet that it is about. */
  readonly quoted: Omit<
    PacketText,
    | "time"
    | "frame"
    | "sequence"
    | "acknowledgement"
    | "zeroWindow"
    | "ipLength"
    | "payloadLength"
    | "fragment"
    | "cutOff"
    | "marks"
    | "quoted"
  > | null;
};

const defaults = {
  frame: 1,
  protocol: protocolNumber.tcp,
  source: "203.0.113.7",
  sourcePort: 50_000,
  destination: "10.0.0.4",
  destinationPort: 22,
  flags: 0,
  sequence: 0,
  acknowledgement: 0,
  zeroWindow: false,
  ipLength: 40,
  payloadLength: 0,
  fragment: null,
  cutOff: false,
  quoted: null,
};

export function packet(more: Partial<PacketText> & { readonly time: Micros }): PacketText {
  return { ...defaults, ...more };
}

/** The same packet the other way. */
export function answer(to: PacketText, more: Partial<PacketText>): PacketText {
  return {
    ...to,
    source: to.destination,
    sourcePort: to.destinationPort,
    destination: to.source,
    destinationPort: to.sourcePort,
    ...more,
  };
}

/** `SA` for SYN and ACK; `.` for none. */
export function flagsOf(letters: string): number {
  const bits: { readonly [letter: string]: number } = {
    F: tcpFlag.fin,
    S: tcpFlag.syn,
    R: tcpFlag.rst,
    P: tcpFlag.psh,
    A: tcpFlag.ack,
    U: tcpFlag.urg,
    E: tcpFlag.ece,
    C: tcpFlag.cwr,
  };
  return [...letters].reduce((flags, letter) => flags | (letter === "." ? 0 : bits[letter]!), 0);
}

export const echoRequest = 8 * 256;
export const echoReply = 0;
export const portUnreachable = 3 * 256 + 3;
export const timeExceeded = 11 * 256;

export type BatchMore = { readonly place?: string; readonly sha256?: string };

export function batchOf(packets: readonly PacketText[], { place = "capture", sha256 = "aa" }: BatchMore = {}) {
  const builder = new PacketBatchBuilder(Math.max(1, packets.length));
  for (const text of packets) builder.add(read(text));
  const firstTime = packets.reduce((least, { time }) => Math.min(least, time), Number.POSITIVE_INFINITY) as Micros;
  return { place, sha256, position: 0, firstTime, batch: builder.finish() } satisfies TrafficBatch;
}

function read(text: PacketText): Packet {
  const packet = newPacket();
  packet.time = text.time;
  packet.frame = text.frame;
  packet.ipLength = text.ipLength;
  packet.payloadLength = text.payloadLength;
  packet.flags = text.flags;
  packet.sequence = text.sequence;
  packet.acknowledgement = text.acknowledgement;
  packet.marks = text.marks ?? 0;
  if (text.zeroWindow) packet.marks |= packetMark.zeroWindow;
  fillFlow(packet.flow, text);
  if (text.cutOff) {
    packet.marks |= packetMark.portsMissing;
    packet.flags = 0;
    hidePorts(packet.flow);
  }
  if (text.fragment !== null) {
    packet.fragmentId = text.fragment.id;
    packet.marks |= text.fragment.later ? packetMark.laterFragment : packetMark.firstFragment;
    if (text.fragment.later) {
      packet.flags = 0;
      packet.sequence = 0;
      packet.acknowledgement = 0;
      hidePorts(packet.flow);
    }
  }
  if (text.quoted !== null) {
    packet.quotes = true;
    fillFlow(packet.quoted, text.quoted);
  }
  return packet;
}

function hidePorts(flow: Packet["flow"]): void {
  flow.sourcePort = 0;
  flow.destinationPort = 0;
  flow.icmp = 0;
}

type FlowText = Pick<PacketText, "protocol" | "source" | "sourcePort" | "destination" | "destinationPort" | "flags">;

function fillFlow(flow: Packet["flow"], text: FlowText): void {
  flow.words.set([...addressOf(text.source), ...addressOf(text.destination)]);
  flow.protocol = text.protocol;
  const withPorts = text.protocol === protocolNumber.tcp || text.protocol === protocolNumber.udp;
  const request = isIcmp(text.protocol) ? icmpRequestType(text.protocol, text.flags >> 8) : null;
  flow.sourcePort = withPorts || request !== null ? text.sourcePort : 0;
  flow.destinationPort = withPorts ? text.destinationPort : flow.sourcePort;
  flow.icmp = isIcmp(text.protocol) ? (request === null ? text.flags : request * 256) : 0;
}

function addressOf(text: string): Address {
  return parseAddress(text)!;
}
