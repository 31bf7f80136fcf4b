// What sensors say they saw and did not keep: one gap a sensor.

import { groupBy, microsPerMinute, type ReportingSensor } from "@conntrail/engine";
import type { SkippedWindowTable } from "@conntrail/store";
import type { GapOf, GapSpan } from "./gap.js";

/** `windows`: by sensor, then time. */
export function skippedGaps(windows: readonly SkippedWindowTable[]): GapOf<"skipped">[] {
  return [...groupBy(windows, ({ sensor }) => sensor)].map(([sensor, own]) => {
    const spans = joined(own);
    const [from, to] = [spans[0]!.from, spans.at(-1)!.to];
    const records = own.reduce((sum, { reports }) => sum + reports, 0);
    return { kind: "skipped", sensor: JSON.parse(sensor) as ReportingSensor, from, to, records, spans };
  });
}

/** A window ends with its last packet, and the next begins with its first. */
const betweenWindowsMicros = microsPerMinute;

function joined(windows: readonly SkippedWindowTable[]): GapSpan[] {
  const spans: { from: number; to: number }[] = [];
  for (const { first, last } of windows) {
    const before = spans.at(-1);
    if (before !== undefined && first <= before.to + betweenWindowsMicros) before.to = Math.max(before.to, last);
    else spans.push({ from: first, to: last });
  }
  return spans as GapSpan[];
}
