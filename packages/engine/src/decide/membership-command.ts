// Making application security groups, and what the addresses of an interface are members of.

import type { ResourceId } from "../event.js";
import { azureLimits, isAzureName } from "../policy/azure-limits.js";
import { nameOfId, sameId } from "../resource-id.js";
import { compareAddresses, parseAddress } from "../wire/address.js";
import { alreadySo, type ControlState, type Decided, decided, refused } from "./decided.js";
import { done } from "./group-command.js";
import type { InterfaceNamed } from "./interface-command.js";
import type { Named } from "./inventory.js";
import { isRefusal, type Refusal } from "./refusal.js";
import { newId, resolve } from "./resolve.js";
import { tooMany } from "./rule-text.js";

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
  return decided(state, [{ type: "membership-written", data }]);
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
