// What Azure's virtual networks do not carry, and which of their traffic no network security group binds (DOMAIN 1.5).

import { contains, isMulticast, parsePrefix } from "../wire/address.js";
import { protocolNumber } from "../wire/protocol.js";
import type { FiveTuple } from "./rule-match.js";

/** Traffic that virtual networks do not carry [A17]. */
export type NotCarried = "multicast" | "broadcast" | "gre" | "ip-in-ip" | "unicast-dhcp" | "reserved-port";

/**
 * Whether such a packet is denied. A setting, off by default: the source is of 2019, newer pages list more protocols as
 * carried, and a capture that shows the packet arriving is the better witness.
 */
export const notCarriedIsDenied = false;

const ipInIp = 4;
const reservedPort = 65_330;
const broadcast = parsePrefix("255.255.255.255/32")!;

/** Ask `platformServiceOf` first: the platform's own DHCP passes. */
export function notCarried(tuple: FiveTuple): NotCarried | null {
  const { protocol, destination, sourcePort, destinationPort } = tuple;
  if (contains(broadcast, destination)) return "broadcast";
  if (isMulticast(destination)) return "multicast";
  if (protocol === protocolNumber.gre) return "gre";
  if (protocol === ipInIp) return "ip-in-ip";
  if (protocol !== protocolNumber.udp) return null;
  if (sourcePort === 68 && destinationPort === 67) return "unicast-dhcp";
  return sourcePort === reservedPort ? "reserved-port" : null;
}

/** By its subnet's policies; null: not shown, so the default, `Disabled` (disable-private-endpoint-network-policy). */
export function bindsPrivateEndpoints(policies: string | null): boolean {
  return ["enabled", "networksecuritygroupenabled"].includes(policies?.toLowerCase() ?? "disabled");
}
