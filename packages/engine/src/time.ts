// Instants: integer microseconds since the Unix epoch, UTC. A double holds them exactly until the year 2255.

/** Whether a number can be an instant here: whole microseconds, from 1684 to 2255. */
export function isInstant(value: number): value is Micros {
  return Number.isSafeInteger(value);
}

declare const micros: unique symbol;

/** An instant in integer microseconds since the Unix epoch, UTC. */
export type Micros = number & { readonly [micros]: true };

/** A span in microseconds. Plain, since spans are added to instants all day. */
export type DurationMicros = number;

export const microsPerSecond = 1_000_000;
export const microsPerMinute = 60 * microsPerSecond;
export const microsPerHour = 60 * microsPerMinute;

/** The first and the last instant that can be told apart; used as open ends of intervals. */
export const beginningOfTime = -8_640_000_000_000_000 as Micros;
export const endOfTime = 8_640_000_000_000_000 as Micros;

export function toMicros(value: number): Micros {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an instant in whole microseconds: ${value}`);
  return value as Micros;
}

/** `2026-03-18T10:05:00.000000Z`: RFC 3339 in UTC with six decimals. */
export function formatInstant(time: Micros): string {
  const millis = Math.floor(time / 1000);
  const rest = time - millis * 1000;
  return `${new Date(millis).toISOString().slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*([Zz]|[+-]\d{2}:?\d{2})?)?$/;

export type ParsedInstant = { readonly time: Micros; readonly zoned: boolean };

/**
 * Reads RFC 3339, also without seconds, with a blank for the `T`, as a bare date, or without a zone (then read as UTC,
 * and `zoned` is false). Digits beyond the microsecond are cut off. Null for anything else, a 31 April included.
 */
export function parseInstant(text: string): ParsedInstant | null {
  const match = rfc3339.exec(text.trim());
  if (match === null) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = match;
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (!isCalendarInstant(utc, Number(month), Number(day), Number(hour), Number(minute), Number(second))) return null;
  const offset = zone === undefined || /^z$/i.test(zone) ? 0 : zoneMinutes(zone);
  if (offset === null) return null;
  const time = utc * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0")) - offset * microsPerMinute;
  if (!isInstant(time) || Number(year) < 100) return null;
  return { time: time as Micros, zoned: zone !== undefined };
}

function isCalendarInstant(utc: number, month: number, day: number, hour: number, minute: number, second: number) {
  const date = new Date(utc);
  const sameDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return hour <= 23 && minute <= 59 && second <= 59 && sameDay;
}

function zoneMinutes(zone: string): number | null {
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return null;
  return (zone[0] === "-" ? -1 : 1) * (hours * 60 + minutes);
}
