// The interface statistics block of pcapng: how many packets of an interface had been dropped by then, and so are not in
// the file. Counts go from the beginning of the capture on.

import { readU32 } from "./byte-order.js";
import type { DroppedCounts } from "./dropped-packets.js";
import { type Block, findOption, type PcapngInterface } from "./pcapng-interface.js";

const option = { startTime: 2, endTime: 3, interfaceDropped: 5, systemDropped: 7 } as const;
const optionsOffset = 20;

/** A whole block, of at least `statisticsMinLength`. */
export function readStatistics(block: Block, { clock }: PcapngInterface): DroppedCounts {
  const { bytes, at, bigEndian } = block;
  const find = (code: number) => findOption(block, at + optionsOffset, { code, length: 8 });
  const timeAt = (place: number) => clock(readU32(bytes, place, bigEndian), readU32(bytes, place + 4, bigEndian));
  const count = (code: number) => countAt(block, find(code));
  const [start, end] = [find(option.startTime), find(option.endTime)];
  return {
    from: start === null ? null : timeAt(start),
    to: timeAt(end ?? at + 12),
    dropped: { interface: count(option.interfaceDropped), system: count(option.systemDropped) },
  };
}

export const statisticsMinLength = 24;

/** 64 bits in the section's byte order; what passes 2^53 is no count of packets. */
function countAt({ bytes, bigEndian }: Block, place: number | null): number {
  if (place === null) return 0;
  const [high, low] = bigEndian ? [place, place + 4] : [place + 4, place];
  const count = readU32(bytes, high, bigEndian) * 2 ** 32 + readU32(bytes, low, bigEndian);
  return Number.isSafeInteger(count) ? count : 0;
}
