// Columns of what prediction left over. Most of it is zero, and a run of zeros takes two bytes whatever its length:
// a zero, then how many more follow.

import { CorruptBatch } from "./corrupt-batch.js";
import { type ByteSink, type ByteSource, maxVarintBytes, putVarint, readVarint, reserve } from "./varint.js";

/** Writes the first `count` of unsigned 32-bit values. */
export function writeResiduals(sink: ByteSink, values: Uint32Array, count: number): void {
  reserve(sink, count * maxVarintBytes + maxVarintBytes + 1);
  const { bytes } = sink;
  let at = sink.at;
  for (let index = 0; index < count; ) {
    const value = values[index]!;
    if (value === 0) {
      const next = endOfZeros(values, index + 1, count);
      bytes[at++] = 0;
      at = putVarint(bytes, at, next - index - 1);
      index = next;
    } else {
      at = putVarint(bytes, at, value);
      index++;
    }
  }
  sink.at = at;
}

function endOfZeros(values: Uint32Array, from: number, count: number): number {
  let index = from;
  while (index < count && values[index] === 0) index++;
  return index;
}

/** Fills the first `count` of `values`; refuses a run of zeros that passes them. */
export function readResiduals(source: ByteSource, values: Uint32Array, count: number): void {
  const { bytes, end } = source;
  for (let index = 0; index < count; ) {
    const byte = source.at < end ? bytes[source.at]! : 0x80;
    if (byte === 0) {
      index = readZeros(source, values, index, count);
    } else if (byte < 0x80) {
      source.at++;
      values[index++] = byte;
    } else {
      values[index++] = readVarint(source);
    }
  }
}

function readZeros(source: ByteSource, values: Uint32Array, index: number, count: number): number {
  source.at++;
  const at = source.at;
  const next = index + 1 + readVarint(source);
  if (next > count) throw new CorruptBatch(at, "a run of zeros passes the end of its column");
  values.fill(0, index, next);
  return next;
}

/** A column that takes a byte or more for each value, so that their number can be checked against the bytes. */
export function writePlain(sink: ByteSink, values: Uint32Array, count: number): void {
  reserve(sink, count * maxVarintBytes);
  for (let index = 0; index < count; index++) sink.at = putVarint(sink.bytes, sink.at, values[index]!);
}

export function readPlain(source: ByteSource, values: Uint32Array, count: number): void {
  for (let index = 0; index < count; index++) values[index] = readVarint(source);
}
