// Where a packet is judged (DESIGN 5). A place of capture that the user named is an interface, and judges alone;
// otherwise a packet is judged where its addresses live: outbound at the sender's interface, then inbound at the
// receiver's.

import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import type { RuleDirection } from "./policy/rule.js";
import { type Address, equalAddresses, isMulticast } from "./wire/address.js";

export type Judge = {
  readonly at: PlacedInterface;
  readonly direction: RuleDirection;
  /** Where the packet shows the interface's public address: the private one, which is what rules see [A1]; else null. */
  readonly own: Address | null;
};

/** `several`: more than one interface has the address, or the name, so nobody can tell which of them judged. */
export type Placement =
  | { readonly is: "judged"; readonly judges: readonly Judge[] }
  | { readonly is: "nowhere" }
  | { readonly is: "several"; readonly interfaces: readonly PlacedInterface[] };

const named = "interface:";

/** The place of capture for a name that the user gave with `--interface`. */
export function placeOfInterface(name: string): string {
  return named + name;
}

/** The name that the user gave to this place; null where the place is named by its source. */
export function interfaceOfPlace(place: string): string | null {
  return place.startsWith(named) ? place.slice(named.length) : null;
}

export function placePacket(place: string, topology: Topology, source: Address, destination: Address): Placement {
  const name = interfaceOfPlace(place);
  if (name !== null) return placeAtNamed(topology.interfacesNamed(name), source, destination);
  const senders = topology.interfacesOf(source);
  const receivers = topology.interfacesOf(destination);
  if (senders.length > 1) return { is: "several", interfaces: senders };
  if (receivers.length > 1) return { is: "several", interfaces: receivers };
  const judges: Judge[] = senders.map((at) => ({ at, direction: "outbound", own: privateBehind(at, source) }));
  for (const at of receivers) {
    if (at !== senders[0]) judges.push({ at, direction: "inbound", own: privateBehind(at, destination) });
  }
  return judges.length === 0 ? { is: "nowhere" } : { is: "judged", judges };
}

function placeAtNamed(called: readonly PlacedInterface[], source: Address, destination: Address): Placement {
  const [at, ...others] = called;
  if (at === undefined) return { is: "nowhere" };
  if (others.length > 0) return { is: "several", interfaces: called };
  if (owns(at, source))
    return { is: "judged", judges: [{ at, direction: "outbound", own: privateBehind(at, source) }] };
  if (owns(at, destination) || isMulticast(destination)) {
    return { is: "judged", judges: [{ at, direction: "inbound", own: privateBehind(at, destination) }] };
  }
  return { is: "nowhere" };
}

function owns(at: PlacedInterface, address: Address): boolean {
  return at.addresses.some((own) => equalAddresses(own, address)) || privateBehind(at, address) !== null;
}

/** The private address behind a public one of the interface; null for any other. */
export function privateBehind(at: PlacedInterface, address: Address): Address | null {
  if (at.addresses.some((own) => equalAddresses(own, address))) return null;
  return at.publicAddresses.find((pair) => equalAddresses(pair.address, address))?.own ?? null;
}
