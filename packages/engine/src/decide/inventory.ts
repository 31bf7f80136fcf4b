// The resources that exist at an instant and what they look like then, for commands to be decided against. What was
// first seen later was there before, unless the evidence says that it was made then. It judges no packet.

import type { ControlEvent, GroupKind, InterfaceAddress, ResourceId, Setting } from "../event.js";
import { membershipKey, type NetworkEvidence, networkEvidence, type Timelines } from "../network/network-evidence.js";
import { knownAt } from "../network/network-space.js";
import type { PolicyHistory } from "../policy/policy-history.js";
import type { RuleSet } from "../policy/rule-set.js";
import { type SettingValue, settingsHistory } from "../policy/setting-history.js";
import { nameOfId } from "../resource-id.js";
import type { Micros } from "../time.js";

export type ResourceKind =
  | "group"
  | "interface"
  | "subnet"
  | "network"
  | "application security group"
  | "machine"
  | "just-in-time policy";

/** What every resource has: the id as the evidence writes it, and the name that people use. */
export type Named = { readonly id: ResourceId; readonly name: string };

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
  /** Undefined: nobody has said, or not for sure. */
  setting(resource: ResourceId, setting: Setting): SettingValue | undefined;
};

export function takeInventory(events: readonly ControlEvent[], policy: PolicyHistory, at: Micros): Inventory {
  const evidence = networkEvidence(events);
  const settings = settingsHistory(events);
  const interfaces = knownInterfaces(evidence, at);
  return {
    interfaces,
    groups: knownGroups(policy, at),
    subnets: unique([...shownSubnets(evidence, at), ...mentionedSubnets(interfaces)]),
    networks: present(evidence.networks, at).map(({ network: id, name, addressPrefixes }) => ({
      id,
      name,
      addressPrefixes,
    })),
    applicationGroups: unique([...events.flatMap(shownApplicationGroup), ...mentionedApplicationGroups(interfaces)]),
    setting(resource, setting) {
      const state = settings.settingAt(resource, setting, at);
      return state.is === "known" ? state.value : undefined;
    },
  };
}

function present<T>(timelines: Timelines<T>, at: Micros): T[] {
  return [...timelines.keys()].flatMap((id) => knownAt(timelines, id, at) ?? []);
}

function knownInterfaces(evidence: NetworkEvidence, at: Micros): KnownInterface[] {
  return present(evidence.interfaces, at).map(({ interface: id, name, machine, addresses }) => ({
    id,
    name,
    machine,
    addresses: addresses.map((own) => {
      const written = knownAt(evidence.memberships, membershipKey(id, own.address), at);
      return { ...own, applicationSecurityGroups: written ?? own.applicationSecurityGroups };
    }),
    groups: knownAt(evidence.interfaceGroups, id, at) ?? [],
  }));
}

function shownSubnets(evidence: NetworkEvidence, at: Micros): KnownSubnet[] {
  return present(evidence.subnets, at).map(({ subnet: id, name, addressPrefixes }) => ({
    id,
    name,
    addressPrefixes,
    groups: knownAt(evidence.subnetGroups, id, at) ?? [],
  }));
}

/** Subnets of interfaces whose virtual network nobody has shown. */
function mentionedSubnets(interfaces: readonly KnownInterface[]): KnownSubnet[] {
  const ids = interfaces.flatMap(({ addresses }) => addresses.flatMap(({ subnet }) => subnet ?? []));
  return ids.map((id) => ({ id, name: nameOfId(id), addressPrefixes: null, groups: [] }));
}

function shownApplicationGroup({ type, data }: ControlEvent): Named[] {
  return type === "application-security-group-seen" ? [{ id: data.group, name: data.name }] : [];
}

function mentionedApplicationGroups(interfaces: readonly KnownInterface[]): Named[] {
  const addresses = interfaces.flatMap((known) => known.addresses);
  return addresses.flatMap((own) => own.applicationSecurityGroups.map((id) => ({ id, name: nameOfId(id) })));
}

function knownGroups({ groups }: PolicyHistory, at: Micros): KnownGroup[] {
  const there = [...groups.values()].filter((history) => isThere(history.ruleSetAt(at)));
  return there.map(({ group, name, kind }) => ({ id: group, name, kind }));
}

/** A group that is there has default rules at least; security admin rules have none. */
export function isThere({ versions, kind }: RuleSet): boolean {
  return versions.length > 0 || kind === "security-admin";
}

function unique<T extends Named>(list: readonly T[]): T[] {
  const found = new Map<string, T>();
  for (const known of list) if (!found.has(known.id.toLowerCase())) found.set(known.id.toLowerCase(), known);
  return [...found.values()];
}
