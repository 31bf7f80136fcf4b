// Hours in which a whole log was silent: two or more of its interfaces, which reported before and did behind.

import type { ReportingSensor } from "@conntrail/engine";
import type { GapOf } from "./gap.js";
import { missingHours, runsOf } from "./hour-run.js";
import { logOf } from "./sensor-key.js";

export type Silence = { readonly sensor: ReportingSensor; readonly hours: readonly number[]; readonly ofHours: number };

export type SilentLogs = {
  readonly gaps: readonly GapOf<"missing-hours">[];
  has(sensor: ReportingSensor, hour: number): boolean;
  /** Whether any interface of the log reported. */
  reports(sensor: ReportingSensor, hour: number): boolean;
};

/** Of a log that is silent in more than one of so many hours silence says little. */
const hoursPerSilence = 2;

export function silentTogether(
  all: readonly Silence[],
  told: readonly { readonly sensor: ReportingSensor; readonly hour: number }[],
): SilentLogs {
  const reporting = hoursByLog(told.map(({ sensor, hour }) => ({ sensor, hours: [hour] })));
  const silent = hoursByLog(all);
  const reports = (log: string, hour: number) => reporting.get(log)?.has(hour) === true;
  const together = new Map<string, ReadonlyMap<number, number>>();
  for (const [log, hours] of silent) {
    const own = [...hours].filter(([hour, interfaces]) => interfaces > 1 && !reports(log, hour));
    const isSeldom = own.length * hoursPerSilence <= own.length + (reporting.get(log)?.size ?? 0);
    if (isSeldom) together.set(log, new Map(own));
  }
  return {
    gaps: [...together].flatMap(([log, hours]) => logGaps(JSON.parse(log) as ReportingSensor, hours)),
    has: (sensor, hour) => together.get(logOf(sensor))?.has(hour) === true,
    reports: (sensor, hour) => reports(logOf(sensor), hour),
  };
}

function logGaps(sensor: ReportingSensor, hours: ReadonlyMap<number, number>): GapOf<"missing-hours">[] {
  return runsOf([...hours.keys()]).map((span) =>
    missingHours(span, { sensor, because: "whole-log-silent", silent: hours.get(span.from)! }),
  );
}

/** How many interfaces of each log, hour by hour. */
function hoursByLog(
  sensors: readonly { readonly sensor: ReportingSensor; readonly hours: readonly number[] }[],
): Map<string, Map<number, number>> {
  const logs = new Map<string, Map<number, number>>();
  for (const { sensor, hours } of sensors) {
    const log = logOf(sensor);
    const own = logs.get(log) ?? new Map<number, number>();
    logs.set(log, own);
    for (const hour of hours) own.set(hour, (own.get(hour) ?? 0) + 1);
  }
  return logs;
}
