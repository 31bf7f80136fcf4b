// Link layers: where the IP header stands in a frame. Numbers are LINKTYPE values of
// https://www.tcpdump.org/linktypes.html; 802.11, PPP and NFLOG are refused on purpose.

import { u16 } from "./big-endian.js";
import { decodeOutcome } from "./decode-outcome.js";
import type { Frame } from "./frame.js";

export const linkType = {
  null: 0,
  ethernet: 1,
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const;

const etherType = { ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100, qinq: 0x88a8, oldQinq: 0x9100 } as const;

/** Tags of one frame; the standard knows two, and more than this is an attack on parsers. */
const maxTags = 8;

const addressFamilyV4 = 2;
/** AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin. */
const addressFamiliesV6: readonly number[] = [10, 24, 28, 30];
const maxAddressFamily = 255;

/** Where the IP header begins, or a negative `decodeOutcome`. At least one byte of the header was captured. */
export function locateIp(frame: Frame): number {
  frame.linkProtocol = -1;
  switch (frame.linkType) {
    case linkType.ethernet:
      return behindEtherType(frame, 12, 14);
    case linkType.linuxSll:
      return behindEtherType(frame, 14, 16);
    case linkType.linuxSll2:
      return behindEtherType(frame, 0, 20);
    case linkType.null:
    case linkType.loop:
      return behindAddressFamily(frame);
    case linkType.raw:
    case linkType.rawBsd:
    case linkType.rawOpenBsd:
      return ipAt(frame, frame.start, 0);
    case linkType.ipv4:
      return ipAt(frame, frame.start, 4);
    case linkType.ipv6:
      return ipAt(frame, frame.start, 6);
    default:
      return decodeOutcome.unsupportedLink;
  }
}

function behindEtherType(frame: Frame, typeOffset: number, headerLength: number): number {
  const { bytes, start, end } = frame;
  let at = start + headerLength;
  if (at > end) return decodeOutcome.truncated;
  let type = u16(bytes, start + typeOffset);
  for (let tags = 0; isTag(type); tags++) {
    if (tags === maxTags) return decodeOutcome.malformed;
    if (at + 4 > end) return decodeOutcome.truncated;
    type = u16(bytes, at + 2);
    at += 4;
  }
  frame.linkProtocol = type;
  return ofEtherType(frame, at, type);
}

function ofEtherType(frame: Frame, at: number, type: number): number {
  if (type === etherType.ipv4) return ipAt(frame, at, 4);
  return type === etherType.ipv6 ? ipAt(frame, at, 6) : decodeOutcome.notIp;
}

function isTag(type: number): boolean {
  return type === etherType.vlan || type === etherType.qinq || type === etherType.oldQinq;
}

/**
 * NULL writes the family in the byte order of the capturing machine, LOOP in network order; both are read alike. Some
 * programs write an ethertype there, or into its second half.
 */
function behindAddressFamily(frame: Frame): number {
  const { bytes, start, end } = frame;
  const at = start + 4;
  if (at > end) return decodeOutcome.truncated;
  const family = addressFamily(bytes, start);
  frame.linkProtocol = family;
  if (family > maxAddressFamily) return ofEtherType(frame, at, family);
  if (family === addressFamilyV4) return ipAt(frame, at, 4);
  return addressFamiliesV6.includes(family) ? ipAt(frame, at, 6) : decodeOutcome.notIp;
}

function addressFamily(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0 && bytes[at + 1] === 0) return u16(bytes, at + 2);
  const isLittleEndian = bytes[at + 2] === 0 && bytes[at + 3] === 0;
  return isLittleEndian ? bytes[at]! | (bytes[at + 1]! << 8) : u16(bytes, at + 2);
}

/** `version` is what the link layer promised; 0 where it promises IP of either version. */
function ipAt(frame: Frame, at: number, version: number): number {
  if (at >= frame.end) return decodeOutcome.truncated;
  const found = frame.bytes[at]! >> 4;
  const expected = version === 0 ? found === 4 || found === 6 : found === version;
  return expected ? at : decodeOutcome.malformed;
}
