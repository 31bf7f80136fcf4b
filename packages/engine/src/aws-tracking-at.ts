// Whether AWS tracks a connection that opens at an interface now: by the rules in force there, and by what the peer is
// reached through.

import type { Admittance } from "./admit.js";
import { namesOf, setsOf } from "./group-gate.js";
import type { PathDevice } from "./policy/aws-tracked-path.js";
import { trackingOf } from "./policy/aws-tracking.js";

/** `assumed-tracked`: the evidence does not settle it; most connections are. */
export type TrackingHere = "tracked" | "untracked" | "assumed-tracked";

export function trackingAt(asked: Admittance): TrackingHere {
  const standing = asked.place.gates.interface;
  if (standing.is !== "groups") return "assumed-tracked";
  const { direction, tuple } = asked;
  const sets = setsOf(standing.groups, asked);
  const tracking = trackingOf({ sets, direction, tuple, names: namesOf(asked), through: throughOf(asked) });
  if (tracking.is === "untracked") return "untracked";
  return tracking.is === "tracked" && tracking.provenance === "recorded" ? "tracked" : "assumed-tracked";
}

/** What importers write of interfaces and routes, as the platform does. */
const devices: ReadonlyMap<string, PathDevice> = new Map<string, PathDevice>([
  ["egress_only_internet_gateway", "egress-only-internet-gateway"],
  ["gateway_load_balancer", "gateway-load-balancer"],
  ["gateway_load_balancer_endpoint", "gateway-load-balancer"],
  ["global_accelerator_managed", "global-accelerator"],
  ["nat_gateway", "nat-gateway"],
  ["network_load_balancer", "network-load-balancer"],
  ["vpc_endpoint", "private-link"],
  ["transit_gateway", "transit-gateway"],
  ["lambda", "lambda-hyperplane"],
]);

function throughOf({ topology, place, direction, tuple }: Admittance): PathDevice | null {
  const peer = direction === "outbound" ? tuple.destination : tuple.source;
  return devices.get(topology.reachedThrough(place, peer) ?? "") ?? null;
}
