// The engine's own verdict for what a sensor reported: the rules of that instant, asked at the interface where the sensor
// stands, as of a packet that opens a connection.

import { admit } from "../admit.js";
import type { ResourceId } from "../event.js";
import type { PlacedInterface } from "../network/placed-interface.js";
import type { NetworkHistory, Topology } from "../network/topology.js";
import { privateBehind } from "../placement.js";
import type { PolicyHistory } from "../policy/policy-history.js";
import type { Micros } from "../time.js";
import type { Admission, Decision } from "../verdict.js";
import { type Address, equalAddresses } from "../wire/address.js";
import { hasPorts } from "../wire/protocol.js";
import { type CheckOutcome, checkOf } from "./report-check.js";
import type { ReportedDirection, ReportedRule, ReportedVerdict, ReportingSensor } from "./reported-flow.js";

/** What a sensor said of a connection, as the rules can be asked about it. */
export type Sighting = {
  readonly sensor: ReportingSensor;
  readonly rule: ReportedRule | null;
  readonly verdict: ReportedVerdict;
  readonly direction: ReportedDirection;
  readonly time: Micros;
  /** Whether the sensor says that the connection was opened then. */
  readonly openingTold: boolean;
  readonly protocol: number;
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
  readonly icmp: number;
};

/** Null interface: none is known where the sensor stands. */
export type Judgement = {
  readonly interface: ResourceId | null;
  readonly interfaceName: string | null;
  readonly direction: ReportedDirection;
  /** Ours. */
  readonly derived: Decision;
  readonly admission: Admission | null;
  readonly outcome: CheckOutcome;
};

export type Stand = { readonly at: PlacedInterface; readonly direction: "inbound" | "outbound" };

export class ReportJudge {
  constructor(
    private readonly policy: PolicyHistory,
    private readonly network: NetworkHistory,
  ) {}

  judge(sighting: Sighting): Judgement {
    const stand = standOf(sighting, this.network.topologyAt(sighting.time));
    const own = (time: Micros) => this.#admissionAt(sighting, time);
    const admission = own(sighting.time);
    return {
      interface: stand?.at.id ?? null,
      interfaceName: stand?.at.name ?? null,
      direction: stand?.direction ?? sighting.direction,
      derived: admission?.decision ?? "none",
      admission,
      outcome: checkOf(sighting, admission, own),
    };
  }

  /** What the rules of another instant say of it; null where no interface is known then. */
  #admissionAt(sighting: Sighting, time: Micros): Admission | null {
    const topology = this.network.topologyAt(time);
    const stand = standOf(sighting, topology);
    if (stand === null) return null;
    const { source, destination } = sighting;
    const { at: place, direction } = stand;
    const own = privateBehind(place, direction === "outbound" ? source : destination);
    return admit({ policy: this.policy, topology, time, place, direction, tuple: tupleOf(sighting), own });
  }
}

function tupleOf(sighting: Sighting) {
  const { protocol, source, destination, sourcePort, destinationPort, icmp } = sighting;
  return { protocol, source, destination, sourcePort, destinationPort, icmp, portsKnown: hasPorts(protocol) };
}

/** Where the sensor stands, and which way the connection passes it; null: not known, or more than one interface. */
export function standOf({ sensor, direction, source, destination }: Sighting, topology: Topology): Stand | null {
  const named = interfaceOf(sensor, topology);
  if (named !== null) return { at: named, direction: direction ?? directionAt(named, source) };
  const way = direction ?? (topology.interfacesOf(source).length > 0 ? "outbound" : "inbound");
  const [at, ...others] = topology.interfacesOf(way === "outbound" ? source : destination);
  return at === undefined || others.length > 0 ? null : { at, direction: way };
}

function interfaceOf({ interface: id, mac }: ReportingSensor, topology: Topology): PlacedInterface | null {
  if (id !== null) return topology.interfacesNamed(id)[0] ?? null;
  const [at, ...others] = mac === null ? [] : topology.interfaces.filter(({ macAddress }) => macAddress === mac);
  return at === undefined || others.length > 0 ? null : at;
}

function directionAt(at: PlacedInterface, source: Address): "inbound" | "outbound" {
  const isOwn = at.addresses.some((own) => equalAddresses(own, source)) || privateBehind(at, source) !== null;
  return isOwn ? "outbound" : "inbound";
}
