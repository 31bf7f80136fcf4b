// Finds the resource that a person means: by its full id, else by its name, whatever the case.

import type { ResourceId } from "../event.js";
import { sameId } from "../resource-id.js";
import type { Named, ResourceKind } from "./inventory.js";
import type { Refusal } from "./refusal.js";

/** Several of one name are a refusal that lists them. */
export function resolve<T extends Named>(known: readonly T[], kind: ResourceKind, name: string): T | Refusal {
  const byId = known.find(({ id }) => sameId(id, name));
  const named = byId === undefined ? known.filter((one) => sameId(one.name, name)) : [byId];
  if (named.length > 1) return { refused: "ambiguous-name", kind, name, ids: named.map(({ id }) => id) };
  return named[0] ?? { refused: "unknown-resource", kind, name, known: known.map((one) => one.name).sort() };
}

const folders: { readonly [kind in ResourceKind]: string } = {
  group: "networkSecurityGroups",
  interface: "networkInterfaces",
  subnet: "subnets",
  network: "virtualNetworks",
  "application security group": "applicationSecurityGroups",
  machine: "virtualMachines",
  "just-in-time policy": "jitNetworkAccessPolicies",
};

/** An id for a resource that a command makes: readable, and like no cloud's. A full id is taken as it is. */
export function newId(kind: ResourceKind, name: string): ResourceId {
  return name.includes("/") ? name : `local/${folders[kind]}/${name}`;
}
