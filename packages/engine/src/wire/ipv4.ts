// The IPv4 header (RFC 791): addresses, protocol, length, fragments. Options are stepped over.

import type { PacketFlow } from "../traffic/packet.js";
import { i32, u16 } from "./big-endian.js";
import { type DecodeOutcome, decodeOutcome } from "./decode-outcome.js";
import type { Frame, IpHeader } from "./frame.js";

const minHeaderLength = 20;
const moreFragmentsBit = 0x2000;
const fragmentOffsetMask = 0x1fff;

/** Reads the header at `ip.start` into `ip` and `flow`; reads nothing at or behind `ip.limit`. */
export function readIpv4Header(frame: Frame, ip: IpHeader, flow: PacketFlow): DecodeOutcome {
  const { bytes } = frame;
  const at = ip.start;
  if (ip.limit - at < minHeaderLength) return decodeOutcome.truncated;
  const headerLength = (bytes[at]! & 15) * 4;
  ip.length = u16(bytes, at + 2);
  if (headerLength < minHeaderLength || (ip.length !== 0 && ip.length < headerLength)) return decodeOutcome.malformed;
  if (ip.limit - at < headerLength) return decodeOutcome.truncated;
  ip.transportAt = at + headerLength;
  ip.finalDestination = true;
  readFragment(bytes, ip);
  flow.protocol = bytes[at + 9]!;
  writeMapped(flow.words, 0, i32(bytes, at + 12));
  writeMapped(flow.words, 4, i32(bytes, at + 16));
  return decodeOutcome.packet;
}

function readFragment(bytes: Uint8Array, ip: IpHeader): void {
  const field = u16(bytes, ip.start + 6);
  ip.fragmentOffset = field & fragmentOffsetMask;
  ip.moreFragments = (field & moreFragmentsBit) !== 0;
  ip.fragmentId = u16(bytes, ip.start + 4);
}

function writeMapped(words: Uint32Array, from: number, address: number): void {
  words[from] = 0;
  words[from + 1] = 0;
  words[from + 2] = 0xffff;
  words[from + 3] = address;
}
