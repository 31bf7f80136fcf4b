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
  type Position,
  type ReportingSensor,
} from "@conntrail/engine";
import {
  capturedHours,
  type SensorHourTable,
  sensorHours,
  skippedWindows,
  standingControl,
  witnessedHours,
} from "@conntrail/store";
import type { Case } from "../case.js";
import { captureHoles, droppedGaps, sourceGaps } from "./capture-loss.js";
import { type CoveredTraffic, interfacesIn, stands } from "./covered-traffic.js";
import type { GapSpan } from "./gap.js";
import { placeNames } from "./place-name.js";
import { type SeenByOthers, silenceGaps, silences, type ToldHour } from "./sensor-silence.js";
import { skippedGaps } from "./skipped-flows.js";
import type { SourceHistory } from "./sources.js";

export type LossesAsked = {
  readonly kase: Case;
  readonly knownAt: Position | null;
  readonly sources: readonly SourceHistory[];
  readonly network: NetworkHistory;
  readonly covered: CoveredTraffic;
};

export async function losses({ kase, knownAt, sources, network, covered }: LossesAsked) {
  const told = toldHours(kase);
  const dropped = await declaredGaps(kase, knownAt);
  const nameOf = placeNames(sources);
  return [
    ...silenceGaps(told, seenByOthers(kase, { told, network })),
    ...skippedGaps(skippedWindows(kase.views)),
    ...droppedGaps(dropped, nameOf),
    ...captureHoles(covered.captures, nameOf),
    ...sourceGaps(sources, (sha256) => covered.sources.get(sha256) ?? null),
  ];
}

export function toldHours({ views }: Case): ToldHour[] {
  return sensorHours(views).map(toldHour);
}

function toldHour({ sensor, no_data, hour, reports, first, last }: SensorHourTable): ToldHour {
  const span = { first: first as Micros, last: last as Micros };
  return { sensor: JSON.parse(sensor) as ReportingSensor, hour, reports, noData: no_data, ...span };
}

async function declaredGaps({ log }: Case, knownAt: Position | null): Promise<NewEvent<GapDeclared>[]> {
  const declared: NewEvent<GapDeclared>[] = [];
  const read = log.readAll({ until: knownAt ?? undefined, categories: ["gap"] });
  for await (const { event } of standingControl(log, read, knownAt)) {
    if (event.type === "gap-declared") declared.push(event);
  }
  return declared;
}

type Told = { readonly told: readonly ToldHour[]; readonly network: NetworkHistory };

/** Asks the views only where a sensor at a known interface was silent. */
function seenByOthers({ views }: Case, { told, network }: Told): SeenByOthers {
  const silent = silences(told).flatMap(({ sensor, hours }) => hours.map((hour) => ({ sensor, hour })));
  if (silent.length === 0) return () => false;
  const span = spanOf(silent.map(({ hour }) => hour));
  const places = interfacesIn(network, span);
  if (places.length === 0) return () => false;
  const seen = new Set<string>();
  const within = { first: span.from, last: span.to };
  for (const { interface: id, hour } of capturedHours(views, within, microsPerHour)) seen.add(`${id} ${hour}`);
  const byAddress = groupBy(
    places.flatMap((place) => place.addresses.map((own) => ({ place, address: formatAddress(own) }))),
    ({ address }) => address,
  );
  for (const { address, sensor, hour } of witnessedHours(views, within, microsPerHour)) {
    const [{ place } = { place: undefined }, ...others] = byAddress.get(address) ?? [];
    if (place !== undefined && others.length === 0 && !stands(JSON.parse(sensor) as ReportingSensor, place))
      seen.add(`${place.id} ${hour}`);
  }
  return (sensor, hour) => places.some((place) => stands(sensor, place) && seen.has(`${place.id} ${hour}`));
}

function spanOf(hours: readonly number[]): GapSpan {
  const sorted = hours.toSorted((a, b) => a - b);
  return { from: sorted[0]!, to: sorted.at(-1)! + microsPerHour - 1 } as GapSpan;
}
