// The address space of a virtual network and of all that is connected to it: what the VirtualNetwork tag stands for
// besides the host's own address [A4], and how traffic leaves a subnet.

import type { ResourceId, Route, RouteTableSeen, VirtualNetworkSeen } from "../event.js";
import { type NetworkSpace, unseenSpace } from "../policy/service-tag.js";
import type { Micros } from "../time.js";
import { type Address, contains, formatPrefix, type Prefix, parsePrefix } from "../wire/address.js";
import type { NetworkEvidence, SubnetFacts, Timelines } from "./network-evidence.js";

/** Null: it belongs to the space, and nobody has shown what it is. */
type Part = string | null;

export type SpaceAsked = {
  readonly evidence: NetworkEvidence;
  readonly network: VirtualNetworkSeen["data"] | null;
  /** Of the subnet; null: it has a route table that nobody has shown. */
  readonly routes: readonly Route[] | null;
  readonly time: Micros;
};

/**
 * Own prefixes, connected peers, what is behind gateways, and the prefixes of user-defined routes. A route to a service
 * tag, like a route table or a peer that nobody has shown, leaves the rest open.
 */
export function networkSpace(asked: SpaceAsked): NetworkSpace {
  const { evidence, network, routes, time } = asked;
  if (network === null) return unseenSpace;
  const routed = routes?.map(({ destination }) => destination) ?? [null];
  return spaceOf([...interfaceParts(asked), ...gatewayPrefixes(network.network, evidence, time), ...routed]);
}

/**
 * Where members of groups can be that a rule names: interfaces in the network itself and in those beside it, and
 * nothing that other routes lead to.
 */
export function interfaceSpace(asked: SpaceAsked): NetworkSpace {
  return asked.network === null ? unseenSpace : spaceOf(interfaceParts(asked));
}

function interfaceParts({ evidence, network, routes, time }: SpaceAsked): Part[] {
  if (network === null) return [null];
  const beside = (routes ?? []).filter(({ nextHop }) => toOtherNetworks.has(nextHop));
  const peers = peerPrefixes(network, evidence, time);
  return [...network.addressPrefixes, ...peers, ...beside.map(({ destination }) => destination)];
}

/** AWS shows no peerings with the network, but routes to them. */
const toOtherNetworks: ReadonlySet<string> = new Set(["vpc_peering_connection", "transit_gateway"]);

function spaceOf(parts: readonly Part[]): NetworkSpace {
  const parsed = parts.map((part) => (part === null ? null : parsePrefix(part)));
  const known = parsed.filter((prefix) => prefix !== null);
  const unique = new Map(known.map((prefix) => [formatPrefix(prefix), prefix]));
  return { prefixes: [...unique.values()], whole: known.length === parts.length };
}

/** A peer counts while it is connected and access to it is not switched off. */
function peerPrefixes({ peerings }: VirtualNetworkSeen["data"], evidence: NetworkEvidence, time: Micros): Part[] {
  const open = peerings.filter(
    ({ state, allowVirtualNetworkAccess }) =>
      state.toLowerCase() === "connected" && allowVirtualNetworkAccess !== false,
  );
  return open.flatMap(({ remoteNetwork, remoteAddressPrefixes }): Part[] => {
    const remote = remoteNetwork === null ? null : knownAt(evidence.networks, remoteNetwork, time);
    const shown = [...remoteAddressPrefixes, ...(remote?.addressPrefixes ?? [])];
    return shown.length === 0 ? [null] : shown;
  });
}

function gatewayPrefixes(network: ResourceId, { connectedSpaces }: NetworkEvidence, time: Micros): readonly string[] {
  return [...connectedSpaces.values()].flatMap((history) => {
    const { state } = history.at(time);
    const own = state.is === "known" && state.value.network.toLowerCase() === network.toLowerCase();
    return own ? state.value.addressPrefixes : [];
  });
}

/** User-defined routes of the subnet; null where it has a route table that nobody has shown. */
export function routesOf(evidence: NetworkEvidence, subnet: SubnetFacts, time: Micros): readonly Route[] | null {
  if (subnet.routeTable !== null) return knownAt(evidence.routeTables, subnet.routeTable, time)?.routes ?? null;
  const tables = [...evidence.routeTables.values()].flatMap((history) => {
    const { state } = history.at(time);
    return state.is === "known" ? [state.value] : [];
  });
  const uses = (id: ResourceId) => id.toLowerCase() === subnet.subnet.toLowerCase();
  return (tables.find((table) => table.subnets.some(uses)) ?? mainTable(tables, subnet.network))?.routes ?? [];
}

function mainTable(tables: readonly RouteTableSeen["data"][], network: ResourceId): RouteTableSeen["data"] | undefined {
  return tables.find((table) => table.main === true && table.network?.toLowerCase() === network.toLowerCase());
}

/** The route that traffic to this address takes: the longest prefix. */
export function routeTo(routes: readonly Route[], address: Address): Route | null {
  let best: { readonly route: Route; readonly prefix: Prefix } | null = null;
  for (const route of routes) {
    const prefix = parsePrefix(route.destination);
    if (prefix === null || !contains(prefix, address)) continue;
    if (best === null || prefix.length > best.prefix.length) best = { route, prefix };
  }
  return best?.route ?? null;
}

export function knownAt<T>(timelines: Timelines<T>, id: ResourceId, time: Micros): T | null {
  const state = timelines.get(id.toLowerCase())?.at(time).state;
  return state?.is === "known" ? state.value : null;
}
