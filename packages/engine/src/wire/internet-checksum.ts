// The Internet checksum (RFC 1071), four bytes at a time: 32-bit words may be added as 16-bit ones are, since 2^16 is 1
// modulo 0xffff.

import type { PacketFlow } from "../traffic/packet.js";
import type { Frame } from "./frame.js";

/** A sum over data, its checksum field included, that shows the checksum to be right. */
export const goodSum = 0xffff;

/** Bytes of words whose halves can be added in 32-bit integers without overflow. */
const blockBytes = 65_536;

/** The one's complement sum of `frame.bytes[from..to)` as 16-bit big-endian words, 0 to 0xffff. */
export function onesComplementSum(frame: Frame, from: number, to: number): number {
  const view = currentView(frame);
  const last = to - ((to - from) & 3);
  let sum = sumOfTail(frame.bytes, last, to);
  for (let at = from; at < last; at += blockBytes) sum += sumOfWords(view, at, Math.min(last, at + blockBytes));
  return folded(sum);
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

function currentView(frame: Frame): DataView {
  const { words, bytes } = frame;
  if (words.of !== bytes) {
    words.of = bytes;
    words.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return words.view;
}

function sumOfWords(view: DataView, from: number, to: number): number {
  let low = 0;
  let high = 0;
  for (let at = from; at < to; at += 4) {
    const word = view.getInt32(at);
    low = (low + (word & 0xffff)) | 0;
    high = (high + (word >>> 16)) | 0;
  }
  return low + high;
}

/** Of the fewer than four bytes at the end. */
function sumOfTail(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += bytes[at]! << ((at - from) & 1 ? 0 : 8);
  return sum;
}
