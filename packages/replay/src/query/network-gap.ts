// What is not known of networks: interfaces that nobody watched, and virtual networks whose flow timeout is not set.

import {
  type ControlEvent,
  groupBy,
  type Micros,
  type NetworkHistory,
  type PlacedInterface,
  type ResourceId,
  type SettingsHistory,
  settingsHistory,
} from "@conntrail/engine";
import { type CoveredTraffic, interfacesIn, isPlaceOf, stands, wholeOf } from "./covered-traffic.js";
import type { GapOf, GapSpan } from "./gap.js";
import { sensorsOf, type ToldHour } from "./sensor-silence.js";

export type WatchedNetwork = {
  readonly events: readonly ControlEvent[];
  readonly network: NetworkHistory;
  readonly covered: CoveredTraffic;
  readonly told: readonly ToldHour[];
};

/** Neither captured nor reported while other traffic was. */
export function uncoveredGaps({ network, covered, told }: Omit<WatchedNetwork, "events">): GapOf<"uncovered">[] {
  const { span, captures, interfaces } = covered;
  if (span === null) return [];
  const sensors = sensorsOf(told);
  const isWatched = (place: PlacedInterface) =>
    interfaces.has(place.id.toLowerCase()) ||
    sensors.some((sensor) => stands(sensor, place)) ||
    captures.some((capture) => isPlaceOf(capture.place, place));
  const unwatched = interfacesIn(network, span)
    .filter((place) => !isWatched(place))
    .map(({ id, name }) => ({ id, name }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return unwatched.length === 0 ? [] : [{ kind: "uncovered", interfaces: unwatched, ...span }];
}

/**
 * Where the timeout is not set, Azure's flow logs count neither packets nor bytes of inbound TCP flows under rules of the
 * user's own [A8].
 */
export function flowTimeoutGaps({ events, network, told }: WatchedNetwork): GapOf<"flow-timeout">[] {
  const azure = told.filter(({ sensor: { kind } }) => kind === "azure-nsg" || kind === "azure-vnet");
  if (azure.length === 0) return [];
  const settings = settingsHistory(events);
  const networks = groupBy(
    azure.flatMap((own) => networksOf(own, network).map((id) => ({ id, own }))),
    ({ id }) => id.toLowerCase(),
  );
  return [...networks.values()].flatMap((own) => {
    const span = wholeOf(own.map(({ own: { first, last } }) => ({ from: first, to: last })))!;
    return unsetSpans(settings, own[0]!.id, span);
  });
}

/** The network that is logged, and those of the interfaces where the sensor stands. */
function networksOf({ sensor, hour }: ToldHour, network: NetworkHistory): ResourceId[] {
  const { resource } = sensor;
  if (resource !== null && isNetwork(resource)) return [resource];
  const places = network.topologyAt(hour as Micros).interfaces.filter((place) => stands(sensor, place));
  return places.flatMap((place) => place.network?.id ?? []);
}

function isNetwork(id: ResourceId): boolean {
  return /\/virtualNetworks\/[^/]+$/i.test(id);
}

function unsetSpans(settings: SettingsHistory, network: ResourceId, { from, to }: GapSpan): GapOf<"flow-timeout">[] {
  const turns = [from, ...settings.boundaries.filter((time) => from < time && time < to)];
  const gaps: GapOf<"flow-timeout">[] = [];
  turns.forEach((time, index) => {
    const state = settings.settingAt(network, "flowTimeoutMinutes", time);
    if (state.is === "known" && state.value !== null) return;
    const gap = { kind: "flow-timeout", network, shown: state.is === "known", from: time } as const;
    const end = turns[index + 1] ?? to;
    const last = gaps.at(-1);
    if (last !== undefined && last.to === time && last.shown === gap.shown)
      gaps[gaps.length - 1] = { ...last, to: end };
    else gaps.push({ ...gap, to: end });
  });
  return gaps;
}
