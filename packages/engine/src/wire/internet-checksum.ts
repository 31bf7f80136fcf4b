// The Internet checksum (RFC 1071), eight bytes at a time: the sum of 16-bit words in another byte order is the same
// sum with its bytes swapped, and 32-bit words may be added as well, since 2^16 is 1 modulo 0xffff.

import type { PacketFlow } from "../traffic/packet.js";
import type { Frame } from "./frame.js";

/** A sum over data, its checksum field included, that shows the checksum to be right. */
export const goodSum = 0xffff;

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** Up to here the plain way is the fastest: headers, and segments without a payload. */
const shortBytes = 64;
/** Words whose halves can be added in 32-bit integers without overflow. */
const blockWords = 16_384;

/** The one's complement sum of `frame.bytes[from..to)` as 16-bit big-endian words, 0 to 0xffff. */
export function onesComplementSum(frame: Frame, from: number, to: number): number {
  return to - from <= shortBytes ? folded(plainSum(frame.bytes, from, to)) : wordwiseSum(frame, from, to);
}

function plainSum(bytes: Uint8Array, from: number, to: number): number {
  const whole = to - ((to - from) & 1);
  let sum = 0;
  for (let at = from; at < whole; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  return whole < to ? sum + (bytes[whole]! << 8) : sum;
}

function wordwiseSum(frame: Frame, from: number, to: number): number {
  const { words, byteOffset } = currentWords(frame);
  const first = (from + byteOffset + 3) >> 2;
  const last = (to + byteOffset) >> 2;
  if (last <= first) return ordered(sumOfBytes(frame, from, to), from + byteOffset);
  const sum =
    sumOfBytes(frame, from, first * 4 - byteOffset) +
    sumOfWords(words, first, last) +
    sumOfBytes(frame, last * 4 - byteOffset, to);
  return ordered(sum, from + byteOffset);
}

/** The sum of the pseudo-header for `length` bytes of transport. The prefix of a mapped IPv4 address adds 0xffff: nothing. */
export function pseudoHeaderSum(flow: PacketFlow, length: number): number {
  let sum = flow.protocol + (length >>> 16) + (length & 0xffff);
  for (let index = 0; index < 8; index++) {
    const word = flow.words[index]!;
    sum += (word >>> 16) + (word & 0xffff);
  }
  return sum;
}

/** Adds the carries: 0 for 0 only, and 0xffff for every other multiple of it. */
export function folded(sum: number): number {
  if (sum > 0xffffffff) return ((sum - 1) % 0xffff) + 1;
  const once = (sum >>> 16) + (sum & 0xffff);
  return (once >>> 16) + (once & 0xffff);
}

function currentWords(frame: Frame) {
  const view = frame.words;
  if (view.of !== frame.bytes) {
    const { buffer, byteOffset } = frame.bytes;
    view.of = frame.bytes;
    view.words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    view.byteOffset = byteOffset;
  }
  return view;
}

function sumOfWords(words: Int32Array, first: number, last: number): number {
  let total = 0;
  for (let from = first; from < last; from += blockWords) {
    total += sumOfBlock(words, from, Math.min(last, from + blockWords));
  }
  return total;
}

function sumOfBlock(words: Int32Array, first: number, last: number): number {
  let low = 0;
  let high = 0;
  for (let index = first; index < last; index++) {
    const word = words[index]!;
    low = (low + (word & 0xffff)) | 0;
    high = (high + (word >>> 16)) | 0;
  }
  return low + high;
}

/** Bytes weigh what they weigh in a machine word at the same address. */
function sumOfBytes(frame: Frame, from: number, to: number): number {
  const offset = frame.words.byteOffset;
  let sum = 0;
  for (let at = from; at < to; at++) sum += frame.bytes[at]! << (isHighByte(at + offset) ? 8 : 0);
  return sum;
}

function isHighByte(address: number): boolean {
  return (address & 1) === (littleEndian ? 1 : 0);
}

/** From machine order to network order, for data that begins at `address`. */
function ordered(sum: number, address: number): number {
  const value = folded(sum);
  return isHighByte(address) ? value : ((value & 0xff) << 8) | (value >>> 8);
}
