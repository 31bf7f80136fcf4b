// Sorts control events by what they tell of networks: a timeline for every interface, subnet, network, route table, for
// the groups at every gate, and for memberships. It concludes nothing; topology does.

import type {
  AssociationWritten,
  ConnectedSpaceSeen,
  ControlEvent,
  InterfaceSeen,
  PublicAddressSeen,
  RecordedEvent,
  ResourceId,
  RouteTableSeen,
  SubnetShown,
  VirtualNetworkSeen,
} from "../event.js";
import { groupBy } from "../grouping.js";
import { bodyOf, joinOperations, type Operation } from "../policy/operation.js";
import { currentSnapshots, type SnapshotEvent } from "../policy/snapshot-evidence.js";
import { beginningOfTime, type Micros } from "../time.js";
import { type AssociatedSubnets, associatedSubnets } from "./association-id.js";
import { changedInterfaces } from "./interface-addresses.js";
import { type MachineInterfaces, machineInterfaces } from "./machine-interfaces.js";
import { factOf, type Known, known, type Timeline, type TimelineFact, timeline, unknown } from "./timeline.js";

export type SubnetFacts = SubnetShown & { readonly network: ResourceId };

/** By lower-case id; of memberships by interface and address. */
export type Timelines<T> = ReadonlyMap<string, Timeline<T>>;

export type NetworkEvidence = {
  readonly boundaries: readonly Micros[];
  readonly interfaces: Timelines<InterfaceSeen["data"]>;
  readonly networks: Timelines<VirtualNetworkSeen["data"]>;
  readonly subnets: Timelines<SubnetFacts>;
  readonly routeTables: Timelines<RouteTableSeen["data"]>;
  readonly publicAddresses: Timelines<PublicAddressSeen["data"]>;
  readonly connectedSpaces: Timelines<ConnectedSpaceSeen["data"]>;
  readonly interfaceGroups: Timelines<readonly ResourceId[]>;
  readonly subnetGroups: Timelines<readonly ResourceId[]>;
  readonly networkAcls: Timelines<readonly ResourceId[]>;
  /** By group of security admin rules and virtual network that it binds. */
  readonly adminGroups: Timelines<readonly ResourceId[]>;
  readonly memberships: Timelines<readonly ResourceId[]>;
};

type Kind = Exclude<keyof NetworkEvidence, "boundaries">;
type Entry = { readonly kind: Kind; readonly subject: string; readonly fact: TimelineFact<unknown> };

export function networkEvidence(events: readonly ControlEvent[]): NetworkEvidence {
  const operations = joinOperations(events);
  const snapshots = currentSnapshots(events);
  const targets = { machines: machineInterfaces(snapshots), subnets: associatedSubnets(snapshots, operations) };
  const edits = operations.flatMap((operation) => entriesOfEdit(operation, targets));
  const readdressed = changedInterfaces(snapshots, operations).map(entryOfChanged);
  const entries = [...snapshots.flatMap(entriesOfSnapshot), ...edits, ...readdressed];
  const all = [...entries, ...removals(operations, entries, targets)];
  const of = (kind: Kind) => {
    const bySubject = groupBy(
      all.filter((entry) => entry.kind === kind),
      ({ subject }) => subject.toLowerCase(),
    );
    const sorted = [...bySubject].sort((a, b) => (a[0] < b[0] ? -1 : 1));
    return new Map(sorted.map(([subject, list]) => [subject, timeline(list.map(({ fact }) => fact))])) as never;
  };
  return {
    boundaries: [...new Set(all.map(({ fact }) => fact.time))]
      .filter((time) => time !== beginningOfTime)
      .sort((a, b) => a - b),
    interfaces: of("interfaces"),
    networks: of("networks"),
    subnets: of("subnets"),
    routeTables: of("routeTables"),
    publicAddresses: of("publicAddresses"),
    connectedSpaces: of("connectedSpaces"),
    interfaceGroups: of("interfaceGroups"),
    subnetGroups: of("subnetGroups"),
    networkAcls: of("networkAcls"),
    adminGroups: of("adminGroups"),
    memberships: of("memberships"),
  };
}

/** The key of an address of an interface among the memberships. */
export function membershipKey(id: ResourceId, address: string): string {
  return `${id} ${address}`.toLowerCase();
}

/** Of admin rules and a network that they bind; several may bind one. */
function adminKey(group: ResourceId, network: ResourceId): string {
  return `${group} ${network}`;
}

/** The admin rules that bind a network. */
export function adminTimelines(
  { adminGroups }: NetworkEvidence,
  network: ResourceId,
): Timeline<readonly ResourceId[]>[] {
  const binding = [...adminGroups].filter(([key]) => key.endsWith(adminKey("", network).toLowerCase()));
  return binding.map(([, history]) => history);
}

function entriesOfSnapshot(event: SnapshotEvent): Entry[] {
  switch (event.type) {
    case "interface-seen":
      return entriesOfInterface(event);
    case "virtual-network-seen":
      return entriesOfNetwork(event);
    case "subnet-seen":
      return entriesOfSubnet(event, event.data);
    case "security-group-seen":
      return entriesOfGroup(event);
    case "route-table-seen":
      return [seen("routeTables", event.data.routeTable, event)];
    case "public-address-seen":
      return [seen("publicAddresses", event.data.publicAddress, event)];
    case "connected-space-seen":
      return [seen("connectedSpaces", `${event.data.network} ${event.data.gateway}`, event)];
    default:
      return [];
  }
}

function seen(kind: Kind, subject: string, event: SnapshotEvent): Entry {
  const begins = "begins" in event.data && event.data.begins === true;
  return { kind, subject, fact: factOf(event, "snapshot", known(event.data), begins) };
}

function shown(kind: Kind, subject: string, event: SnapshotEvent, groups: readonly ResourceId[]): Entry {
  return { kind, subject, fact: factOf(event, "snapshot", known(groups)) };
}

function claimed(kind: Kind, subject: string, event: SnapshotEvent, value: unknown): Entry {
  return { kind, subject, fact: factOf(event, "claim", known(value)) };
}

function only(group: ResourceId | null): readonly ResourceId[] {
  return group === null ? [] : [group];
}

function entriesOfInterface(event: Extract<SnapshotEvent, { type: "interface-seen" }>): Entry[] {
  const { data } = event;
  const members = data.addresses.map(({ address, applicationSecurityGroups }) =>
    shown("memberships", membershipKey(data.interface, address), event, applicationSecurityGroups),
  );
  const groups = shown("interfaceGroups", data.interface, event, data.groups ?? only(data.group));
  return [seen("interfaces", data.interface, event), groups, ...members];
}

function entriesOfNetwork(event: Extract<SnapshotEvent, { type: "virtual-network-seen" }>): Entry[] {
  const { network, subnets } = event.data;
  const own = subnets.flatMap((subnet) => entriesOfSubnet(event, { ...subnet, network }));
  return [seen("networks", network, event), ...own];
}

function entriesOfSubnet(event: SnapshotEvent, data: SubnetFacts): Entry[] {
  const begins = "begins" in event.data && event.data.begins === true;
  const facts = factOf(event, "snapshot", known(data), begins);
  const subnet: Entry = { kind: "subnets", subject: data.subnet, fact: facts };
  return [subnet, shown("subnetGroups", data.subnet, event, only(data.group))];
}

function entriesOfGroup(event: Extract<SnapshotEvent, { type: "security-group-seen" }>): Entry[] {
  const { group, kind, subnets, interfaces, networks = [] } = event.data;
  switch (kind) {
    case "security-admin":
      return networks.map((network) => claimed("adminGroups", adminKey(group, network), event, [group]));
    case "network-acl":
      return subnets.map((subnet) => claimed("networkAcls", subnet, event, [group]));
    case "security-group":
      return [];
    default:
      return [
        ...subnets.map((subnet) => claimed("subnetGroups", subnet, event, [group])),
        ...interfaces.map((id) => claimed("interfaceGroups", id, event, [group])),
      ];
  }
}

function entryOfChanged(fact: TimelineFact<InterfaceSeen["data"]>): Entry {
  return { kind: "interfaces", subject: fact.state.is === "known" ? fact.state.value.interface : "", fact };
}

/** What stands for a target that a record does not name. */
type Targets = { readonly machines: MachineInterfaces; readonly subnets: AssociatedSubnets };

function entriesOfEdit(operation: Operation, targets: Targets): Entry[] {
  const { outcome } = operation;
  switch (outcome.type) {
    case "association-written": {
      const groups = bodyOf(operation, (data) => ("groups" in data ? data.groups : null));
      const subjects = subjectsOf(outcome, targets);
      const state = edited(operation, groups);
      const fact = subjects.length === 1 ? state : { ...state, state: unknown(oneOfSeveral) };
      return subjects.map((subject) => ({ kind: gateKinds[outcome.data.gate], subject, fact }));
    }
    case "membership-written": {
      const { interface: id, address } = outcome.data;
      const groups = bodyOf(operation, (data) =>
        "applicationSecurityGroups" in data ? data.applicationSecurityGroups : null,
      );
      return [{ kind: "memberships", subject: membershipKey(id, address), fact: edited(operation, groups) }];
    }
    default:
      return [];
  }
}

const oneOfSeveral = "the groups of one of its machine's interfaces were changed, and the record does not say of which";

function subjectsOf({ data, time }: RecordedEvent<AssociationWritten>, { machines, subnets }: Targets) {
  if (data.gate === "network-acl") return [subnets.get(data.target.toLowerCase()) ?? data.target];
  const own = machines.of(data.target, time);
  return own.length > 0 ? own : [data.target];
}

const gateKinds = { interface: "interfaceGroups", subnet: "subnetGroups", "network-acl": "networkAcls" } as const;

function edited(operation: Operation, groups: readonly ResourceId[] | null): TimelineFact<readonly ResourceId[]> {
  const state: Known<readonly ResourceId[]> =
    groups === null ? unknown("it was changed, and the record does not say to what") : known(groups);
  return factOf(operation.outcome, "edit", state);
}

/** A resource that was deleted is there no more, whatever kind of resource it is; nor do a machine's interfaces work on. */
function removals(operations: readonly Operation[], entries: readonly Entry[], { machines }: Targets): Entry[] {
  const resources: readonly Kind[] = ["interfaces", "networks", "subnets", "routeTables", "publicAddresses"];
  const known = new Map(
    entries.filter(({ kind }) => resources.includes(kind)).map(({ kind, subject }) => [subject.toLowerCase(), kind]),
  );
  return operations.flatMap(({ outcome }): Entry[] => {
    if (outcome.type !== "resource-removed") return [];
    const { resource } = outcome.data;
    return [resource, ...machines.of(resource, outcome.time)].flatMap((subject) => {
      const kind = known.get(subject.toLowerCase());
      return kind === undefined ? [] : [{ kind, subject, fact: factOf(outcome, "edit", { is: "absent" }) }];
    });
  });
}
