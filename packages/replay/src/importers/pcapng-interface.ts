// The interface description block of pcapng: link type, snapshot length and clock.

import { readU16, readU32 } from "./byte-order.js";
import type { CaptureInterface } from "./capture.js";
import { type CaptureClock, captureClock, microsecondResolution } from "./capture-clock.js";

export type PcapngInterface = {
  readonly capture: CaptureInterface;
  /** Infinity where the block sets no limit. */
  readonly snapLength: number;
  readonly clock: CaptureClock;
};

/** A whole block from `at`; `end` is where its trailer begins. */
export type Block = {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly bigEndian: boolean;
};

const optionsOffset = 16;
const option = { end: 0, resolution: 9, offset: 14 } as const;

/** `place` makes the place of capture for the link type that the block names. */
export function readInterface(block: Block, place: (linkType: number) => CaptureInterface): PcapngInterface {
  const { bytes, at, bigEndian } = block;
  const options = at + optionsOffset;
  const resolution = findOption(block, options, { code: option.resolution, length: 1 });
  const offset = findOption(block, options, { code: option.offset, length: 8 });
  return {
    capture: place(readU16(bytes, at + 8, bigEndian)),
    snapLength: readU32(bytes, at + 12, bigEndian) || Number.POSITIVE_INFINITY,
    clock: captureClock(
      resolution === null ? microsecondResolution : bytes[resolution]!,
      offset === null ? 0 : readSigned64(bytes, offset, bigEndian),
    ),
  };
}

type Option = { readonly code: number; readonly length: number };

/** Where the value of the first such option stands; options begin at `from`. Null: there is none of this length. */
export function findOption({ bytes, end, bigEndian }: Block, from: number, wanted: Option): number | null {
  for (let next = from; next + 4 <= end; ) {
    const code = readU16(bytes, next, bigEndian);
    const length = readU16(bytes, next + 2, bigEndian);
    if (code === option.end) return null;
    if (code === wanted.code && length === wanted.length && next + 4 + length <= end) return next + 4;
    next += 4 + Math.ceil(length / 4) * 4;
  }
  return null;
}

/** Exact up to 2^53, and what is larger is no time. */
function readSigned64(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  const high = readU32(bytes, bigEndian ? at : at + 4, bigEndian) | 0;
  return high * 2 ** 32 + readU32(bytes, bigEndian ? at + 4 : at, bigEndian);
}
