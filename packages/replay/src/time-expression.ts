// Times as people give them: RFC 3339, a date, `2h ago`, `now`, `@position`, and ranges `A..B`. A time without a zone is
// read as UTC, and that is said.

import {
  isInstant,
  type Micros,
  microsPerHour,
  microsPerMinute,
  microsPerSecond,
  type Position,
  parseInstant,
} from "@conntrail/engine";
import { usage } from "./exit-code.js";
import { parseDurationSeconds } from "./importers/duration.js";

export type TimeContext = {
  readonly now: Micros;
  /** The time of the event at a position; null where there is none. */
  timeAt(position: Position): Promise<Micros | null>;
  /** Told to the user, beside the answer. */
  tell(message: string): void;
};

const unitMicros: { readonly [unit: string]: number } = {
  s: microsPerSecond,
  m: microsPerMinute,
  min: microsPerMinute,
  h: microsPerHour,
  d: 24 * microsPerHour,
  w: 7 * 24 * microsPerHour,
};

export async function readTime(text: string, context: TimeContext): Promise<Micros> {
  const trimmed = text.trim();
  if (trimmed === "now") return context.now;
  const position = /^@(\d+)$/.exec(trimmed);
  if (position !== null) return timeOfPosition(Number(position[1]) as Position, context);
  const ago = /^(\d+)\s*(s|m|min|h|d|w)(?:\s+ago)?$/.exec(trimmed);
  const past = ago === null ? null : context.now - Number(ago[1]) * unitMicros[ago[2]!]!;
  if (past !== null && isInstant(past)) return past;
  const parsed = parseInstant(trimmed);
  if (parsed === null) {
    throw usage(`\`${text}\` is no time: use 2026-03-18T10:05:00Z, 2026-03-18, "2h ago", now or @position`);
  }
  if (!parsed.zoned) context.tell(`\`${text}\` has no zone: read as UTC`);
  return parsed.time;
}

async function timeOfPosition(position: Position, context: TimeContext): Promise<Micros> {
  const time = await context.timeAt(position);
  if (time === null) throw usage(`there is no event at position ${position}: see \`conntrail log\``);
  return time;
}

/** `90s`, `5m`, `3h`, `1d`, or as the clouds write it: `PT3H30M`, `3:30:00`. In microseconds. */
export function readDuration(text: string): number {
  const trimmed = text.trim();
  const short = /^(\d+)\s*(s|m|min|h|d|w)$/.exec(trimmed);
  if (short !== null) return Number(short[1]) * unitMicros[short[2]!]!;
  const seconds = parseDurationSeconds(trimmed);
  if (seconds === null) throw usage(`\`${text}\` is no duration: use 30m, 3h, 1d or PT3H`);
  return seconds * microsPerSecond;
}

/** `A..B`: A included, B excluded; either may be left out. */
export async function readRange(
  text: string,
  context: TimeContext,
): Promise<{ from: Micros | null; to: Micros | null }> {
  const [from, to, ...more] = text.split("..");
  if (to === undefined || more.length > 0) throw usage(`\`${text}\` is no range of times: use A..B`);
  return {
    from: from === "" ? null : await readTime(from!, context),
    to: to === "" ? null : await readTime(to, context),
  };
}
