// The resources that exist at an instant and what they look like then, for commands to be decided against. What was
// first seen later was there before, unless the evidence says that it was made then. It judges no packet.

import type {
  ControlEvent,
  GroupKind,
  InterfaceAddress,
  InterfaceSeen,
  ResourceId,
  Setting,
  SubnetShown,
} from "../event.js";
import type { PolicyHistory } from "../policy/policy-history.js";
import type { Micros } from "../time.js";
import {
  type Evidence,
  evidenceAt,
  latestEdit,
  type Named,
  type Shown,
  sameId,
  settingAt,
  shown,
} from "./sightings.js";

export type ResourceKind =
  | "group"
  | "interface"
  | "subnet"
  | "network"
  | "application security group"
  | "just-in-time policy";

export type KnownGroup = Named & { readonly kind: GroupKind };

export type KnownInterface = Named & {
  readonly machine: ResourceId | null;
  readonly addresses: readonly InterfaceAddress[];
  /** Azure: one at most. */
  readonly groups: readonly ResourceId[];
};

export type KnownSubnet = Named & {
  /** Null: nobody has shown them. */
  readonly addressPrefixes: readonly string[] | null;
  readonly groups: readonly ResourceId[];
};

export type KnownNetwork = Named & { readonly addressPrefixes: readonly string[] };

export type Inventory = {
  readonly groups: readonly KnownGroup[];
  readonly interfaces: readonly KnownInterface[];
  readonly subnets: readonly KnownSubnet[];
  readonly networks: readonly KnownNetwork[];
  readonly applicationGroups: readonly Named[];
  /** Undefined: nobody has said. */
  setting(resource: ResourceId, setting: Setting): boolean | number | null | undefined;
};

/** The last part of an id, which is its name. */
export function nameOfId(id: ResourceId): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

export function takeInventory(events: readonly ControlEvent[], policy: PolicyHistory, at: Micros): Inventory {
  const evidence = evidenceAt(events, at);
  const interfaces = shown(evidence, readInterface).map((seen) => withEdits(seen, evidence));
  const subnets = [...shown(evidence, readSubnets), ...mentionedSubnets(interfaces)];
  const applicationGroups = [...shown(evidence, readApplicationGroup), ...mentionedApplicationGroups(interfaces)];
  return {
    interfaces,
    groups: knownGroups(evidence, policy),
    subnets: unique(subnets).map((seen) => ({ ...seen, groups: groupsAt(seen, evidence) })),
    networks: shown(evidence, readNetwork),
    applicationGroups: unique(applicationGroups),
    setting: (resource, setting) => settingAt(evidence, resource, setting),
  };
}

/** The groups that were put there since it was seen, else those that it was seen with. */
function groupsAt(seen: Shown & { readonly groups: readonly ResourceId[] }, evidence: Evidence): readonly ResourceId[] {
  const written = latestEdit(evidence, seen, (event) =>
    event.type === "association-written" && sameId(event.data.target, seen.id) ? event.data.groups : null,
  );
  return written ?? seen.groups;
}

function readInterface(event: ControlEvent): KnownInterface[] {
  return event.type === "interface-seen" ? [interfaceOf(event.data)] : [];
}

function interfaceOf({ interface: id, name, machine, addresses, group, groups }: InterfaceSeen["data"]) {
  return { id, name, machine, addresses, groups: groups ?? (group === null ? [] : [group]) };
}

function withEdits(seen: KnownInterface & Shown, evidence: Evidence): KnownInterface {
  const addresses = seen.addresses.map((own) => {
    const written = latestEdit(evidence, seen, (event) =>
      event.type === "membership-written" && sameId(event.data.interface, seen.id) && event.data.address === own.address
        ? event.data.applicationSecurityGroups
        : null,
    );
    return written === null ? own : { ...own, applicationSecurityGroups: written };
  });
  return { ...seen, addresses, groups: groupsAt(seen, evidence) };
}

function readNetwork(event: ControlEvent): KnownNetwork[] {
  if (event.type !== "virtual-network-seen") return [];
  const { network, name, addressPrefixes } = event.data;
  return [{ id: network, name, addressPrefixes }];
}

function readSubnets(event: ControlEvent): KnownSubnet[] {
  if (event.type === "subnet-seen") return [subnetOf(event.data)];
  return event.type === "virtual-network-seen" ? event.data.subnets.map(subnetOf) : [];
}

function subnetOf({ subnet, name, addressPrefixes, group }: SubnetShown): KnownSubnet {
  return { id: subnet, name, addressPrefixes, groups: group === null ? [] : [group] };
}

/** Subnets of interfaces whose virtual network nobody has shown. */
function mentionedSubnets(interfaces: readonly KnownInterface[]): (KnownSubnet & Shown)[] {
  const ids = interfaces.flatMap(({ addresses }) => addresses.flatMap(({ subnet }) => subnet ?? []));
  return ids.map((id) => ({ id, name: nameOfId(id), addressPrefixes: null, groups: [], since: 0 as Micros }));
}

function readApplicationGroup(event: ControlEvent): Named[] {
  if (event.type !== "application-security-group-seen") return [];
  return [{ id: event.data.group, name: event.data.name }];
}

function mentionedApplicationGroups(interfaces: readonly KnownInterface[]): Named[] {
  const addresses = interfaces.flatMap((known) => known.addresses);
  return addresses.flatMap((own) => own.applicationSecurityGroups.map((id) => ({ id, name: nameOfId(id) })));
}

/** Groups that were shown, and those that only edits name. */
function knownGroups(evidence: Evidence, policy: PolicyHistory): KnownGroup[] {
  const everShown = new Set<string>();
  const known = shown<KnownGroup>(evidence, (event) => {
    if (event.type !== "security-group-seen") return [];
    everShown.add(event.data.group.toLowerCase());
    return [{ id: event.data.group, name: event.data.name, kind: event.data.kind ?? "network-security-group" }];
  });
  const edited = [...policy.groups.values()].filter(({ group }) => !everShown.has(group.toLowerCase()));
  return [
    ...known,
    ...edited.map(({ group, name }): KnownGroup => ({ id: group, name, kind: "network-security-group" })),
  ];
}

function unique<T extends Named>(list: readonly T[]): T[] {
  const found = new Map<string, T>();
  for (const known of list) if (!found.has(known.id.toLowerCase())) found.set(known.id.toLowerCase(), known);
  return [...found.values()];
}
