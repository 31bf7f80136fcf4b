// Hours that follow one another, joined.

import { microsPerHour } from "@conntrail/engine";
import type { GapOf, GapSpan } from "./gap.js";

/** Ascending. */
export function runsOf(hours: readonly number[]): GapSpan[] {
  const runs: { from: number; to: number }[] = [];
  for (const hour of hours.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.to === hour) last.to = hour + microsPerHour;
    else runs.push({ from: hour, to: hour + microsPerHour });
  }
  return runs as GapSpan[];
}

export function missingHours(
  { from, to }: GapSpan,
  about: Pick<GapOf<"missing-hours">, "sensor" | "because" | "silent">,
): GapOf<"missing-hours"> {
  return { kind: "missing-hours", from, to, ...about, hours: (to - from) / microsPerHour };
}
