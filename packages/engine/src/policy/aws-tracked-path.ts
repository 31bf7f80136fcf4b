// Devices on the way to a peer through which AWS tracks every connection, whatever the rules say: dated lists.

import type { Provenance } from "./rule-version.js";

/** Through what kind of device the peer is reached. */
export type PathDevice =
  | "egress-only-internet-gateway"
  | "gateway-load-balancer"
  | "global-accelerator"
  | "nat-gateway"
  | "network-firewall"
  | "network-load-balancer"
  | "private-link"
  | "transit-gateway"
  | "lambda-hyperplane"
  | "dynamodb-gateway-endpoint";

/** The list as of 2023-06-15 [W1]. */
const trackedIn2023: readonly PathDevice[] = [
  "egress-only-internet-gateway",
  "gateway-load-balancer",
  "global-accelerator",
  "nat-gateway",
  "network-firewall",
  "network-load-balancer",
  "private-link",
  "transit-gateway",
];

/** A newer guide's, of no known date (DOMAIN 2.5). */
const trackedLater: readonly PathDevice[] = [
  "egress-only-internet-gateway",
  "global-accelerator",
  "nat-gateway",
  "network-firewall",
  "network-load-balancer",
  "private-link",
  "lambda-hyperplane",
  "dynamodb-gateway-endpoint",
];

/** Tracked whatever the rules say. Where one list has the device and the other has not, that is inferred. */
export function alwaysTracked(device: PathDevice): Provenance | null {
  const listed = [trackedIn2023, trackedLater].filter((list) => list.includes(device)).length;
  if (listed === 0) return null;
  return listed === 2 ? "recorded" : "inferred";
}
