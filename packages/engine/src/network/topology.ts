// Which interface has which address, and what stands at its gates, at any time: from snapshots of interfaces, networks
// and groups, and from edits of associations and memberships. Before the first sight of a thing its state is inferred.

import type { ControlEvent, InterfaceSeen, ResourceId } from "../event.js";
import { countAtOrBelow, groupBy } from "../grouping.js";
import { fact, type PastFact } from "../past-fact.js";
import { type SettingsHistory, settingsHistory } from "../policy/setting-history.js";
import { sameId } from "../resource-id.js";
import { beginningOfTime, type Micros, toMicros } from "../time.js";
import { type Address, addressKey, contains, parseAddress, parsePrefix } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import { memberships } from "./memberships.js";
import { type NetworkEvidence, networkEvidence, type SubnetFacts, type Timelines } from "./network-evidence.js";
import { knownAt, routeTo } from "./network-space.js";
import { placeInterface } from "./place-interface.js";
import type { PlacedInterface } from "./placed-interface.js";

export type Topology = {
  readonly interfaces: readonly PlacedInterface[];
  /** All interfaces that have the address, as their own or as a public one. */
  interfacesOf(address: Address): readonly PlacedInterface[];
  /** The one with this id, else all of this name, whatever the case. */
  interfacesNamed(name: string): readonly PlacedInterface[];
  /** By what kind of device the interface reaches the peer, in the platform's words; null: directly, or not known. */
  reachedThrough(place: PlacedInterface, peer: Address): string | null;
  /** The subnet of the interface's network that an address lies in; null: another network's, or not known. */
  subnetOf(address: Address, place: PlacedInterface): ResourceId | null;
  /** All addresses that interfaces have. */
  readonly addresses: AddressSet;
  /** Addresses of the members of application security groups, by lower-case id; on AWS of security groups. */
  readonly members: ReadonlyMap<string, AddressSet>;
  membersOf(group: ResourceId): AddressSet;
  /** Addresses of interfaces of which it is not known whose members they are. */
  readonly unsettledMembers: AddressSet;
};

export type NetworkHistory = {
  /** Instants at which the topology changes, ascending. */
  readonly boundaries: readonly Micros[];
  topologyAt(time: Micros): Topology;
  /** What topologies are made of, with the instant from which it can matter. */
  past(): PastFact[];
};

export function buildNetworkHistory(events: readonly ControlEvent[]): NetworkHistory {
  const evidence = networkEvidence(events);
  const settings = settingsHistory(events);
  const boundaries = [...new Set([...evidence.boundaries, ...settings.boundaries])].sort((a, b) => a - b);
  const topologies = new Map<number, Topology>();
  const topologyAt = (time: Micros): Topology => {
    const epoch = countAtOrBelow(boundaries, time);
    const known = topologies.get(epoch);
    if (known !== undefined) return known;
    const made = buildTopology(evidence, settings, toMicros(time));
    topologies.set(epoch, made);
    return made;
  };
  return { boundaries, topologyAt, past: () => [...factsOfEvidence(evidence), ...settings.past()] };
}

function factsOfEvidence({ boundaries: _, ...kinds }: NetworkEvidence): PastFact[] {
  return Object.entries<Timelines<unknown>>(kinds).flatMap(([kind, timelines]) =>
    [...timelines].flatMap(([subject, own]) =>
      [beginningOfTime, ...own.times].map((time) => fact(time, kind, subject, own.at(time))),
    ),
  );
}

function buildTopology(evidence: NetworkEvidence, settings: SettingsHistory, time: Micros): Topology {
  const present = [...evidence.interfaces.values()].flatMap((history) => {
    const { state, provenance } = history.at(time);
    return state.is === "known" ? [{ data: state.value, inferred: provenance === "inferred" }] : [];
  });
  const types = interfaceTypes(present.map(({ data }) => data));
  const placed = present.map(({ data, inferred }) => placeInterface({ settings, evidence, time, data, inferred }));
  const byAddress = placesByAddress(placed);
  const subnets = [...evidence.subnets.keys()].flatMap((id) => knownAt(evidence.subnets, id, time) ?? []);
  const { members, unsettled } = memberships(
    present.map(({ data }) => data),
    evidence,
    time,
  );
  return {
    interfaces: placed,
    addresses: AddressSet.ofAddresses(placed.flatMap((place) => place.addresses)),
    unsettledMembers: unsettled,
    members,
    membersOf: (group) => members.get(group.toLowerCase()) ?? AddressSet.none,
    reachedThrough: ({ routes }, peer) => types.get(addressKey(peer)) ?? routeTo(routes ?? [], peer)?.nextHop ?? null,
    subnetOf: (address, place) => subnetOf(address, place, subnets),
    interfacesOf: (address) => byAddress.get(addressKey(address)) ?? [],
    interfacesNamed: (name) => placesNamed(placed, name),
  };
}

function subnetOf(address: Address, { network }: PlacedInterface, subnets: readonly SubnetFacts[]): ResourceId | null {
  const holds = (prefix: string) => {
    const parsed = parsePrefix(prefix);
    return parsed !== null && contains(parsed, address);
  };
  const own = subnets.filter((subnet) => network !== null && sameId(subnet.network, network.id));
  return own.find(({ addressPrefixes }) => addressPrefixes.some(holds))?.subnet ?? null;
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
