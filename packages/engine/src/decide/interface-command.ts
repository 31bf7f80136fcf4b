// Making and removing an interface, and its TCP state tracking.

import type { InterfaceAddress, InterfaceSeen, ResourceId } from "../event.js";
import { isAzureName } from "../policy/azure-limits.js";
import { nameOfId, sameId } from "../resource-id.js";
import { alreadySo, type ControlState, type Decided, decided, refused } from "./decided.js";
import { done } from "./group-command.js";
import { readInterfaceAddresses } from "./interface-address.js";
import type { KnownGroup, KnownInterface, Named } from "./inventory.js";
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
  const addresses = readInterfaceAddresses(command.addresses, { subnet, inventory, except: same ?? null });
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
