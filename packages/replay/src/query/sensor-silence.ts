// Hours in which a sensor did not report. A flow log writes nothing in quiet times, so
// silence alone is no loss: it is one where the sensor reports quiet times too, where all interfaces of the log are silent
// at once, or where others saw traffic there; and likely one where a sensor that is seldom silent is so alone.

import { groupBy, type Micros, microsPerHour, type ReportingSensor } from "@conntrail/engine";
import type { GapOf, MissingBecause } from "./gap.js";
import { missingHours, runsOf } from "./hour-run.js";
import { interfaceKey, logOf, sensorKey } from "./sensor-key.js";
import { type Silence, type SilentLogs, silentTogether } from "./silent-log.js";

/** What a sensor told in an hour, as the views count it. */
export type ToldHour = {
  readonly sensor: ReportingSensor;
  readonly hour: number;
  readonly first: Micros;
  readonly reports: number;
  readonly noData: number;
  readonly last: Micros;
};

export function sensorsOf(told: readonly ToldHour[]): ReportingSensor[] {
  return [...new Map(told.map(({ sensor }) => [sensorKey(sensor), sensor])).values()];
}

/** Whether others saw traffic at the sensor's interface in that hour. */
export type SeenByOthers = (sensor: ReportingSensor, hour: number) => boolean;

/** One interface of one log: what it told, whichever of two groups there logged it. */
type Watched = { readonly sensor: ReportingSensor; readonly told: readonly ToldHour[] };

/** Of each interface and period, those hours between the first and the last in which it told nothing. */
function silences(told: readonly ToldHour[]): Silence[] {
  return watched(told)
    .flatMap(periodsOf)
    .map(({ sensor, told: own }) => {
      const all = hoursBetween(own);
      return { sensor, hours: all.filter(isUncovered(own)), ofHours: all.length };
    });
}

/**
 * Traffic that passes two groups is logged by one of them [A8], so an interface of NSG flow logs is silent when none of its
 * groups reports.
 */
function watched(told: readonly ToldHour[]): Watched[] {
  const byPlace = groupBy(told, ({ sensor }) =>
    sensor.kind === "azure-nsg" && sensor.mac !== null ? `nsg ${sensor.mac}` : sensorKey(sensor),
  );
  return [...byPlace.values()].map((own) => ({
    sensor: mostTelling(own),
    told: own.toSorted((a, b) => a.hour - b.hour),
  }));
}

/** Logs that were exported twice, clocks that were wrong: who is silent for longer is not asked hour by hour. */
const longestSilenceMicros = 31 * 24 * microsPerHour;

function periodsOf({ sensor, told }: Watched): Watched[] {
  const periods: ToldHour[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const own of told) {
    if (own.hour - end > longestSilenceMicros) periods.push([]);
    periods.at(-1)!.push(own);
    end = Math.max(end, own.last);
  }
  return periods.map((own) => ({ sensor, told: own }));
}

/** Between the periods of an interface. */
function longSilences(told: readonly ToldHour[]): GapOf<"no-report">[] {
  return watched(told).flatMap((watchedOne) => {
    const periods = periodsOf(watchedOne);
    return periods.slice(1).map((later, index): GapOf<"no-report"> => {
      const last = periods[index]!.told.reduce((most, { last }) => Math.max(most, last), Number.NEGATIVE_INFINITY);
      const from = (Math.floor(last / microsPerHour) * microsPerHour + microsPerHour) as Micros;
      const to = later.told[0]!.hour as Micros;
      const hours = (to - from) / microsPerHour;
      return { kind: "no-report", sensor: later.sensor, from, to, hours, ofHours: hours, spans: [{ from, to }] };
    });
  });
}

function mostTelling(told: readonly ToldHour[]): ReportingSensor {
  const bySensor = groupBy(told, ({ sensor }) => sensorKey(sensor));
  const most = [...bySensor.entries()].sort(([a, own], [b, other]) => other.length - own.length || (a < b ? -1 : 1));
  return most[0]![1][0]!.sensor;
}

function hoursBetween(told: readonly ToldHour[]): number[] {
  const [first, last] = [told[0]!.hour, told.at(-1)!.hour];
  return Array.from({ length: (last - first) / microsPerHour + 1 }, (_, index) => first + index * microsPerHour);
}

/** A report that reaches into later hours covers them. */
function isUncovered(told: readonly ToldHour[]): (hour: number) => boolean {
  const covered = new Set<number>();
  for (const { hour, last } of told) for (let at = hour; at <= last; at += microsPerHour) covered.add(at);
  return (hour) => !covered.has(hour);
}

export function silenceGaps(
  told: readonly ToldHour[],
  seenByOthers: (silent: readonly Silence[]) => SeenByOthers,
): GapOf<"missing-hours" | "no-report">[] {
  const all = silences(told).filter(({ hours }) => hours.length > 0);
  const silentLogs = silentTogether(all, told);
  const tellsQuiet = new Set(told.filter(isQuiet).map(({ sensor }) => quietKey(sensor)));
  const beside = seenBeside(told);
  const others = seenByOthers(all);
  const isSeen: SeenByOthers = (sensor, hour) => beside(sensor, hour) || others(sensor, hour);
  const short = all.flatMap((silence) => gapsOf(silence, { silentLogs, tellsQuiet, isSeen }));
  return [...silentLogs.gaps, ...short, ...longSilences(told)];
}

/** Whether another log had something to report at the same interface; its own did not where that is asked. */
function seenBeside(told: readonly ToldHour[]): SeenByOthers {
  const busy = told.filter(({ reports, noData }) => reports > noData);
  const seen = new Set(busy.map(({ sensor, hour }) => `${interfaceKey(sensor)} ${hour}`));
  return (sensor, hour) => interfaceKey(sensor) !== null && seen.has(`${interfaceKey(sensor)} ${hour}`);
}

/** Of a sensor that is silent in more than one of so many hours silence says little. */
const hoursPerSilence = 4;

type Known = {
  readonly silentLogs: SilentLogs;
  readonly tellsQuiet: ReadonlySet<string>;
  readonly isSeen: SeenByOthers;
};

function gapsOf({ sensor, hours, ofHours }: Silence, known: Known): GapOf<"missing-hours" | "no-report">[] {
  const own = hours.filter((hour) => !known.silentLogs.has(sensor, hour));
  const tellsQuiet = known.tellsQuiet.has(quietKey(sensor));
  const isSeldom = hours.length * hoursPerSilence <= ofHours;
  const because = (hour: number): MissingBecause | null => {
    if (tellsQuiet) return "reports-quiet-times";
    if (known.isSeen(sensor, hour)) return "seen-by-others";
    return isSeldom && known.silentLogs.reports(sensor, hour) ? "alone-silent" : null;
  };
  const missing = groupBy(own, because);
  return [...missing].flatMap(([why, which]): GapOf<"missing-hours" | "no-report">[] => {
    const spans = runsOf(which);
    if (why !== null) return spans.map((span) => missingHours(span, { sensor, because: why, silent: 1 }));
    const [from, to] = [spans[0]!.from, spans.at(-1)!.to];
    return [{ kind: "no-report", sensor, from, to, hours: which.length, ofHours, spans }];
  });
}

/** Of Azure a single empty record says nothing of whole hours. */
function isQuiet({ sensor, reports, noData }: ToldHour): boolean {
  return sensor.kind === "aws-vpc" ? noData > 0 : noData === reports;
}

/** A VPC flow log has a NODATA row for each quiet window of each interface [W3]. */
function quietKey(sensor: ReportingSensor): string {
  return sensor.kind === "aws-vpc" ? logOf(sensor) : sensorKey(sensor);
}
