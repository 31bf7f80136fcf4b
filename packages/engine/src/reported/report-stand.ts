// Where a sensor stands: the interface that it names by its id or MAC address, else the one that has the connection's
// address and is not another one by its name; and which way the connection passes it.

import type { PlacedInterface } from "../network/placed-interface.js";
import type { Topology } from "../network/topology.js";
import { privateBehind } from "../placement.js";
import type { RuleDirection } from "../policy/rule.js";
import { type Address, equalAddresses } from "../wire/address.js";
import type { ReportingSensor } from "./reported-flow.js";
import type { Sighting } from "./sighting.js";

export type Stand = {
  readonly place: PlacedInterface;
  readonly direction: RuleDirection;
  /** See `Judge.own`. */
  readonly own: Address | null;
};

/** Null: not known, or more than one interface. */
export function standOf({ sensor, direction, tuple }: Sighting, topology: Topology): Stand | null {
  const { source, destination } = tuple;
  const named = namedInterface(sensor, topology);
  if (named !== null) return standAt(named, direction ?? directionAt(named, source), tuple);
  const way = direction ?? (topology.interfacesOf(source).length > 0 ? "outbound" : "inbound");
  const having = topology.interfacesOf(way === "outbound" ? source : destination);
  const [at, ...others] = having.filter((place) => mayStandAt(place, sensor));
  return at === undefined || others.length > 0 ? null : standAt(at, way, tuple);
}

/** Addresses are used again in other networks; an id is not. */
function mayStandAt({ macAddress }: PlacedInterface, { interface: id, mac }: ReportingSensor): boolean {
  return id === null && (mac === null || macAddress === null || macAddress === mac);
}

function standAt(place: PlacedInterface, direction: RuleDirection, { source, destination }: Sighting["tuple"]): Stand {
  return { place, direction, own: privateBehind(place, direction === "outbound" ? source : destination) };
}

function directionAt(at: PlacedInterface, source: Address): RuleDirection {
  const isOwn = at.addresses.some((own) => equalAddresses(own, source)) || privateBehind(at, source) !== null;
  return isOwn ? "outbound" : "inbound";
}

const known = new WeakMap<Topology, Map<string, PlacedInterface | null>>();

/** Sensors are few, and report millions of times. */
function namedInterface(sensor: ReportingSensor, topology: Topology): PlacedInterface | null {
  const name = sensor.interface ?? sensor.mac;
  if (name === null) return null;
  const ofTopology = known.get(topology) ?? new Map<string, PlacedInterface | null>();
  const found = ofTopology.get(name);
  if (found !== undefined) return found;
  const made = sensor.interface === null ? interfaceOfMac(name, topology) : interfaceOfId(name, topology);
  known.set(topology, ofTopology.set(name, made));
  return made;
}

function interfaceOfId(id: string, topology: Topology): PlacedInterface | null {
  return topology.interfacesNamed(id)[0] ?? null;
}

function interfaceOfMac(mac: string, topology: Topology): PlacedInterface | null {
  const [at, ...others] = topology.interfaces.filter(({ macAddress }) => macAddress === mac);
  return at === undefined || others.length > 0 ? null : at;
}
