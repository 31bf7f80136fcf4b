// Traffic that the evidence lost, of a whole case: hours without reports, reports that were skipped, packets that were
// dropped, times between captures, records that could not be read.

import {
  formatAddress,
  type GapDeclared,
  groupBy,
  type Micros,
  microsPerHour,
  type NetworkHistory,
  type NewEvent,
  type PlacedInterface,
  type Position,
  type ReportingSensor,
} from "@conntrail/engine";
import {
  capturedHours,
  sensorHours,
  skippedWindows,
  standingControl,
  type Views,
  witnessedHours,
} from "@conntrail/store";
import type { Case } from "../case.js";
import { captureHoles, droppedGaps, sourceGaps } from "./capture-loss.js";
import { type CoveredTraffic, interfacesIn, stands } from "./covered-traffic.js";
import type { GapSpan } from "./gap.js";
import { placeNames } from "./place-name.js";
import { type SeenByOthers, silenceGaps, type ToldHour } from "./sensor-silence.js";
import type { Silence } from "./silent-log.js";
import { skippedGaps } from "./skipped-flows.js";
import type { SourceHistory } from "./sources.js";

export type LossesAsked = {
  readonly kase: Case;
  readonly knownAt: Position | null;
  readonly sources: readonly SourceHistory[];
  readonly network: NetworkHistory;
  readonly covered: CoveredTraffic;
  readonly told: readonly ToldHour[];
};

export async function losses({ kase, knownAt, sources, network, covered, told }: LossesAsked) {
  const dropped = await declaredGaps(kase, knownAt);
  const nameOf = placeNames(sources);
  return [
    ...silenceGaps(told, seenByOthers(kase, network)),
    ...skippedGaps(skippedWindows(kase.views)),
    ...droppedGaps(dropped, nameOf),
    ...captureHoles(covered.captures, nameOf),
    ...sourceGaps(sources, (sha256) => covered.sources.get(sha256) ?? null),
  ];
}

/** Equal sensors are the same object. */
export function toldHours({ views }: Case): ToldHour[] {
  const sensors = new Map<string, ReportingSensor>();
  const told: ToldHour[] = [];
  for (const { sensor: text, no_data, hour, reports, first, last } of sensorHours(views)) {
    const sensor = sensors.get(text) ?? (JSON.parse(text) as ReportingSensor);
    sensors.set(text, sensor);
    told.push({ sensor, hour, reports, noData: no_data, first: first as Micros, last: last as Micros });
  }
  return told;
}

async function declaredGaps({ log }: Case, knownAt: Position | null): Promise<NewEvent<GapDeclared>[]> {
  const declared: NewEvent<GapDeclared>[] = [];
  const read = log.readAll({ until: knownAt ?? undefined, categories: ["gap"] });
  for await (const { event } of standingControl(log, read, knownAt)) {
    if (event.type === "gap-declared") declared.push(event);
  }
  return declared;
}

/** Asks the views only where a sensor at a known interface was silent. */
function seenByOthers({ views }: Case, network: NetworkHistory): (silent: readonly Silence[]) => SeenByOthers {
  return (silent) => {
    const hours = silent.flatMap((own) => own.hours);
    if (hours.length === 0) return () => false;
    const span = spanOf(hours);
    const all = interfacesIn(network, span);
    const places = all.filter((place) => silent.some(({ sensor }) => stands(sensor, place)));
    const seen = places.length === 0 ? new Set<string>() : seenHours(views, { places, all, span });
    return (sensor, hour) => places.some((place) => stands(sensor, place) && seen.has(`${place.id} ${hour}`));
  };
}

type SilentPlaces = {
  readonly places: readonly PlacedInterface[];
  /** An address that two interfaces have tells of neither. */
  readonly all: readonly PlacedInterface[];
  readonly span: GapSpan;
};

/** Ids of the interfaces with the hours in which their traffic was captured, or seen by sensors elsewhere. */
function seenHours(views: Views, { places, all, span: { from, to } }: SilentPlaces): Set<string> {
  const within = { first: from, last: to };
  const captured = capturedHours(views, within, microsPerHour).map((own) => `${own.interface} ${own.hour}`);
  const seen = new Set(captured);
  const held = all.flatMap((place) => place.addresses.map((own) => ({ place, address: formatAddress(own) })));
  const byAddress = groupBy(held, ({ address }) => address);
  const addresses = places.flatMap((place) => place.addresses.map(formatAddress));
  for (const { address, sensor, hour } of witnessedHours(views, { ...within, addresses, hourMicros: microsPerHour })) {
    const holders = byAddress.get(address)!;
    const isElsewhere = holders.every(({ place }) => !stands(JSON.parse(sensor) as ReportingSensor, place));
    if (holders.length === 1 && isElsewhere) seen.add(`${holders[0]!.place.id} ${hour}`);
  }
  return seen;
}

function spanOf(hours: readonly number[]): GapSpan {
  const sorted = hours.toSorted((a, b) => a - b);
  return { from: sorted[0]!, to: sorted.at(-1)! + microsPerHour - 1 } as GapSpan;
}
