// What evidence says of a resource at an instant: the latest snapshot, else the first later one, and the edits since.

import { type ControlEvent, compareControlEvents, type ResourceId, type Setting } from "../event.js";
import type { Micros } from "../time.js";

/** What every resource has: the id as the evidence writes it, and the name that people use. */
export type Named = { readonly id: ResourceId; readonly name: string };

/** A resource as one snapshot shows it. */
export type Shown = Named & { readonly since: Micros };

/** Events in the order of the fold, and the instant asked about. */
export type Evidence = { readonly events: readonly ControlEvent[]; readonly at: Micros };

export function evidenceAt(events: readonly ControlEvent[], at: Micros): Evidence {
  return { events: [...events].sort(compareControlEvents), at };
}

export function sameId(a: ResourceId, b: ResourceId): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The resources that are there; one that was made later is not, and neither is one that was removed. */
export function shown<T extends Named>(evidence: Evidence, read: (event: ControlEvent) => readonly T[]): (T & Shown)[] {
  const found = new Map<string, T & Shown>();
  const madeLater = new Set<string>();
  for (const event of evidence.events) {
    const isLater = event.time > evidence.at;
    for (const seen of read(event)) {
      const key = seen.id.toLowerCase();
      if (isLater && (found.has(key) || madeLater.has(key))) continue;
      if (isLater && "begins" in event.data) madeLater.add(key);
      else found.set(key, { ...seen, since: event.time });
    }
  }
  return [...found.values()].filter((seen) => !isRemoved(evidence, seen));
}

function isRemoved(evidence: Evidence, seen: Shown): boolean {
  const removal = latestEdit(evidence, seen, (event) =>
    event.type === "resource-removed" && sameId(event.data.resource, seen.id) ? event : null,
  );
  return removal !== null;
}

/** What the last edit says that succeeded up to the instant, and not before the snapshot where that is earlier. */
export function latestEdit<T>(
  { events, at }: Evidence,
  seen: Shown,
  read: (event: ControlEvent) => T | null,
): T | null {
  let latest: T | null = null;
  for (const event of events) {
    const counts = event.time <= at && (event.time >= seen.since || seen.since > at);
    if (counts && hasSucceeded(event)) latest = read(event) ?? latest;
  }
  return latest;
}

function hasSucceeded({ data }: ControlEvent): boolean {
  return !("phase" in data) || data.phase === "succeeded";
}

type SettingValue = boolean | number | null;

/** Undefined: nobody has said. */
export function settingAt({ events, at }: Evidence, resource: ResourceId, setting: Setting): SettingValue | undefined {
  let value: SettingValue | undefined;
  for (const event of events) {
    const said = event.time <= at ? settingsIn(event).find((one) => concerns(one, resource, setting)) : undefined;
    if (said !== undefined) value = said.value;
  }
  return value;
}

type SettingSaid = { readonly resource: ResourceId; readonly setting: Setting; readonly value: SettingValue };

function concerns(said: SettingSaid, resource: ResourceId, setting: Setting): boolean {
  return said.setting === setting && sameId(said.resource, resource);
}

function settingsIn(event: ControlEvent): SettingSaid[] {
  switch (event.type) {
    case "setting-written":
      return hasSucceeded(event) ? [event.data] : [];
    case "security-group-seen":
      return [{ resource: event.data.group, setting: "flushConnection", value: event.data.flushConnection }];
    case "interface-seen": {
      const { interface: resource, disableTcpStateTracking: value } = event.data;
      return [{ resource, setting: "disableTcpStateTracking", value }];
    }
    case "virtual-network-seen":
      return [{ resource: event.data.network, setting: "flowTimeoutMinutes", value: event.data.flowTimeoutMinutes }];
    default:
      return [];
  }
}
