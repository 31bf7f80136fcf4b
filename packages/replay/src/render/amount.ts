// Quantities in words: bytes, spans of time, counts, instants.

import {
  beginningOfTime,
  endOfTime,
  formatInstant,
  type Micros,
  microsPerHour,
  microsPerMinute,
  microsPerSecond,
} from "@conntrail/engine";

/** `1.6 MB (1,590,636 bytes)`. */
export function formatBytes(bytes: number): string {
  const size = formatSize(bytes);
  return bytes < 1000 ? size : `${size} (${formatCount(bytes)} bytes)`;
}

/** `1.6 MB`; powers of ten. */
export function formatSize(bytes: number): string {
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = "";
  for (const next of units) {
    if (value < 1000) break;
    value /= 1000;
    unit = next;
  }
  return unit === "" ? `${bytes} bytes` : `${value.toFixed(1)} ${unit}`;
}

/** `1,590,636`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `5 h 42 min`, `46.3 s`: the two largest parts. */
export function formatSpan(micros: number): string {
  const day = 24 * microsPerHour;
  if (micros >= day) return twoParts(micros, day, "d", microsPerHour, "h");
  if (micros >= microsPerHour) return twoParts(micros, microsPerHour, "h", microsPerMinute, "min");
  if (micros >= microsPerMinute) return twoParts(micros, microsPerMinute, "min", microsPerSecond, "s");
  return `${Number((micros / microsPerSecond).toFixed(1))} s`;
}

function twoParts(micros: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((micros % large) / small);
  const head = `${Math.floor(micros / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

/** RFC 3339; in words where an interval is open. */
export function formatBound(time: Micros): string {
  if (time === beginningOfTime) return "before the evidence";
  return time === endOfTime ? "still in force" : formatInstant(time);
}
