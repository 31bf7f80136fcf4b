// What stands around the content of an encoded batch: two letters that say of what and a version before it, and behind it
// a CRC-32 over all that, least significant byte first.

import { CorruptBatch } from "./corrupt-batch.js";
import { crc32 } from "./crc32.js";
import { type ByteSink, type ByteSource, reserve } from "./varint.js";

/** `PB`, and `FB` for flows that a sensor reported. */
const letters = { packet: [0x50, 0x42], "reported flow": [0x46, 0x42] } as const;
const version = 1;

type Content = keyof typeof letters;
const headerBytes = 3;
const checksumBytes = 4;

export function writeHeader(sink: ByteSink, content: Content): void {
  reserve(sink, headerBytes);
  for (const byte of [...letters[content], version]) sink.bytes[sink.at++] = byte;
}

export function writeChecksum(sink: ByteSink): void {
  reserve(sink, checksumBytes);
  const checksum = crc32(sink.bytes, sink.at);
  for (let shift = 0; shift < 32; shift += 8) sink.bytes[sink.at++] = checksum >>> shift;
}

/** The content; throws `CorruptBatch` where the bytes are not those that were sealed, or of another version. */
export function openSealed(bytes: Uint8Array, content: Content): ByteSource {
  const end = bytes.length - checksumBytes;
  if (end < headerBytes) throw new CorruptBatch(bytes.length, "it ends inside its header");
  if (letters[content].some((byte, at) => bytes[at] !== byte)) throw new CorruptBatch(0, `it is no ${content} batch`);
  if (bytes[2] !== version) {
    throw new CorruptBatch(2, `its version is \`${bytes[2]}\`, and this program reads \`${version}\`; use a newer one`);
  }
  if (crc32(bytes, end) !== readChecksum(bytes, end)) throw new CorruptBatch(end, "its checksum differs");
  return { bytes, at: headerBytes, end };
}

function readChecksum(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
