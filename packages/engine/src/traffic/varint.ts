// Numbers of any size as bytes: seven bits each, least significant first, the eighth says that more follow (LEB128).
// Signed numbers are zigzag coded: 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4.

import { CorruptBatch } from "./corrupt-batch.js";

/** Bytes in the making; `bytes` is replaced by a larger array as they grow. */
export type ByteSink = { bytes: Uint8Array; at: number };

/** Bytes to be read up to `end`. */
export type ByteSource = { readonly bytes: Uint8Array; at: number; readonly end: number };

/** Bytes that any 32-bit number fits into; a safe integer needs `maxWideVarintBytes`. */
export const maxVarintBytes = 5;
export const maxWideVarintBytes = 10;

const lowBits = 0x80;
/** Below this, a zigzag coded number is exact in a double whatever its sign. */
const exactZigzag = 2 ** 52;

/** Makes room for so many more bytes. */
export function reserve(sink: ByteSink, byteCount: number): void {
  if (sink.at + byteCount <= sink.bytes.length) return;
  const larger = new Uint8Array(Math.max(sink.bytes.length * 2, sink.at + byteCount));
  larger.set(sink.bytes.subarray(0, sink.at));
  sink.bytes = larger;
}

/** Writes an unsigned 32-bit number at `at` and answers the position behind it; there must be room. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value >>> 0;
  let to = at;
  while (rest >= lowBits) {
    bytes[to++] = rest | lowBits;
    rest >>>= 7;
  }
  bytes[to++] = rest;
  return to;
}

export function writeVarint(sink: ByteSink, value: number): void {
  reserve(sink, maxVarintBytes);
  sink.at = putVarint(sink.bytes, sink.at, value);
}

/** Reads an unsigned 32-bit number. */
export function readVarint(source: ByteSource): number {
  const { bytes } = source;
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (source.at >= source.end) throw new CorruptBatch(source.at, "it ends inside a number");
    const byte = bytes[source.at++]!;
    if (shift === 28 && byte > 15) throw new CorruptBatch(source.at - 1, "a number exceeds 32 bits");
    value |= (byte & 127) << shift;
    if (byte < lowBits) return value >>> 0;
  }
  throw new CorruptBatch(source.at, "a number exceeds 32 bits");
}

/** Reads a number that must not exceed `limit`, so that nothing is allocated on a wrong one's word. */
export function readCount(source: ByteSource, limit: number, what: string): number {
  const at = source.at;
  const count = readVarint(source);
  if (count > limit) throw new CorruptBatch(at, `${count} ${what} can't be in ${source.end} bytes`);
  return count;
}

export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

/** The signed 32-bit number of a zigzag code. */
export function unzigzag(code: number): number {
  return (code >>> 1) ^ -(code & 1);
}

/** Writes `to - from` of two safe integers, exactly, whatever lies between; there must be room. */
export function putDifference(bytes: Uint8Array, at: number, from: number, to: number): number {
  const difference = to - from;
  if (difference === (difference | 0)) return putVarint(bytes, at, zigzag(difference));
  const wide = BigInt(to) - BigInt(from);
  return putWide(bytes, at, wide < 0n ? -wide * 2n - 1n : wide * 2n);
}

function putWide(bytes: Uint8Array, at: number, code: bigint): number {
  let rest = code;
  let to = at;
  for (; rest >= 128n; rest >>= 7n) bytes[to++] = Number(rest & 127n) | lowBits;
  bytes[to++] = Number(rest);
  return to;
}

/** `from` plus the difference that stands next in the source; refused where that is no safe integer. */
export function readSum(source: ByteSource, from: number): number {
  const at = source.at;
  let code = 0;
  for (let weight = 1; ; weight *= 128) {
    if (source.at >= source.end) throw new CorruptBatch(source.at, "it ends inside a number");
    const byte = source.bytes[source.at++]!;
    code += (byte & 127) * weight;
    if (code >= exactZigzag) return readWideSum(source, at, from);
    if (byte < lowBits) break;
    if (source.at - at === maxWideVarintBytes) throw new CorruptBatch(at, "a number is too long");
  }
  const half = Math.floor(code / 2);
  return checkedSum(at, from + (code % 2 === 0 ? half : -half - 1));
}

function readWideSum(source: ByteSource, at: number, from: number): number {
  source.at = at;
  let code = 0n;
  for (let shift = 0n; ; shift += 7n) {
    if (source.at >= source.end) throw new CorruptBatch(source.at, "it ends inside a number");
    const byte = source.bytes[source.at++]!;
    code |= BigInt(byte & 127) << shift;
    if (byte < lowBits) break;
    if (source.at - at === maxWideVarintBytes) throw new CorruptBatch(at, "a number is too long");
  }
  return checkedSum(at, Number(BigInt(from) + (code % 2n === 0n ? code / 2n : -(code / 2n) - 1n)));
}

function checkedSum(at: number, sum: number): number {
  if (!Number.isSafeInteger(sum)) throw new CorruptBatch(at, "a time is out of range");
  return sum;
}
