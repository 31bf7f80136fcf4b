// How the traffic is divided among parts of the fold: by the interface that judges, so evenly as is known beforehand.

import { type FoldShare, interfaceOfPlace, type RecordedEvent } from "@conntrail/engine";
import type { BatchTable } from "./view-schema.js";

export type Divisible = {
  readonly rows: readonly Pick<BatchTable, "place" | "count">[];
  readonly events: readonly RecordedEvent[];
};

/** Places that users named by their packets, the largest first; all other interfaces in turn. */
export function sharesOf(shares: number, { rows, events }: Divisible): FoldShare[] {
  const places = placesByPackets(rows, shares);
  const interfaces = Object.fromEntries(interfacesOf(events).map((id, index) => [id, index % shares]));
  return Array.from({ length: shares }, (_, own) => ({ own, shares, places, interfaces }));
}

function placesByPackets(rows: Divisible["rows"], shares: number): FoldShare["places"] {
  const packets = new Map<string, number>();
  for (const { place, count } of rows) {
    if (interfaceOfPlace(place) !== null) packets.set(place, (packets.get(place) ?? 0) + count);
  }
  const loads = new Array<number>(shares).fill(0);
  const largestFirst = [...packets].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return Object.fromEntries(
    largestFirst.map(([place, count]) => {
      const least = loads.indexOf(Math.min(...loads));
      loads[least]! += count;
      return [place, least];
    }),
  );
}

function interfacesOf(events: readonly RecordedEvent[]): string[] {
  const ids = events.flatMap((event) => (event.type === "interface-seen" ? [event.data.interface.toLowerCase()] : []));
  return [...new Set(ids)].sort();
}
