// Making and removing an interface, its TCP state tracking, and the application security groups of its addresses.

import type { ControlFact, InterfaceAddress, InterfaceSeen, ResourceId } from "../event.js";
import { azureLimits, isAzureName } from "../policy/azure-limits.js";
import {
  type Address,
  compareAddresses,
  contains,
  formatAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
} from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import { alreadySo, type ControlState, type Decided, decided, refused } from "./decided.js";
import { done } from "./group-command.js";
import { type KnownGroup, type KnownInterface, type KnownSubnet, type Named, nameOfId, sameId } from "./inventory.js";
import { isRefusal, type Refusal } from "./refusal.js";
import { newId, resolve } from "./resolve.js";
import { tooMany } from "./rule-text.js";

export type AddInterface = {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly subnet: string;
  /** Azure: one at most. */
  readonly groups: readonly string[];
  readonly machine: ResourceId | null;
};

export function addInterface(state: ControlState, command: AddInterface): Decided {
  const { inventory } = state;
  const id = newId("interface", command.name);
  if (!isAzureName(nameOfId(id))) return refused({ refused: "bad-name", name: command.name });
  const subnet = resolve(inventory.subnets, "subnet", command.subnet);
  if (isRefusal(subnet)) return refused(subnet);
  const groups = resolveAll(command.groups, inventory.groups);
  if (isRefusal(groups)) return refused(groups);
  const same = inventory.interfaces.find((known) => sameId(known.id, id) || sameId(known.name, nameOfId(id)));
  const addresses = readAddresses(command.addresses, { subnet, inventory, except: same ?? null });
  if (isRefusal(addresses)) return refused(addresses);
  const made = { id, name: nameOfId(id), machine: command.machine, groups, addresses };
  if (same !== undefined)
    return looksLike(same, made) ? alreadySo : refused({ refused: "exists", kind: "interface", id: same.id });
  return decided(state, [{ type: "interface-seen", data: interfaceData(made) }]);
}

function resolveAll(names: readonly string[], known: readonly KnownGroup[]): readonly KnownGroup[] | Refusal {
  const groups = names.map((name) => resolve(known, "group", name));
  const refusal = groups.find(isRefusal);
  if (refusal !== undefined) return refusal;
  const found = groups as readonly KnownGroup[];
  const wrong = found.find(({ kind }) => kind !== "network-security-group" && kind !== "security-group");
  if (wrong !== undefined) return { refused: "wrong-kind", group: wrong.name, kind: wrong.kind };
  const isAws = found.some(({ kind }) => kind === "security-group");
  return tooMany("groups at an interface or subnet", found.length, isAws ? 16 : 1) ?? found;
}

type Made = Named & {
  readonly machine: ResourceId | null;
  readonly groups: readonly KnownGroup[];
  readonly addresses: readonly InterfaceAddress[];
};

function looksLike(known: KnownInterface, made: Made): boolean {
  const shape = (groups: readonly ResourceId[], { machine, addresses }: Pick<Made, "machine" | "addresses">) =>
    JSON.stringify([machine, groups, addresses.map(({ address, subnet }) => [address, subnet])]).toLowerCase();
  return (
    shape(known.groups, known) ===
    shape(
      made.groups.map(({ id }) => id),
      made,
    )
  );
}

function interfaceData({ id, name, machine, groups, addresses }: Made): InterfaceSeen["data"] {
  const isAws = groups.some(({ kind }) => kind === "security-group");
  const ids = groups.map((group) => group.id);
  const standing = isAws ? { group: null, groups: ids, platform: "aws" as const } : { group: ids[0] ?? null };
  const rest = { macAddress: null, disableTcpStateTracking: null, instant: "stated", begins: true } as const;
  return { interface: id, name, machine, addresses, ...standing, ...rest };
}

type Place = {
  readonly subnet: KnownSubnet;
  readonly inventory: ControlState["inventory"];
  /** Its addresses are its own. */
  readonly except: KnownInterface | null;
};

function readAddresses(texts: readonly string[], place: Place): readonly InterfaceAddress[] | Refusal {
  const read = texts.map((text) => readAddress(text, place));
  const refusal = read.find(isRefusal);
  if (refusal !== undefined) return refusal;
  return (read as readonly Address[]).map((address) => ({
    address: formatAddress(address),
    subnet: place.subnet.id,
    publicAddress: null,
    applicationSecurityGroups: [],
  }));
}

function readAddress(text: string, place: Place): Address | Refusal {
  const address = parseAddress(text);
  if (address === null) return { refused: "bad-field", field: "interface address", text };
  return subnetRefusal(address, place.subnet) ?? takenRefusal(address, place) ?? address;
}

function subnetRefusal(address: Address, { id, addressPrefixes }: KnownSubnet): Refusal | null {
  const prefixes = addressPrefixes?.flatMap((text) => parsePrefix(text) ?? []) ?? [];
  if (prefixes.length === 0) return null;
  const text = formatAddress(address);
  const own = prefixes.find((prefix) => contains(prefix, address));
  if (own === undefined) {
    return { refused: "address-outside-subnet", address: text, subnet: id, prefixes: addressPrefixes ?? [] };
  }
  return isReserved(address, own) ? { refused: "address-reserved", address: text, subnet: id } : null;
}

/** The first four addresses of a subnet and the last are the platform's [A17]. */
function isReserved(address: Address, prefix: Prefix): boolean {
  const range = AddressSet.ofPrefixes([prefix]).ranges[0]!;
  const offset = address[3] - range.first[3];
  const isFirst = compareAddresses(address, [range.first[0], range.first[1], range.first[2], address[3]]) === 0;
  return (isFirst && offset < azureLimits.reservedFirstAddresses) || compareAddresses(address, range.last) === 0;
}

/** Networks may overlap; in one subnet an address is one interface's. */
function takenRefusal(address: Address, { subnet, inventory, except }: Place): Refusal | null {
  const text = formatAddress(address);
  const holds = (known: KnownInterface) =>
    known.addresses.some((own) => own.address === text && own.subnet !== null && sameId(own.subnet, subnet.id));
  const by = inventory.interfaces.find((known) => known.id !== except?.id && holds(known));
  return by === undefined ? null : { refused: "address-taken", address: text, by: by.id };
}

export type InterfaceNamed = { readonly interface: string };

export function removeInterface(state: ControlState, command: InterfaceNamed): Decided {
  const found = resolve(state.inventory.interfaces, "interface", command.interface);
  if (isRefusal(found)) return refused(found);
  return decided(state, [{ type: "resource-removed", data: { ...done, resource: found.id } }]);
}

export type SetTracking = InterfaceNamed & { readonly tracking: boolean };

export function setTcpStateTracking(state: ControlState, command: SetTracking): Decided {
  const found = resolve(state.inventory.interfaces, "interface", command.interface);
  if (isRefusal(found)) return refused(found);
  const value = !command.tracking;
  if ((state.inventory.setting(found.id, "disableTcpStateTracking") ?? false) === value) return alreadySo;
  const data = { ...done, resource: found.id, setting: "disableTcpStateTracking", value } as const;
  return decided(state, [{ type: "setting-written", data }]);
}

export type AddApplicationGroup = { readonly name: string };

export function addApplicationGroup(state: ControlState, { name }: AddApplicationGroup): Decided {
  const id = newId("application security group", name);
  if (!isAzureName(nameOfId(id))) return refused({ refused: "bad-name", name });
  if (state.inventory.applicationGroups.some((known) => sameId(known.id, id))) return alreadySo;
  const data = { group: id, name: nameOfId(id), instant: "stated" } as const;
  return decided(state, [{ type: "application-security-group-seen", data }]);
}

export type SetMembership = InterfaceNamed & {
  readonly address: string;
  /** All that it is a member of from now on. */
  readonly groups: readonly string[];
};

export function setMembership(state: ControlState, command: SetMembership): Decided {
  const { interfaces, applicationGroups } = state.inventory;
  const found = resolve(interfaces, "interface", command.interface);
  if (isRefusal(found)) return refused(found);
  const own = found.addresses.find(({ address }) => sameAddress(address, command.address));
  if (own === undefined) {
    const known = found.addresses.map(({ address }) => address);
    return refused({ refused: "unknown-address", address: command.address, interface: found.name, known });
  }
  const groups = command.groups.map((name) => resolve(applicationGroups, "application security group", name));
  const refusal = groups.find(isRefusal) ?? tooManyGroups(groups.length);
  if (refusal !== null) return refused(refusal);
  const ids = [...new Set((groups as readonly Named[]).map(({ id }) => id))];
  if (sameSet(ids, own.applicationSecurityGroups)) return alreadySo;
  const data = { ...done, interface: found.id, address: own.address, applicationSecurityGroups: ids };
  const fact: ControlFact = { type: "membership-written", data };
  return decided(state, [fact]);
}

function tooManyGroups(count: number): Refusal | null {
  return tooMany("application security groups of an address", count, azureLimits.applicationGroupsOfAddress);
}

function sameAddress(a: string, b: string): boolean {
  const [one, other] = [parseAddress(a), parseAddress(b)];
  return one !== null && other !== null && compareAddresses(one, other) === 0;
}

function sameSet(a: readonly ResourceId[], b: readonly ResourceId[]): boolean {
  const text = (ids: readonly ResourceId[]) => JSON.stringify(ids.map((id) => id.toLowerCase()).sort());
  return text(a) === text(b);
}
