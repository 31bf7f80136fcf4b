// Which interface has which address, and which security groups stand before it, at any time: from snapshots of
// interfaces, virtual networks and groups. The latest one counts; before the first, what it shows is inferred.

import {
  type ControlEvent,
  compareControlEvents,
  type InterfaceSeen,
  type RecordedEvent,
  type ResourceId,
  type SecurityGroupSeen,
  type VirtualNetworkSeen,
} from "../event.js";
import { azure } from "../flow/profiles.js";
import type { Semantics } from "../flow/semantics.js";
import { countAtOrBelow, groupBy } from "../grouping.js";
import type { Provenance } from "../policy/rule-version.js";
import type { NetworkSpace } from "../policy/service-tag.js";
import { currentSnapshots, type SnapshotEvent } from "../policy/snapshot-evidence.js";
import { type Micros, toMicros } from "../time.js";
import { type Address, addressKey, parseAddress, parsePrefix } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";

/** What stands at one of an interface's gates. */
export type GateGroup =
  | { readonly is: "group"; readonly group: ResourceId }
  | { readonly is: "open" }
  | { readonly is: "unknown"; readonly because: string };

export type GateKind = "interface" | "subnet";

export type PlacedInterface = {
  readonly id: ResourceId;
  readonly name: string;
  readonly machine: ResourceId | null;
  readonly addresses: readonly Address[];
  readonly gates: { readonly [gate in GateKind]: GateGroup };
  readonly space: NetworkSpace;
  readonly provenance: Provenance;
  /** What becomes of flow records here. */
  readonly semantics: Semantics;
};

export type Topology = {
  readonly interfaces: readonly PlacedInterface[];
  /** All interfaces that have the address. */
  interfacesOf(address: Address): readonly PlacedInterface[];
  /** The one with this id, else all of this name, whatever the case. */
  interfacesNamed(name: string): readonly PlacedInterface[];
  /** All addresses that interfaces have. */
  readonly addresses: AddressSet;
  /** Addresses of the members of an application security group. */
  membersOf(group: ResourceId): AddressSet;
};

export type NetworkHistory = {
  /** Instants at which the topology changes, ascending. */
  readonly boundaries: readonly Micros[];
  topologyAt(time: Micros): Topology;
};

type Seen<T extends InterfaceSeen | VirtualNetworkSeen | SecurityGroupSeen> = readonly RecordedEvent<T>[];
type SeenAt<T> = { readonly data: T; readonly provenance: Provenance };

export function buildNetworkHistory(events: readonly ControlEvent[]): NetworkHistory {
  const snapshots = currentSnapshots(events).sort(compareControlEvents);
  const bySubject = groupBy(snapshots, (event) => `${event.type} ${subjectOf(event).toLowerCase()}`);
  const histories = [...bySubject].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, history]) => history);
  const boundaries = [...new Set(snapshots.map((event) => event.time))].sort((a, b) => a - b);
  const topologies = new Map<number, Topology>();
  const topologyAt = (time: Micros): Topology => {
    const epoch = countAtOrBelow(boundaries, time);
    const known = topologies.get(epoch);
    if (known !== undefined) return known;
    const made = buildTopology(histories, toMicros(time));
    topologies.set(epoch, made);
    return made;
  };
  return { boundaries, topologyAt };
}

/** The resource that a snapshot shows. */
export function subjectOf(event: SnapshotEvent): ResourceId {
  switch (event.type) {
    case "interface-seen":
      return event.data.interface;
    case "virtual-network-seen":
      return event.data.network;
    case "security-group-seen":
      return event.data.group;
  }
}

function buildTopology(histories: readonly SnapshotEvent[][], time: Micros): Topology {
  const interfaces = stateOf<InterfaceSeen>(histories, "interface-seen", time);
  const networks = stateOf<VirtualNetworkSeen>(histories, "virtual-network-seen", time);
  const groups = stateOf<SecurityGroupSeen>(histories, "security-group-seen", time);
  const placed = interfaces.map((seen) => placeInterface(seen, networks, groups));
  const byAddress = groupBy(
    placed.flatMap((place) => place.addresses.map((address) => ({ place, key: addressKey(address) }))),
    ({ key }) => key,
  );
  const byKey = new Map([...byAddress].map(([key, list]) => [key, [...new Set(list.map(({ place }) => place))]]));
  const members = membersOfGroups(interfaces);
  return {
    interfaces: placed,
    addresses: AddressSet.ofAddresses(placed.flatMap((place) => place.addresses)),
    membersOf: (group) => members.get(group.toLowerCase()) ?? AddressSet.none,
    interfacesOf: (address) => byKey.get(addressKey(address)) ?? [],
    interfacesNamed: (name) => placesNamed(placed, name),
  };
}

function placesNamed(placed: readonly PlacedInterface[], name: string): readonly PlacedInterface[] {
  const byId = placed.find((place) => sameId(place.id, name));
  return byId === undefined ? placed.filter((place) => sameId(place.name, name)) : [byId];
}

function stateOf<T extends InterfaceSeen | VirtualNetworkSeen | SecurityGroupSeen>(
  histories: readonly SnapshotEvent[][],
  type: T["type"],
  time: Micros,
): SeenAt<T["data"]>[] {
  const ofType = histories.filter((history) => history[0]!.type === type) as unknown as Seen<T>[];
  return ofType.map((history) => {
    const latest = history.findLast((event) => event.time <= time);
    const provenance = latest === undefined ? "inferred" : "recorded";
    return { data: (latest ?? history[0]!).data as T["data"], provenance };
  });
}

type NetworksSeen = readonly SeenAt<VirtualNetworkSeen["data"]>[];
type GroupsSeen = readonly SeenAt<SecurityGroupSeen["data"]>[];

function placeInterface(
  { data, provenance }: SeenAt<InterfaceSeen["data"]>,
  networks: NetworksSeen,
  groups: GroupsSeen,
): PlacedInterface {
  const subnet = placeSubnet(data.addresses[0]?.subnet ?? null, networks, groups);
  return {
    id: data.interface,
    name: data.name,
    machine: data.machine,
    addresses: data.addresses.map(({ address }) => parseAddress(address)).filter((address) => address !== null),
    gates: { interface: groupOrOpen(data.group), subnet: subnet.gate },
    space: subnet.space,
    semantics: azure,
    provenance: subnet.provenance === "inferred" ? "inferred" : provenance,
  };
}

function groupOrOpen(group: ResourceId | null): GateGroup {
  return group === null ? { is: "open" } : { is: "group", group };
}

type PlacedSubnet = { readonly gate: GateGroup; readonly space: NetworkSpace; readonly provenance: Provenance };

/** The virtual network tells; where it was never seen, a group may say that it stands at the subnet. */
function placeSubnet(subnet: ResourceId | null, networks: NetworksSeen, groups: GroupsSeen): PlacedSubnet {
  if (subnet === null) return unplaced("the interface's subnet is not known");
  for (const { data, provenance } of networks) {
    const found = data.subnets.find((candidate) => sameId(candidate.subnet, subnet));
    if (found !== undefined) return { gate: groupOrOpen(found.group), space: spaceOf(data), provenance };
  }
  const claims = groups.find(({ data }) => data.subnets.some((id) => sameId(id, subnet)));
  if (claims === undefined) return unplaced(`subnet \`${subnet}\` was never seen: import its \`az network vnet show\``);
  return { gate: { is: "group", group: claims.data.group }, space: null, provenance: claims.provenance };
}

function unplaced(because: string): PlacedSubnet {
  return { gate: { is: "unknown", because }, space: null, provenance: "recorded" };
}

function sameId(a: ResourceId, b: ResourceId): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Address space of the network and of the networks peered with it. */
function spaceOf({ addressPrefixes, peerings }: VirtualNetworkSeen["data"]): NetworkSpace {
  const connected = peerings.filter((peering) => peering.state.toLowerCase() === "connected");
  const all = [...addressPrefixes, ...connected.flatMap((peering) => peering.remoteAddressPrefixes)];
  return all.map(parsePrefix).filter((prefix) => prefix !== null);
}

function membersOfGroups(interfaces: readonly SeenAt<InterfaceSeen["data"]>[]): Map<string, AddressSet> {
  const memberships = interfaces.flatMap(({ data }) =>
    data.addresses.flatMap(({ address, applicationSecurityGroups }) =>
      applicationSecurityGroups.map((group) => ({ group: group.toLowerCase(), address: parseAddress(address) })),
    ),
  );
  const byGroup = groupBy(memberships, ({ group }) => group);
  const addresses = (list: typeof memberships) => list.flatMap(({ address }) => (address === null ? [] : [address]));
  return new Map([...byGroup].map(([group, list]) => [group, AddressSet.ofAddresses(addresses(list))]));
}
