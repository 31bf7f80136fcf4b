// Changes to bytes that parsers are known to stumble over.

import type { Random } from "../../../engine/test/support/random.js";

/** Nothing larger comes out, so that an input's work stays small. */
const maxBytes = 65_536;

const edges: readonly number[] = [
  ...[0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 19, 20, 28, 31, 32, 40, 60, 63, 64, 127, 128, 255, 256],
  ...[0x7fff, 0x8000, 0xfffe, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff],
];

type Change = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const changes: readonly Change[] = [
  flipBit,
  setByte,
  setNumber,
  setNumber,
  cutOut,
  repeat,
  overwrite,
  cutShort,
  (bytes, random, other) => joined(bytes.subarray(0, place(bytes, random)), other.subarray(place(other, random))),
];

/** The bytes after one to eight changes; `other` lends what is spliced in. */
export function mutated(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let left = 1 + random.below(1 << random.below(4)); left > 0; left--) {
    result = random.pick(changes)(result, random, other);
  }
  return result.subarray(0, maxBytes);
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length > 0) bytes[place(bytes, random)]! ^= 1 << random.below(8);
  return bytes;
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length > 0) bytes[place(bytes, random)] = random.below(256);
  return bytes;
}

function setNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const width = random.pick([1, 2, 4]);
  if (bytes.length < width) return bytes;
  const at = random.below(bytes.length - width + 1);
  const value = random.pick(edges);
  const isLittleEndian = random.chance(0.5);
  for (let byte = 0; byte < width; byte++) {
    bytes[at + (isLittleEndian ? byte : width - 1 - byte)] = Math.floor(value / 256 ** byte);
  }
  return bytes;
}

function cutOut(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = span(bytes, random);
  return joined(bytes.subarray(0, from), bytes.subarray(to));
}

function repeat(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = span(bytes, random);
  return joined(bytes.subarray(0, to), bytes.subarray(from));
}

function overwrite(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = span(bytes, random);
  bytes.copyWithin(place(bytes, random), from, to);
  return bytes;
}

function cutShort(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, place(bytes, random));
}

function place(bytes: Uint8Array, random: Random): number {
  return random.below(Math.max(1, bytes.length));
}

/** Mostly short. */
function span(bytes: Uint8Array, random: Random): [number, number] {
  const from = place(bytes, random);
  return [from, Math.min(bytes.length, from + 1 + random.below(1 << random.below(12)))];
}

function joined(before: Uint8Array, behind: Uint8Array): Uint8Array {
  const result = new Uint8Array(before.length + behind.length);
  result.set(before);
  result.set(behind, before.length);
  return result;
}
