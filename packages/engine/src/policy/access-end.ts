// How just-in-time access ends: its time is up, somebody revokes it, or a newer request takes its place (DOMAIN 3.1).

import { type AccessEnded, type ControlEvent, compareControlEvents, type RecordedEvent } from "../event.js";
import { groupBy } from "../grouping.js";
import type { Micros } from "../time.js";
import { contains, type Prefix, parsePrefix } from "../wire/address.js";
import { type GrantedAccess, type OpenedPort, portKey, requestSpanMicros } from "./granted-access.js";
import { type Cause, causeOf } from "./rule-version.js";

export type AccessEnd = {
  readonly time: Micros;
  readonly because: AccessEnded["data"]["because"];
  /** What ended it; null where its time was up. */
  readonly cause: Cause | null;
};

type Ending = RecordedEvent<AccessEnded>;

/** Of each, when and how it ended, or will; null where nothing tells. */
export function accessEnds(
  granted: readonly GrantedAccess[],
  events: readonly ControlEvent[],
): ReadonlyMap<GrantedAccess, AccessEnd | null> {
  const endings = events.filter((event): event is ControlEvent & Ending => event.type === "access-ended");
  const byPort = groupBy(granted, portKey);
  const byGrant = groupBy(endings.sort(compareControlEvents), (ending) =>
    endedBy(ending, byPort.get(portKey(ending.data)) ?? []),
  );
  return new Map(granted.map((own) => [own, endOf(own, byPort.get(portKey(own))!, byGrant.get(own) ?? [])]));
}

/** Of the accesses to its port: the one nearest to the time that the ending names. */
function endedBy({ data, time }: Ending, granted: readonly GrantedAccess[]): GrantedAccess | null {
  const apart = ({ from }: GrantedAccess) => Math.abs(data.granted - from);
  const near = granted.filter((own) => own.from <= time && apart(own) <= requestSpanMicros);
  return near.sort((a, b) => apart(a) - apart(b) || a.from - b.from)[0] ?? null;
}

/** The earliest of all that would end it. */
function endOf(own: GrantedAccess, others: readonly GrantedAccess[], endings: readonly Ending[]): AccessEnd | null {
  const newer = others.find((other) => replaces(other, own));
  const ends: AccessEnd[] = [
    ...endings.map((event) => ({ time: event.time, because: event.data.because, cause: causeOf(event) })),
    ...(newer === undefined ? [] : [{ time: newer.from, because: "renewed" as const, cause: newer.cause }]),
    ...(own.until === null ? [] : [{ time: own.until, because: "expired" as const, cause: null }]),
  ];
  return ends.sort((a, b) => a.time - b.time)[0] ?? null;
}

type Access = OpenedPort & Pick<GrantedAccess, "sources" | "from">;

/** Same machine and port, and the older lets nobody in whom the newer does not. */
export function replaces(newer: Access, older: Access & Pick<GrantedAccess, "until">): boolean {
  const running = older.until === null || newer.from < older.until;
  return newer.from > older.from && running && portKey(newer) === portKey(older) && coversSources(newer, older);
}

function coversSources({ sources: newer }: Access, { sources: older }: Access): boolean {
  return older.length > 0 && older.every((source) => newer.some((wide) => coversSource(wide, source)));
}

/** Whether all that `narrow` names is in `wide`; both are `*`, addresses or prefixes. */
export function coversSource(wide: string, narrow: string): boolean {
  if (wide === "*" || wide.toLowerCase() === narrow.toLowerCase()) return true;
  const [outer, inner] = [parsePrefix(wide), parsePrefix(narrow)];
  return outer !== null && inner !== null && holds(outer, inner);
}

function holds(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && contains(outer, inner.address);
}
