// Which interface has which address, and what stands at its gates, at any time: from snapshots of interfaces, networks
// and groups, and from edits of associations and memberships. Before the first sight of a thing its state is inferred.

import type { ControlEvent, InterfaceAddress, InterfaceSeen, ResourceId } from "../event.js";
import { countAtOrBelow, groupBy } from "../grouping.js";
import { type Micros, toMicros } from "../time.js";
import { type Address, addressKey, parseAddress } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import {
  membershipKey,
  type NetworkEvidence,
  networkEvidence,
  type SubnetFacts,
  type Timelines,
} from "./network-evidence.js";
import { knownAt, networkSpace, routesOf, routeTo } from "./network-space.js";
import type { GateGroups, PlacedInterface, PlacedSubnet } from "./placed-interface.js";
import type { Held } from "./timeline.js";

export type Topology = {
  readonly interfaces: readonly PlacedInterface[];
  /** All interfaces that have the address, as their own or as a public one. */
  interfacesOf(address: Address): readonly PlacedInterface[];
  /** The one with this id, else all of this name, whatever the case. */
  interfacesNamed(name: string): readonly PlacedInterface[];
  /** By what kind of device the interface reaches the peer, in the platform's words; null: directly, or not known. */
  reachedThrough(place: PlacedInterface, peer: Address): string | null;
  /** All addresses that interfaces have. */
  readonly addresses: AddressSet;
  /** Addresses of the members of an application security group; on AWS of a security group. */
  membersOf(group: ResourceId): AddressSet;
  /** Addresses of interfaces of which it is not known whose members they are. */
  readonly unsettledMembers: AddressSet;
};

export type NetworkHistory = {
  /** Instants at which the topology changes, ascending. */
  readonly boundaries: readonly Micros[];
  topologyAt(time: Micros): Topology;
};

export function buildNetworkHistory(events: readonly ControlEvent[]): NetworkHistory {
  const evidence = networkEvidence(events);
  const { boundaries } = evidence;
  const topologies = new Map<number, Topology>();
  const topologyAt = (time: Micros): Topology => {
    const epoch = countAtOrBelow(boundaries, time);
    const known = topologies.get(epoch);
    if (known !== undefined) return known;
    const made = buildTopology(evidence, toMicros(time));
    topologies.set(epoch, made);
    return made;
  };
  return { boundaries, topologyAt };
}

function buildTopology(evidence: NetworkEvidence, time: Micros): Topology {
  const present = [...evidence.interfaces.values()].flatMap((history) => {
    const { state, provenance } = history.at(time);
    return state.is === "known" ? [{ data: state.value, inferred: provenance === "inferred" }] : [];
  });
  const types = interfaceTypes(present.map(({ data }) => data));
  const placed = present.map(({ data, inferred }) => placeInterface({ evidence, time, data, inferred }));
  const byAddress = placesByAddress(placed);
  const { members, unsettled } = memberships(
    present.map(({ data }) => data),
    evidence,
    time,
  );
  return {
    interfaces: placed,
    addresses: AddressSet.ofAddresses(placed.flatMap((place) => place.addresses)),
    unsettledMembers: unsettled,
    membersOf: (group) => members.get(group.toLowerCase()) ?? AddressSet.none,
    reachedThrough: ({ routes }, peer) => types.get(addressKey(peer)) ?? routeTo(routes ?? [], peer)?.nextHop ?? null,
    interfacesOf: (address) => byAddress.get(addressKey(address)) ?? [],
    interfacesNamed: (name) => placesNamed(placed, name),
  };
}

function placesNamed(placed: readonly PlacedInterface[], name: string): readonly PlacedInterface[] {
  const byId = placed.find((place) => sameId(place.id, name));
  return byId === undefined ? placed.filter((place) => sameId(place.name, name)) : [byId];
}

function placesByAddress(placed: readonly PlacedInterface[]): Map<string, readonly PlacedInterface[]> {
  const held = placed.flatMap((place) => {
    const all = [...place.addresses, ...place.publicAddresses.map(({ address }) => address)];
    return all.map((address) => ({ place, key: addressKey(address) }));
  });
  const byAddress = groupBy(held, ({ key }) => key);
  return new Map([...byAddress].map(([key, list]) => [key, [...new Set(list.map(({ place }) => place))]]));
}

/** What kind of device has an address, where the platform says: load balancers, gateways, endpoints. */
function interfaceTypes(present: readonly InterfaceSeen["data"][]): Map<string, string> {
  const typed = present.filter(({ interfaceType = "interface" }) => interfaceType !== "interface");
  return new Map(
    typed.flatMap(({ addresses, interfaceType }) =>
      addresses.flatMap(({ address }) => {
        const parsed = parseAddress(address);
        return parsed === null ? [] : [[addressKey(parsed), interfaceType!] as const];
      }),
    ),
  );
}

type Placing = {
  readonly evidence: NetworkEvidence;
  readonly time: Micros;
  readonly data: InterfaceSeen["data"];
  readonly inferred: boolean;
};

function placeInterface({ evidence, time, data, inferred }: Placing): PlacedInterface {
  const subnetId = data.addresses[0]?.subnet ?? null;
  const subnet = subnetId === null ? null : knownAt(evidence.subnets, subnetId, time);
  const networkId = subnet?.network ?? data.network ?? null;
  const network = networkId === null ? null : knownAt(evidence.networks, networkId, time);
  const aws = data.platform === "aws";
  const gates = gatesOf({ evidence, time, id: data.interface, subnetId, networkId, aws });
  const routes = subnet === null ? null : routesOf(evidence, subnet, time);
  const own = data.addresses.map(({ address }) => parseAddress(address)).filter((address) => address !== null);
  return {
    id: data.interface,
    name: data.name,
    platform: aws ? "aws" : "azure",
    machine: data.machine,
    addresses: own,
    publicAddresses: data.addresses.flatMap((address) => publicOf(address, evidence, time)),
    gates: gates.groups,
    network: networkId,
    subnet: subnet === null ? null : placedSubnet(subnet),
    space: networkSpace(evidence, subnet, network, time),
    interfaceType: data.interfaceType ?? null,
    connectionTracking: data.connectionTracking ?? null,
    provenance: inferred || gates.inferred ? "inferred" : "recorded",
    routes,
  };
}

function placedSubnet({ subnet, name, addressPrefixes, privateEndpointPolicies }: SubnetFacts): PlacedSubnet {
  return { id: subnet, name, prefixes: addressPrefixes, privateEndpointPolicies: privateEndpointPolicies ?? null };
}

/** AWS shows the public address itself; Azure names a resource that has it. */
function publicOf({ address, publicAddress }: InterfaceAddress, evidence: NetworkEvidence, time: Micros) {
  if (publicAddress === null) return [];
  const resource = knownAt(evidence.publicAddresses, publicAddress, time);
  const shown = parseAddress(resource?.address ?? publicAddress);
  const own = parseAddress(address);
  return shown === null || own === null ? [] : [{ address: shown, own }];
}

type GatesAsked = {
  readonly evidence: NetworkEvidence;
  readonly time: Micros;
  readonly id: ResourceId;
  readonly subnetId: ResourceId | null;
  readonly networkId: ResourceId | null;
  readonly aws: boolean;
};

type PlacedGates = { readonly groups: PlacedInterface["gates"]; readonly inferred: boolean };

function gatesOf(asked: GatesAsked): PlacedGates {
  const { evidence, time, id, subnetId, networkId, aws } = asked;
  const held = (timelines: Timelines<readonly ResourceId[]>, subject: ResourceId | null) =>
    subject === null ? null : (timelines.get(subject.toLowerCase())?.at(time) ?? null);
  const own = held(evidence.interfaceGroups, id);
  const edge = held(aws ? evidence.networkAcls : evidence.subnetGroups, subnetId);
  const admin = aws ? null : held(evidence.adminGroups, networkId);
  const atEdge = edge === null ? unseenSubnet(subnetId, aws) : standing(edge);
  const none: GateGroups = { is: "none" };
  return {
    groups: {
      "security-admin": admin === null ? none : standing(admin),
      subnet: aws ? none : atEdge,
      interface: own === null ? { is: "open" } : standing(own),
      "network-acl": aws ? atEdge : none,
    },
    inferred: [own, edge, admin].some((gate) => gate?.provenance === "inferred"),
  };
}

function standing({ state }: Held<readonly ResourceId[]>): GateGroups {
  if (state.is === "unknown") return state;
  return state.is === "absent" || state.value.length === 0 ? { is: "open" } : { is: "groups", groups: state.value };
}

function unseenSubnet(subnet: ResourceId | null, aws: boolean): GateGroups {
  if (subnet === null) return { is: "unknown", because: "the interface's subnet is not known" };
  const show = aws ? "aws ec2 describe-network-acls" : "az network vnet show";
  return { is: "unknown", because: `subnet \`${subnet}\` was never seen: import its \`${show}\`` };
}

function sameId(a: ResourceId, b: ResourceId): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

type Memberships = { readonly members: ReadonlyMap<string, AddressSet>; readonly unsettled: AddressSet };

function memberships(present: readonly InterfaceSeen["data"][], evidence: NetworkEvidence, time: Micros): Memberships {
  const all = present.flatMap((data) =>
    data.addresses.flatMap(({ address: text }) => {
      const address = parseAddress(text);
      return address === null ? [] : [{ address, groups: groupsOf(data, text, evidence, time) }];
    }),
  );
  const settled = all.flatMap(({ address, groups }) =>
    (groups ?? []).map((group) => ({ group: group.toLowerCase(), address })),
  );
  const byGroup = groupBy(settled, ({ group }) => group);
  const addresses = (list: readonly { readonly address: Address }[]) =>
    AddressSet.ofAddresses(list.map(({ address }) => address));
  return {
    members: new Map([...byGroup].map(([group, list]) => [group, addresses(list)])),
    unsettled: addresses(all.filter(({ groups }) => groups === null)),
  };
}

/** Application security groups are an address's; AWS security groups the interface's, for all of its addresses. */
function groupsOf(
  data: InterfaceSeen["data"],
  address: string,
  evidence: NetworkEvidence,
  time: Micros,
): readonly ResourceId[] | null {
  if (data.platform === "aws") return knownAt(evidence.interfaceGroups, data.interface, time);
  return knownAt(evidence.memberships, membershipKey(data.interface, address), time);
}
