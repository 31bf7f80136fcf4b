// Snapshots whose instant was only guessed from a file's time yield to stated ones that show the same.

import type { ControlEvent, InterfaceSeen, RecordedEvent, SecurityGroupSeen, VirtualNetworkSeen } from "../event.js";

export type SnapshotEvent =
  | RecordedEvent<SecurityGroupSeen>
  | RecordedEvent<InterfaceSeen>
  | RecordedEvent<VirtualNetworkSeen>;

const snapshotTypes: ReadonlySet<string> = new Set(["security-group-seen", "interface-seen", "virtual-network-seen"]);

export function isSnapshot(event: ControlEvent): event is ControlEvent & SnapshotEvent {
  return snapshotTypes.has(event.type);
}

/** The snapshots that count: the fold's answer must not depend on which of two equal ones was imported first. */
export function currentSnapshots(events: readonly ControlEvent[]): SnapshotEvent[] {
  const snapshots = events.filter(isSnapshot);
  const stated = new Set(snapshots.filter((event) => event.data.instant === "stated").map(shownBy));
  return snapshots.filter((event) => event.data.instant === "stated" || !stated.has(shownBy(event)));
}

function shownBy(event: SnapshotEvent): string {
  const { instant: _, ...shown } = event.data;
  return `${event.type} ${JSON.stringify(shown)}`;
}
