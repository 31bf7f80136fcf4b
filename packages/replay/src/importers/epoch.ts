// Times as numbers since 1970. Exports differ in the unit, also within one format (DOMAIN 4.1, 4.6), so the size of the
// number tells it: the ranges do not meet for any instant from March 1973 to the year 5138.

import { endOfTime, type Micros } from "@conntrail/engine";

export type EpochUnit = "seconds" | "milliseconds" | "microseconds" | "nanoseconds";

export type EpochReading = { readonly micros: Micros; readonly unit: EpochUnit };

/** Seconds below are before 5138-11-16; as milliseconds the same number is 1973-03-03, and so on for each finer unit. */
const firstMillis = 1e11;
const firstMicros = 1e14;
const firstNanos = 1e17;

export function epochUnitOf(value: number): EpochUnit {
  const size = Math.abs(value);
  if (size < firstMillis) return "seconds";
  if (size < firstMicros) return "milliseconds";
  return size < firstNanos ? "microseconds" : "nanoseconds";
}

const microsPer: Readonly<Record<EpochUnit, number>> = {
  seconds: 1_000_000,
  milliseconds: 1000,
  microseconds: 1,
  nanoseconds: 0.001,
};

/** What is smaller than a microsecond is cut off. May lie beyond the times that an event can have. */
export function microsOf(value: number, unit: EpochUnit): number {
  return unit === "nanoseconds" ? Math.floor(value / 1000) : Math.floor(value * microsPer[unit]);
}

/** Of a number or its text, with a fraction or without; null for anything else, and for times beyond the year 2243. */
export function readEpoch(value: number | string): EpochReading | null {
  const match = /^(-?\d+)(?:\.(\d+))?$/.exec(String(value).trim());
  if (match === null) return null;
  const [, whole = "", fraction = ""] = match;
  const unit = epochUnitOf(Number(whole));
  const micros = microsOf(Number(whole), unit) + fractionMicros(fraction, unit) * (whole.startsWith("-") ? -1 : 1);
  return Math.abs(micros) <= endOfTime ? { micros: micros as Micros, unit } : null;
}

/** By its digits, since a double does not hold seconds of today to the microsecond and back without a loss. */
function fractionMicros(fraction: string, unit: EpochUnit): number {
  const digits = unit === "seconds" ? 6 : unit === "milliseconds" ? 3 : 0;
  return Number(fraction.slice(0, digits).padEnd(digits, "0") || "0");
}
