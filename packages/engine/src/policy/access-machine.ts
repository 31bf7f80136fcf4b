// Where the machines of just-in-time access stand: their interfaces, addresses and the groups before them.

import type { AssociationWritten, ControlEvent, ResourceId } from "../event.js";
import type { NetworkHistory, PlacedInterface } from "../network/topology.js";
import { type Micros, microsPerHour } from "../time.js";
import { formatAddress } from "../wire/address.js";
import type { MachineSites } from "./access-tie.js";
import { joinOperations } from "./operation.js";

export function interfacesOfMachine(network: NetworkHistory, machine: ResourceId, time: Micros): PlacedInterface[] {
  const wanted = machine.toLowerCase();
  return network.topologyAt(time).interfaces.filter((place) => place.machine?.toLowerCase() === wanted);
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
  return [gates.subnet, gates.interface].flatMap((gate) => (gate.is === "group" ? [gate.group] : []));
}

export function machineSites(events: readonly ControlEvent[], network: NetworkHistory): MachineSites {
  const begun = beginningsOfGroups(events);
  const put = associations(events);
  return {
    addressesOf: (machine, time) => interfacesOfMachine(network, machine, time).flatMap(({ addresses }) => addresses),
    isNewBefore: (group, machine, { from, to }) => {
      const during = (time: Micros) => from <= time && time < to && time - from <= longestSetUpMicros;
      const isMachines = (target: ResourceId, time: Micros) =>
        interfacesOfMachine(network, machine, time).some(({ id }) => id.toLowerCase() === target.toLowerCase());
      const holds = (groups: readonly ResourceId[]) => groups.some((id) => id.toLowerCase() === group.toLowerCase());
      const isNew = (begun.get(group.toLowerCase()) ?? []).some(during);
      return isNew && put.some(({ time, target, groups }) => during(time) && holds(groups) && isMachines(target, time));
    },
  };
}

/** As for rules: a group follows its request within minutes. */
const longestSetUpMicros = microsPerHour;

function beginningsOfGroups(events: readonly ControlEvent[]): Map<string, Micros[]> {
  const begun = new Map<string, Micros[]>();
  for (const event of events) {
    if (event.type !== "security-group-seen" || event.data.begins !== true) continue;
    const key = event.data.group.toLowerCase();
    begun.set(key, [...(begun.get(key) ?? []), event.time]);
  }
  return begun;
}

type Put = { readonly time: Micros; readonly target: ResourceId; readonly groups: readonly ResourceId[] };

function associations(events: readonly ControlEvent[]): Put[] {
  return joinOperations(events).flatMap(({ outcome, records }) => {
    if (outcome.type !== "association-written" || outcome.data.gate !== "interface") return [];
    const bodies = records.flatMap(({ data }) => (data as AssociationWritten["data"]).groups ?? []);
    return [{ time: outcome.time, target: outcome.data.target, groups: bodies }];
  });
}
