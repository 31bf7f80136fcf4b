// The IPv6 header and its extension headers (RFC 8200), jumbo payloads (RFC 2675) included. The chain ends at the
// transport, at AH and ESP, which are protocols of their own here, or at a later fragment's data.

import type { PacketFlow } from "../traffic/packet.js";
import { i32, u16 } from "./big-endian.js";
import { type DecodeOutcome, decodeOutcome } from "./decode-outcome.js";
import type { Frame, IpHeader } from "./frame.js";

const headerLength = 40;
const extension = { hopByHop: 0, routing: 43, fragment: 44, none: 59, destinationOptions: 60 } as const;
const jumboOption = 0xc2;
const pad1Option = 0;

/** Reads the headers from `ip.start` into `ip` and `flow`; reads nothing at or behind `ip.limit`. */
export function readIpv6Header(frame: Frame, ip: IpHeader, flow: PacketFlow): DecodeOutcome {
  const { bytes } = frame;
  const at = ip.start;
  if (ip.limit - at < headerLength) return decodeOutcome.truncated;
  const nextHeader = bytes[at + 6]!;
  const payloadLength = u16(bytes, at + 4);
  // Without a jumbo option, zero is what BIG TCP and TSO leave; only "no next header" means it.
  ip.length = payloadLength === 0 && nextHeader !== extension.none ? 0 : headerLength + payloadLength;
  ip.transportAt = at + headerLength;
  ip.fragmentOffset = 0;
  ip.moreFragments = false;
  ip.finalDestination = true;
  for (let word = 0; word < 8; word++) flow.words[word] = i32(bytes, at + 8 + word * 4);
  flow.protocol = nextHeader;
  return isExtension(nextHeader) ? walkExtensions(bytes, ip, flow) : decodeOutcome.packet;
}

function isExtension(header: number): boolean {
  return (
    header === extension.hopByHop ||
    header === extension.routing ||
    header === extension.fragment ||
    header === extension.destinationOptions
  );
}

/** Each header is 8 bytes or longer, so the walk ends with the bytes. */
function walkExtensions(bytes: Uint8Array, ip: IpHeader, flow: PacketFlow): DecodeOutcome {
  while (isExtension(flow.protocol) && ip.fragmentOffset === 0) {
    const at = ip.transportAt;
    if (ip.limit - at < 8) return decodeOutcome.truncated;
    const length = flow.protocol === extension.fragment ? 8 : (bytes[at + 1]! + 1) * 8;
    if (ip.limit - at < length) return decodeOutcome.truncated;
    readExtension(bytes, ip, flow.protocol);
    flow.protocol = bytes[at]!;
    ip.transportAt = at + length;
  }
  return decodeOutcome.packet;
}

function readExtension(bytes: Uint8Array, ip: IpHeader, header: number): void {
  const at = ip.transportAt;
  if (header === extension.fragment) readFragment(bytes, ip);
  else if (header === extension.routing && bytes[at + 3]! > 0) ip.finalDestination = false;
  else if (header === extension.hopByHop && ip.length === 0) ip.length = jumboLength(bytes, at);
}

function readFragment(bytes: Uint8Array, ip: IpHeader): void {
  const field = u16(bytes, ip.transportAt + 2);
  ip.fragmentOffset = field >> 3;
  ip.moreFragments = (field & 1) !== 0;
  ip.fragmentId = i32(bytes, ip.transportAt + 4) >>> 0;
}

/** The packet's length by the jumbo option of a hop-by-hop header at `at`; 0 where it has none. */
function jumboLength(bytes: Uint8Array, at: number): number {
  const end = at + (bytes[at + 1]! + 1) * 8;
  let option = at + 2;
  while (option + 6 <= end) {
    if (bytes[option] === jumboOption && bytes[option + 1] === 4) return headerLength + (i32(bytes, option + 2) >>> 0);
    option += bytes[option] === pad1Option ? 1 : 2 + bytes[option + 1]!;
  }
  return 0;
}
