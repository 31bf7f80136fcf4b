// The address space of a virtual network and of all that is connected to it: what the VirtualNetwork tag stands for
// besides the host's own address [A4], and how traffic leaves a subnet.

import type { ResourceId, Route, RouteTableSeen, VirtualNetworkSeen } from "../event.js";
import type { NetworkSpace } from "../policy/service-tag.js";
import type { Micros } from "../time.js";
import { type Address, contains, formatPrefix, type Prefix, parsePrefix } from "../wire/address.js";
import type { NetworkEvidence, SubnetFacts, Timelines } from "./network-evidence.js";

/** Own prefixes, connected peers, what is behind gateways, and the prefixes of user-defined routes; null: not known. */
export function networkSpace(
  evidence: NetworkEvidence,
  subnet: SubnetFacts | null,
  network: VirtualNetworkSeen["data"] | null,
  time: Micros,
): NetworkSpace {
  if (network === null) return null;
  const routes = subnet === null ? [] : routesOf(evidence, subnet, time);
  if (routes === null) return null;
  const texts = [
    ...network.addressPrefixes,
    ...peerPrefixes(network, evidence, time),
    ...gatewayPrefixes(network.network, evidence, time),
    ...routes.map(({ destination }) => destination),
  ];
  const unique = new Map(
    texts.flatMap((text) => parsePrefix(text) ?? []).map((prefix) => [formatPrefix(prefix), prefix]),
  );
  return [...unique.values()];
}

/** A peer counts while it is connected and access to it is not switched off. */
function peerPrefixes({ peerings }: VirtualNetworkSeen["data"], evidence: NetworkEvidence, time: Micros): string[] {
  const open = peerings.filter(
    ({ state, allowVirtualNetworkAccess }) =>
      state.toLowerCase() === "connected" && allowVirtualNetworkAccess !== false,
  );
  return open.flatMap(({ remoteNetwork, remoteAddressPrefixes }) => {
    const remote = remoteNetwork === null ? null : knownAt(evidence.networks, remoteNetwork, time);
    return [...remoteAddressPrefixes, ...(remote?.addressPrefixes ?? [])];
  });
}

function gatewayPrefixes(network: ResourceId, { connectedSpaces }: NetworkEvidence, time: Micros): string[] {
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
