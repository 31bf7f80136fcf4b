// What every block of pcapng begins with, and how far the first blocks of a file reach
// (draft-ietf-opsawg-pcapng).

import { readU32 } from "./byte-order.js";

export const blockType = {
  section: 0x0a0d0d0a,
  interface: 1,
  obsoletePacket: 2,
  simplePacket: 3,
  statistics: 5,
  enhancedPacket: 6,
} as const;

/** Type and length; of a section header also its byte order. */
export const blockHeadLength = 12;

const byteOrderMagic = 0x1a2b3c4d;
const packetTypes: ReadonlySet<number> = new Set([
  blockType.obsoletePacket,
  blockType.simplePacket,
  blockType.enhancedPacket,
]);

export function isSectionHeader(head: Uint8Array): boolean {
  return head.length >= blockHeadLength && readU32(head, 0, true) === blockType.section && byteOrder(head, 0) !== null;
}

/** Whether the section at `at` is big-endian; null where its magic number is neither. */
export function byteOrder(bytes: Uint8Array, at: number): boolean | null {
  if (readU32(bytes, at + 8, true) === byteOrderMagic) return true;
  return readU32(bytes, at + 8, false) === byteOrderMagic ? false : null;
}

/** The length of a packet block that begins with these bytes, in either byte order; null: it is none. */
export function packetBlockBytes(block: Uint8Array): number | null {
  const order = [true, false].find((bigEndian) => packetTypes.has(readU32(block, 0, bigEndian)));
  return order === undefined ? null : readU32(block, 4, order);
}

/** Up to behind the first packet block; a block that can't be one ends it too. Null where `head` ends before. */
export function openingBytes(head: Uint8Array): number | null {
  const bigEndian = isSectionHeader(head) && byteOrder(head, 0) === true;
  for (let at = 0; at + blockHeadLength <= head.length; ) {
    const type = readU32(head, at, bigEndian);
    const length = readU32(head, at + 4, bigEndian);
    const next = at + Math.max(length, blockHeadLength);
    if (packetTypes.has(type) || length < blockHeadLength) return next > head.length ? null : next;
    at = next;
  }
  return null;
}
