// Decodes one frame for a test, and says the packet in the words of tests.

import {
  type Address,
  decodeFrame,
  decodeOutcome,
  formatAddress,
  formatTcpFlags,
  linkType,
  newFrame,
  newPacket,
  type Packet,
  type PacketFlow,
  packetMark,
} from "../../src/index.js";

type More = { readonly linkType?: number; readonly originalLength?: number; readonly captured?: number };

export type Outcome = keyof typeof decodeOutcome;

/** A packet left over from another frame, so that a field which the decoder forgets is seen. */
function usedPacket(): Packet {
  const packet = newPacket();
  packet.flow.words.fill(0xdeadbeef);
  packet.quoted.words.fill(0xdeadbeef);
  const ports = { sourcePort: 9, destinationPort: 9, icmp: 9, protocol: 99 };
  Object.assign(packet.flow, ports);
  Object.assign(packet.quoted, ports);
  const numbers = { ipLength: 9, payloadLength: 9, flags: 9, sequence: 9, acknowledgement: 9, marks: 255 };
  return Object.assign(packet, numbers, { fragmentId: 9, quotes: true });
}

/** `captured`: only so many bytes of the frame. The frame lies in the middle of other bytes, at an odd offset. */
export function decode(bytes: Uint8Array, more: More = {}): { readonly outcome: Outcome; readonly packet: Packet } {
  const start = 13;
  const frame = newFrame();
  frame.bytes = new Uint8Array(bytes.length + 64).fill(0xee);
  frame.bytes.set(bytes, start);
  frame.start = start;
  frame.end = start + (more.captured ?? bytes.length);
  frame.originalLength = more.originalLength ?? bytes.length;
  frame.linkType = more.linkType ?? linkType.ethernet;
  const packet = usedPacket();
  return { outcome: nameOf(decodeFrame(frame, packet)), packet };
}

export function decoded(bytes: Uint8Array, more: More = {}): Packet {
  const { outcome, packet } = decode(bytes, more);
  if (outcome !== "packet") throw new Error(`not decoded: ${outcome}`);
  return packet;
}

function nameOf(value: number): Outcome {
  const found = Object.entries(decodeOutcome).find(([, number]) => number === value);
  return found![0] as Outcome;
}

/** `6 192.0.2.1:50000 > 198.51.100.2:22`; of ICMP with kind: `1 … kind 2048`. */
export function flowText(flow: PacketFlow): string {
  const address = (from: number) => formatAddress([...flow.words.subarray(from, from + 4)] as unknown as Address);
  const kind = flow.icmp === 0 ? "" : ` kind ${flow.icmp}`;
  return `${flow.protocol} ${address(0)}:${flow.sourcePort} > ${address(4)}:${flow.destinationPort}${kind}`;
}

/** `S seq 1000 ack 0 payload 0 of 40`. */
export function tcpText(packet: Packet): string {
  const { sequence, acknowledgement, payloadLength, ipLength } = packet;
  return `${formatTcpFlags(packet.flags)} seq ${sequence} ack ${acknowledgement} payload ${payloadLength} of ${ipLength}`;
}

/** Names of the marks that are set. */
export function marksOf(packet: Packet): string[] {
  return Object.entries(packetMark).flatMap(([name, bit]) => ((packet.marks & bit) === 0 ? [] : [name]));
}
