// Making a security group, putting it before an interface or a subnet and taking it away, its flush switch.

import type { AssociationWritten, OperationRecord, ResourceId, SecurityGroupSeen } from "../event.js";
import { isAzureName } from "../policy/azure-limits.js";
import { nameOfId, sameId } from "../resource-id.js";
import { alreadySo, type ControlState, type Decided, decided, type Remark, refused } from "./decided.js";
import type { Named } from "./inventory.js";
import { isRefusal, type Refusal } from "./refusal.js";
import { newId, resolve } from "./resolve.js";

/** How an edit by hand stands in the log: done, and tied to others by its correlation id alone. */
export const done: OperationRecord = { phase: "succeeded", operationId: null, effect: null };

export type AddGroup = { readonly name: string; readonly flush: boolean };

export function addGroup(state: ControlState, { name, flush }: AddGroup): Decided {
  const id = newId("group", name);
  if (!isAzureName(nameOfId(id))) return refused({ refused: "bad-name", name });
  const same = state.inventory.groups.find((group) => sameId(group.id, id) || sameId(group.name, name));
  if (same !== undefined) return sameFlush(state, same, flush) ? alreadySo : refused(exists(same.id));
  return decided(state, [{ type: "security-group-seen", data: madeGroup(id, flush) }]);
}

function exists(id: ResourceId): Refusal {
  return { refused: "exists", kind: "group", id };
}

function sameFlush({ inventory }: ControlState, { id }: Named, flush: boolean): boolean {
  return (inventory.setting(id, "flushConnection") ?? false) === flush;
}

function madeGroup(id: ResourceId, flushConnection: boolean): SecurityGroupSeen["data"] {
  const empty = { rules: [], defaultRules: [], subnets: [], interfaces: [] };
  return { group: id, name: nameOfId(id), ...empty, flushConnection, instant: "stated", begins: true };
}

export type SetGroupFlush = { readonly group: string; readonly flush: boolean };

export function setGroupFlush(state: ControlState, { group: name, flush }: SetGroupFlush): Decided {
  const group = resolve(state.inventory.groups, "group", name);
  if (isRefusal(group)) return refused(group);
  if (group.kind !== "network-security-group") {
    return refused({ refused: "wrong-kind", group: group.name, kind: group.kind });
  }
  if (state.inventory.setting(group.id, "flushConnection") === flush) return alreadySo;
  const data = { ...done, resource: group.id, setting: "flushConnection", value: flush } as const;
  return decided(state, [{ type: "setting-written", data }]);
}

/** The interface or subnet, as the person names it. */
export type GateTarget = { readonly gate: "interface" | "subnet"; readonly name: string };

type Target = Named & { readonly gate: AssociationWritten["data"]["gate"]; readonly groups: readonly ResourceId[] };

function findTarget({ inventory }: ControlState, { gate, name }: GateTarget): Target | Refusal {
  const found =
    gate === "interface"
      ? resolve(inventory.interfaces, "interface", name)
      : resolve(inventory.subnets, "subnet", name);
  return isRefusal(found) ? found : { ...found, gate };
}

export type AssociateGroup = { readonly group: string; readonly target: GateTarget };

/** Azure: one group at an interface or subnet, so it takes the place of another; AWS: it joins those that are there. */
export function associateGroup(state: ControlState, command: AssociateGroup): Decided {
  const group = resolve(state.inventory.groups, "group", command.group);
  if (isRefusal(group)) return refused(group);
  const target = findTarget(state, command.target);
  if (isRefusal(target)) return refused(target);
  const isAws = group.kind === "security-group";
  if (!isAws && group.kind !== "network-security-group") return refused(wrongKind(group.name, group.kind));
  if (isAws && target.gate === "subnet") return refused(wrongKind(group.name, group.kind));
  if (target.groups.some((id) => sameId(id, group.id)) && (isAws || target.groups.length === 1)) return alreadySo;
  const groups = isAws ? [...target.groups, group.id] : [group.id];
  return writeAssociation(state, target, groups);
}

function wrongKind(group: string, kind: "security-group" | "network-acl" | "security-admin"): Refusal {
  return { refused: "wrong-kind", group, kind };
}

export type DissociateGroups = { readonly target: GateTarget };

export function dissociateGroups(state: ControlState, command: DissociateGroups): Decided {
  const target = findTarget(state, command.target);
  if (isRefusal(target)) return refused(target);
  return target.groups.length === 0 ? alreadySo : writeAssociation(state, target, []);
}

function writeAssociation(state: ControlState, target: Target, groups: readonly ResourceId[]): Decided {
  const gone = target.groups.filter((id) => !groups.some((kept) => sameId(kept, id)));
  const remarks: Remark[] =
    gone.length > 0 && groups.length > 0
      ? [{ remark: "replaced", gate: target.gate, target: target.id, groups: gone }]
      : [];
  const data = { ...done, gate: target.gate, target: target.id, groups };
  return decided(state, [{ type: "association-written", data }], remarks);
}
