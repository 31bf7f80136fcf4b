// Snapshots whose instant was only guessed from a file's time yield to stated ones that show the same.

import type { ControlEvent, ControlFact, RecordedEvent, SnapshotInstant } from "../event.js";

/** A fact that was seen whole at an instant: the `*-seen` types. */
type SnapshotFact = Extract<ControlFact, { readonly data: { readonly instant: SnapshotInstant } }>;

/** One member for each type, so that a `switch` over `type` narrows the data. */
export type SnapshotEvent = { [F in SnapshotFact as F["type"]]: RecordedEvent<F> }[SnapshotFact["type"]];

export function isSnapshot(event: ControlEvent): event is ControlEvent & SnapshotEvent {
  return "instant" in event.data;
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
