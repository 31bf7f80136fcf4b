// What of the network is otherwise than just before, as seen from an interface: what stands at its gates, and what the
// names in its rules stand for. What becomes of its flow records is said elsewhere.

import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import { hasId } from "./resource-id.js";

type Concerns = (place: PlacedInterface) => boolean;

export type NetworkChange = {
  readonly gatesDiffer: Concerns;
  /** Of any group that rules may name. */
  readonly membersDiffer: Concerns;
  /** The VirtualNetwork tag. */
  readonly spaceDiffers: Concerns;
  /** A group there has `flushConnection` on, and had not; that such a group comes there is another change (NS). */
  readonly startsFlushing: Concerns;
};

export function networkChange(before: Topology, after: Topology): NetworkChange {
  const earlier = placesById(before);
  const was = ({ id }: PlacedInterface) => earlier.get(id.toLowerCase());
  let moved: boolean | null = null;
  return {
    gatesDiffer: (place) => differ(was(place)?.gates, place.gates),
    membersDiffer() {
      moved ??= differ(membersIn(before), membersIn(after));
      return moved;
    },
    spaceDiffers: (place) => differ(was(place)?.space, place.space),
    startsFlushing: (place) => place.flushing.some((group) => stoodThere(was(place), group)),
  };
}

function stoodThere(before: PlacedInterface | undefined, group: string): boolean {
  if (before === undefined || hasId(before.flushing, group)) return false;
  return Object.values(before.gates).some((gate) => gate.is === "groups" && hasId(gate.groups, group));
}

function differ(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}

function membersIn({ members }: Topology): unknown {
  return [...members].map(([group, { ranges }]) => [group, ranges]).sort();
}

export function placesById({ interfaces }: Pick<Topology, "interfaces">): Map<string, PlacedInterface> {
  return new Map(interfaces.map((place) => [place.id.toLowerCase(), place]));
}
