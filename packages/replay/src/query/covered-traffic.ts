// When the evidence tells of traffic at all, at which interfaces, and who reports there.

import {
  interfaceOfPlace,
  type Micros,
  type NetworkHistory,
  type PlacedInterface,
  type Position,
  type ReportingSensor,
  sameId,
} from "@conntrail/engine";
import {
  type CaptureSpan,
  capturedInterfaces,
  captureSpans,
  reportedInterfaces,
  reportSpans,
  type SeenSpan,
  type Views,
} from "@conntrail/store";
import type { GapSpan } from "./gap.js";

export type CoveredTraffic = {
  /** From the first packet or report to the last; null: there is none. */
  readonly span: GapSpan | null;
  readonly captures: readonly CaptureSpan[];
  /** Of sources of packets and reports, by SHA-256. */
  readonly sources: ReadonlyMap<string, GapSpan>;
  /** By lower-case id. */
  readonly interfaces: ReadonlyMap<string, GapSpan>;
};

export function coveredTraffic(views: Views, knownAt: Position | null): CoveredTraffic {
  const captures = captureSpans(views, knownAt);
  const sources = joinedBy([...captures, ...reportSpans(views, knownAt)], ({ sha256 }) => sha256);
  const seen = [...capturedInterfaces(views), ...reportedInterfaces(views)];
  const interfaces = joinedBy(seen, (own) => own.interface.toLowerCase());
  return { span: wholeOf([...sources.values()]), captures, sources, interfaces };
}

function joinedBy<Seen extends SeenSpan>(seen: readonly Seen[], keyOf: (own: Seen) => string): Map<string, GapSpan> {
  const joined = new Map<string, GapSpan>();
  for (const own of seen) {
    const span = { from: own.first, to: own.last };
    const known = joined.get(keyOf(own));
    joined.set(keyOf(own), known === undefined ? span : wholeOf([known, span])!);
  }
  return joined;
}

/** Null: of none. */
export function wholeOf(spans: readonly GapSpan[]): GapSpan | null {
  if (spans.length === 0) return null;
  const from = spans.reduce((least, span) => Math.min(least, span.from), Number.POSITIVE_INFINITY);
  const to = spans.reduce((most, span) => Math.max(most, span.to), Number.NEGATIVE_INFINITY);
  return { from: from as Micros, to: to as Micros };
}

/** Those that were there when the span began, and when it ended. */
export function interfacesIn(network: NetworkHistory, { from, to }: GapSpan): PlacedInterface[] {
  const all = [from, to].flatMap((time) => network.topologyAt(time).interfaces);
  return [...new Map(all.map((place) => [place.id.toLowerCase(), place])).values()];
}

export function stands(sensor: ReportingSensor, { id, name, macAddress }: PlacedInterface): boolean {
  if (sensor.interface !== null) return sameId(sensor.interface, id) || sameId(sensor.interface, name);
  if (sensor.mac !== null) return sensor.mac === macAddress;
  return sensor.resource !== null && isPlaceOf(sensor.resource, { id, name });
}

/** Whether the user named the place of capture by this interface. */
export function isPlaceOf(place: string, { id, name }: Pick<PlacedInterface, "id" | "name">): boolean {
  const named = interfaceOfPlace(place);
  return named !== null && (sameId(named, id) || sameId(named, name));
}
