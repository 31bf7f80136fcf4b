// What decisions and findings about just-in-time access rest on, from the control events in whatever order they came.

import type { ControlState } from "../decide/decided.js";
import type { Named } from "../decide/inventory.js";
import type { AccessPolicyMachine, ControlEvent, ResourceId } from "../event.js";
import { buildNetworkHistory, type NetworkHistory } from "../network/topology.js";
import { nameOfId } from "../resource-id.js";
import type { Micros } from "../time.js";
import { type AccessGrant, accessGrants } from "./access-grant.js";
import { machineSites } from "./access-machine.js";
import { type AccessPolicyVersion, accessPolicies } from "./access-policy.js";
import { type AccessTies, tieAccess } from "./access-tie.js";
import { joinOperations } from "./operation.js";
import type { PolicyHistory } from "./policy-history.js";

export type AccessState = {
  readonly policies: readonly AccessPolicyVersion[];
  readonly grants: readonly AccessGrant[];
  readonly ties: AccessTies;
  readonly rules: PolicyHistory;
  readonly network: NetworkHistory;
  readonly removals: readonly Removal[];
};

export type Removal = { readonly resource: ResourceId; readonly time: Micros };

export type AccessEvidence = {
  readonly events: readonly ControlEvent[];
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
};

export function accessState({ events, policy, network }: AccessEvidence): AccessState {
  const grants = accessGrants(events);
  const versions = [...policy.groups.values()].flatMap((group) => group.versions);
  const ties = tieAccess(versions, grants, machineSites(events, network));
  return { policies: accessPolicies(events), grants, ties, rules: policy, network, removals: removalsOf(events) };
}

function removalsOf(events: readonly ControlEvent[]): Removal[] {
  const removals = events.filter(({ type }) => type === "resource-removed");
  return joinOperations(removals).flatMap(({ outcome }) =>
    outcome.type === "resource-removed" ? [{ resource: outcome.data.resource, time: outcome.time }] : [],
  );
}

/** Of a command: all that is known, whenever it happens. */
export function accessStateOf({ events, policy }: ControlState): AccessState {
  return accessState({ events, policy, network: buildNetworkHistory(events) });
}

/** Machines of a policy as commands name them. */
export function namedMachines(machines: readonly AccessPolicyMachine[]): (AccessPolicyMachine & Named)[] {
  return machines.map((own) => ({ ...own, id: own.machine, name: nameOfId(own.machine) }));
}
