// Builds frames layer by layer, with right checksums, for tests of decoding: `ethernet(ipv4(ends, tcp({ flags: "S" })))`.
// Written plainly and apart from the decoder, so that the two check each other.

import { type Address, isV4, parseAddress, protocolNumber } from "../../src/index.js";
import { flagsOf } from "./packets.js";

/** What stands behind an IP header; the checksum at `checksumAt` is filled in there, if any. */
export type Transport = {
  readonly protocol: number;
  readonly bytes: Uint8Array;
  readonly checksumAt: number | null;
  /** Whether the checksum covers addresses, protocol and length too. */
  readonly pseudoHeader: boolean;
};

export type Ends = { readonly source: string; readonly destination: string };

/** An extension header of IPv6 without its first byte, which names the next one. */
export type Extension = { readonly header: number; readonly rest: Uint8Array };

export const v4Ends: Ends = { source: "192.0.2.1", destination: "198.51.100.2" };
export const v6Ends: Ends = { source: "2001:db8::1", destination: "2001:db8::2" };

export function bytesOf(...parts: readonly (number | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === "number" ? [part] : [...part])));
}

export function u16(value: number): Uint8Array {
  return bytesOf((value >>> 8) & 255, value & 255);
}

export function u32(value: number): Uint8Array {
  return bytesOf(u16(value >>> 16), u16(value & 0xffff));
}

export function payload(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + 1) & 255);
}

const nothing: Uint8Array = new Uint8Array(0);

const tcpDefaults = {
  sourcePort: 50_000,
  destinationPort: 22,
  sequence: 1000,
  acknowledgement: 0,
  flags: "S",
  window: 64_240,
  options: nothing,
  payload: nothing,
};

/** Options come in whole words. */
export function tcp(more: Partial<typeof tcpDefaults> = {}): Transport {
  const part = { ...tcpDefaults, ...more };
  const bytes = bytesOf(
    ...[u16(part.sourcePort), u16(part.destinationPort), u32(part.sequence), u32(part.acknowledgement)],
    ...[((20 + part.options.length) / 4) << 4, flagsOf(part.flags), u16(part.window), u32(0)],
    ...[part.options, part.payload],
  );
  return { protocol: protocolNumber.tcp, bytes, checksumAt: 16, pseudoHeader: true };
}

const udpDefaults = { sourcePort: 50_000, destinationPort: 53, payload: nothing };

export function udp(more: Partial<typeof udpDefaults> = {}): Transport {
  const part = { ...udpDefaults, ...more };
  const length = u16(8 + part.payload.length);
  const bytes = bytesOf(u16(part.sourcePort), u16(part.destinationPort), length, u16(0), part.payload);
  return { protocol: protocolNumber.udp, bytes, checksumAt: 6, pseudoHeader: true };
}

export function sctp(sourcePort: number, destinationPort: number, data: Uint8Array): Transport {
  const bytes = bytesOf(u16(sourcePort), u16(destinationPort), u32(1), u32(0), data);
  return { protocol: protocolNumber.sctp, bytes, checksumAt: null, pseudoHeader: false };
}

/** `rest` is what stands behind the checksum: identifier and data, or four bytes and a quoted packet. */
export function icmp(type: number, code: number, rest: Uint8Array): Transport {
  const bytes = bytesOf(type, code, u16(0), rest);
  return { protocol: protocolNumber.icmp, bytes, checksumAt: 2, pseudoHeader: false };
}

export function icmp6(type: number, code: number, rest: Uint8Array): Transport {
  return { ...icmp(type, code, rest), protocol: protocolNumber.icmp6, pseudoHeader: true };
}

export function other(protocol: number, bytes: Uint8Array): Transport {
  return { protocol, bytes, checksumAt: null, pseudoHeader: false };
}

const v4Defaults = {
  id: 0x1234,
  moreFragments: false,
  /** In bytes, a multiple of eight. */
  fragmentOffset: 0,
  options: nothing,
  /** The header's own account; null for the truth. */
  totalLength: null as number | null,
};

export function ipv4(ends: Ends, transport: Transport, more: Partial<typeof v4Defaults> = {}): Uint8Array {
  const part = { ...v4Defaults, ...more };
  const headerLength = 20 + part.options.length;
  const fragment = (part.moreFragments ? 0x2000 : 0) | (part.fragmentOffset / 8);
  const header = bytesOf(
    ...[0x40 | (headerLength / 4), 0, u16(part.totalLength ?? headerLength + transport.bytes.length)],
    ...[u16(part.id), u16(fragment), 64, transport.protocol, u16(0)],
    ...[u32(addressOf(ends.source)[3]), u32(addressOf(ends.destination)[3]), part.options],
  );
  header.set(u16(internetChecksum(header)), 10);
  return bytesOf(header, withChecksum(ends, transport));
}

const v6Defaults = {
  extensions: [] as readonly Extension[],
  /** The header's own account; null for the truth. */
  payloadLength: null as number | null,
};

export function ipv6(ends: Ends, transport: Transport, more: Partial<typeof v6Defaults> = {}): Uint8Array {
  const { extensions, payloadLength } = { ...v6Defaults, ...more };
  const chain = [...extensions.map(({ header }) => header), transport.protocol];
  const headers = bytesOf(...extensions.flatMap(({ rest }, index) => [chain[index + 1]!, rest]));
  const body = bytesOf(headers, withChecksum(ends, transport));
  const addresses = bytesOf(words(ends.source), words(ends.destination));
  return bytesOf(0x60, 0, 0, 0, u16(payloadLength ?? body.length), chain[0]!, 64, addresses, body);
}

/** Sixteen bytes: hop-by-hop, with the jumbo option where a length is given. */
export function hopByHop(jumboPayloadLength: number | null = null): Extension {
  const option = jumboPayloadLength === null ? [1, 4, u32(0)] : [0xc2, 4, u32(jumboPayloadLength)];
  return { header: 0, rest: bytesOf(0, ...option) };
}

export function destinationOptions(): Extension {
  return { header: 60, rest: bytesOf(1, 1, 12, payload(12).fill(0)) };
}

export function routing(segmentsLeft: number): Extension {
  return { header: 43, rest: bytesOf(0, 4, segmentsLeft, u32(0)) };
}

/** `offset` in bytes, a multiple of eight. */
export function fragment(id: number, offset: number, more: boolean): Extension {
  return { header: 44, rest: bytesOf(0, u16(offset | (more ? 1 : 0)), u32(id)) };
}

/** Tags are pairs of ethertype and VLAN. */
export function ethernet(packet: Uint8Array, tags: readonly (readonly [number, number])[] = []): Uint8Array {
  const macs = bytesOf(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2);
  return bytesOf(macs, ...tags.flatMap(([type, vlan]) => [u16(type), u16(vlan)]), u16(etherTypeOf(packet)), packet);
}

export function arp(): Uint8Array {
  return bytesOf(payload(12), u16(0x0806), payload(46));
}

export function linuxSll(packet: Uint8Array): Uint8Array {
  return bytesOf(u16(0), u16(1), u16(6), payload(8), u16(etherTypeOf(packet)), packet);
}

export function linuxSll2(packet: Uint8Array): Uint8Array {
  return bytesOf(u16(etherTypeOf(packet)), u16(0), u32(3), u16(1), 4, 6, payload(8), packet);
}

/** The word before a packet in NULL and LOOP captures. */
export function loopback(family: number, packet: Uint8Array, order: "big" | "little"): Uint8Array {
  return bytesOf(order === "big" ? u32(family) : u32(family).toReversed(), packet);
}

export function etherTypeOf(packet: Uint8Array): number {
  return packet[0]! >> 4 === 4 ? 0x0800 : 0x86dd;
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return address;
}

/** The address as it stands in a header: four bytes or sixteen. */
function words(text: string): Uint8Array {
  const address = addressOf(text);
  return bytesOf(...(isV4(address) ? [u32(address[3])] : address.map(u32)));
}

function withChecksum(ends: Ends, { protocol, bytes, checksumAt, pseudoHeader }: Transport): Uint8Array {
  if (checksumAt === null) return bytes;
  const pseudo = bytesOf(words(ends.source), words(ends.destination), u32(bytes.length), u32(protocol));
  const sum = internetChecksum(pseudoHeader ? bytesOf(pseudo, bytes) : bytes);
  const result = bytes.slice();
  result.set(u16(sum === 0 && protocol === protocolNumber.udp ? 0xffff : sum), checksumAt);
  return result;
}

/** RFC 1071, as it is written there. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes[at]! * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65_536);
  return ~sum & 0xffff;
}
