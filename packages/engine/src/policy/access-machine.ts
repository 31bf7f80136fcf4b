// Where the machines of just-in-time access stand: their interfaces, addresses and the groups before them.

import type { AssociationWritten, ControlEvent, ResourceId } from "../event.js";
import { groupBy } from "../grouping.js";
import type { PlacedInterface } from "../network/placed-interface.js";
import type { NetworkHistory } from "../network/topology.js";
import { sameId } from "../resource-id.js";
import { endOfTime, type Micros } from "../time.js";
import { formatAddress } from "../wire/address.js";
import type { AccessGrant } from "./access-grant.js";
import { longestDelayMicros, type MachineSites } from "./access-tie.js";
import { joinOperations } from "./operation.js";

export function interfacesOfMachine(network: NetworkHistory, machine: ResourceId, time: Micros): PlacedInterface[] {
  const { interfaces } = network.topologyAt(time);
  return interfaces.filter((place) => place.machine !== null && sameId(place.machine, machine));
}

/** A group at a gate of the machine, and the machine's addresses behind it. */
export type Guard = { readonly group: ResourceId; readonly addresses: readonly string[] };

/** Each group once; none where no group is known to stand before the machine. */
export function guardsOfMachine(network: NetworkHistory, machine: ResourceId, time: Micros): Guard[] {
  const guards = new Map<string, Guard>();
  for (const place of interfacesOfMachine(network, machine, time)) {
    const own = place.addresses.map(formatAddress);
    for (const group of groupsBefore(place)) {
      const known = guards.get(group.toLowerCase())?.addresses ?? [];
      guards.set(group.toLowerCase(), { group, addresses: [...new Set([...known, ...own])] });
    }
  }
  return [...guards.values()];
}

function groupsBefore({ gates }: PlacedInterface): ResourceId[] {
  return [gates.subnet, gates.interface].flatMap((gate) => (gate.is === "groups" ? gate.groups : []));
}

export function machineSites(events: readonly ControlEvent[], network: NetworkHistory): MachineSites {
  const begun = beginningsOfGroups(events);
  const puts = associations(events);
  return {
    addressesOf: (machine, time) => interfacesOfMachine(network, machine, time).flatMap(({ addresses }) => addresses),
    isMadeFor: (group, grant) => {
      const made = begun.get(group.toLowerCase())?.some(({ time }) => isSetUpOf(grant, time)) ?? false;
      return made && puts.some((put) => isSetUpOf(grant, put.time) && isBefore(put, group, grant.machine, network));
    },
  };
}

/** As for rules: what is made for a grant follows it, and while it runs. */
function isSetUpOf({ requested, end }: AccessGrant, time: Micros): boolean {
  return requested <= time && time < (end?.time ?? endOfTime) && time - requested <= longestDelayMicros;
}

function isBefore({ time, target, groups }: Put, group: ResourceId, machine: ResourceId, network: NetworkHistory) {
  const isThere = groups.some((id) => sameId(id, group));
  return isThere && interfacesOfMachine(network, machine, time).some(({ id }) => sameId(id, target));
}

function beginningsOfGroups(events: readonly ControlEvent[]) {
  const begun = events.flatMap((event) =>
    event.type === "security-group-seen" && event.data.begins === true ? [event] : [],
  );
  return groupBy(begun, ({ data }) => data.group.toLowerCase());
}

type Put = { readonly time: Micros; readonly target: ResourceId; readonly groups: readonly ResourceId[] };

function associations(events: readonly ControlEvent[]): Put[] {
  const written = events.filter(({ type }) => type === "association-written");
  return joinOperations(written).flatMap(({ outcome, records }) => {
    if (outcome.type !== "association-written" || outcome.data.gate !== "interface") return [];
    const bodies = records.flatMap(({ data }) => (data as AssociationWritten["data"]).groups ?? []);
    return [{ time: outcome.time, target: outcome.data.target, groups: bodies }];
  });
}
