// Times of a pcapng interface: 64 bits in units of its own, from an instant of its own (options if_tsresol and
// if_tsoffset of draft-ietf-opsawg-pcapng).

/** From the upper and the lower 32 bits to whole microseconds since the epoch, what is smaller cut off. */
export type CaptureClock = (high: number, low: number) => number;

const two32 = 2 ** 32;
const microsPerSecond = 1_000_000;
/** `if_tsresol` of an interface that doesn't say: 10^-6. */
export const microsecondResolution = 6;
/** Up to 10^-12 the long division below is exact in doubles. */
const finestDecimal = 12;
const binaryFlag = 0x80;

/** `resolution` as `if_tsresol` has it: n for 10^-n, and with the highest bit set n for 2^-n; offset in seconds. */
export function captureClock(resolution: number, offsetSeconds: number): CaptureClock {
  const offset = offsetSeconds * microsPerSecond;
  if ((resolution & binaryFlag) !== 0) return exactClock(2n ** BigInt(resolution & ~binaryFlag), offset);
  if (resolution > finestDecimal) return exactClock(10n ** BigInt(resolution), offset);
  if (resolution > microsecondResolution) return dividingClock(10 ** (resolution - microsecondResolution), offset);
  const factor = 10 ** (microsecondResolution - resolution);
  return (high, low) => (high * two32 + low) * factor + offset;
}

/** Nanoseconds since 1970 don't fit into a double, their microseconds do. */
function dividingClock(divisor: number, offset: number): CaptureClock {
  return (high, low) => {
    const quotient = Math.floor(high / divisor);
    const rest = (high - quotient * divisor) * two32 + low;
    return quotient * two32 + Math.floor(rest / divisor) + offset;
  };
}

function exactClock(unitsPerSecond: bigint, offset: number): CaptureClock {
  return (high, low) => {
    const units = (BigInt(high) << 32n) | BigInt(low);
    return Number((units * BigInt(microsPerSecond)) / unitsPerSecond) + offset;
  };
}
