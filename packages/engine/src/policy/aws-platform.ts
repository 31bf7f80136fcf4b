// What neither security groups nor network ACLs of AWS ever filter: the platform's own addresses (DOMAIN 2.5, 2.6).

import { type Address, addressKey, contains, isV4, type Prefix, parseAddress } from "../wire/address.js";
import { protocolNumber } from "../wire/protocol.js";
import type { FiveTuple } from "./rule-match.js";

/** What the platform puts into a network at addresses of its own. */
export type AwsNetwork = {
  /** The primary one of the network, whose base plus two is the resolver; null: not known. */
  readonly primaryPrefix: Prefix | null;
  /** Of the packet's own subnet; the base of each plus one is the router. */
  readonly subnetPrefixes: readonly Prefix[];
};

/** Service of the platform that a packet is for, or comes from. */
export type AwsService = "dns" | "metadata" | "task-metadata" | "time" | "licence" | "dhcp" | "router";

const addressesOf: { readonly [service in AwsService]?: readonly string[] } = {
  dns: ["169.254.169.253", "fd00:ec2::253"],
  metadata: ["169.254.169.254", "fd00:ec2::254"],
  "task-metadata": ["169.254.170.2"],
  time: ["169.254.169.123", "fd00:ec2::123"],
  licence: ["169.254.169.250", "169.254.169.251"],
};

const serviceAt: ReadonlyMap<string, AwsService> = new Map(
  Object.entries(addressesOf).flatMap(([service, addresses]) =>
    addresses.map((text) => [addressKey(parseAddress(text)!), service as AwsService] as const),
  ),
);

/** The service that the packet is of, in either direction [W1] [W5]; null: rules bind it. */
export function neverFiltered(tuple: FiveTuple, network: AwsNetwork): AwsService | null {
  if (isDhcp(tuple)) return "dhcp";
  const ends = [tuple.source, tuple.destination];
  for (const end of ends) {
    const service = serviceAt.get(addressKey(end)) ?? serviceInNetwork(end, network);
    if (service !== null) return service;
  }
  return null;
}

function serviceInNetwork(address: Address, { primaryPrefix, subnetPrefixes }: AwsNetwork): AwsService | null {
  if (primaryPrefix !== null && isAt(primaryPrefix, 2, address)) return "dns";
  return subnetPrefixes.some((prefix) => isAt(prefix, 1, address)) ? "router" : null;
}

/** Whether the address is the prefix's base plus this; the platform has such addresses in IPv4 only. */
function isAt(prefix: Prefix, offset: number, address: Address): boolean {
  return isV4(address) && contains(prefix, address) && address[3] === prefix.address[3] + offset;
}

/** Ports 67 and 68 of IPv4, 546 and 547 of IPv6. */
function isDhcp({ protocol, source, sourcePort, destinationPort }: FiveTuple): boolean {
  if (protocol !== protocolNumber.udp) return false;
  const [server, client] = isV4(source) ? [67, 68] : [547, 546];
  const ports = new Set([sourcePort, destinationPort]);
  return ports.has(server!) && ports.has(client!);
}
