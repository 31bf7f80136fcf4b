// Where packets are judged, worked out once for each pair of interfaces and not once a flow: most addresses belong to no
// interface, and those that do are few. It is as `placement.ts` says, and holds as long as the topology does.

import type { FlowLedger } from "./flow/flow-ledger.js";
import { type FlowEnds, type FoldShare, ownsRecord } from "./fold-share.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import { interfaceOfPlace, type Judge, type Placement, placePacket } from "./placement.js";
import type { FlowDictionary } from "./traffic/flow-dictionary.js";
import { addressAt } from "./traffic/packet-view.js";
import type { Lane, TrafficMeter } from "./traffic-meter.js";
import type { Decision } from "./verdict.js";
import { isMulticast } from "./wire/address.js";
import { AddressNumbers, noNumber } from "./wire/address-numbers.js";

/** An interface that judges packets, and the number of the records there. */
export type Post = {
  readonly judge: Judge;
  readonly scope: number;
  readonly lane: Lane;
  /** The first judges before the second. */
  readonly order: number;
  /** A gate without memory stands there. */
  readonly barred: boolean;
  /** Its records are of this share of the fold, which tells of them. */
  readonly ours: boolean;
};

/**
 * What packets between the same two interfaces have in common while the topology holds. `soleScope`: that of the records
 * which alone decide on them, where nothing but a record stands in their way, else `noScope`; `passes`: what is said to
 * those that pass by such a record beyond doubt, and `lane` where they are counted.
 */
export type Seat = { readonly soleScope: number; readonly lane: Lane; readonly passes: Decision } & (
  | { readonly is: "judged"; readonly posts: readonly Post[] }
  | { readonly is: "observed"; readonly placement: Unjudged; readonly scope: number }
  /** Others of the fold's shares see to it. */
  | { readonly is: "foreign" }
);
export const noScope = -1;
export type Unjudged = Exclude<Placement, { is: "judged" }>;

export function unjudgedVerdict({ is }: Unjudged): Decision {
  return is === "several" ? "unknown" : "none";
}

export type SeatingOptions = {
  readonly ledger: FlowLedger;
  readonly meter: TrafficMeter;
  /** Null: all of the traffic. */
  readonly share: FoldShare | null;
};

export class Seating {
  readonly #residents: AddressNumbers;
  readonly #places = new Map<string, PlaceSeats>();

  constructor(
    readonly topology: Topology,
    private readonly common: SeatingOptions,
  ) {
    const held = topology.interfaces.flatMap((at) => [...at.addresses, ...at.publicAddresses.map(addressOf)]);
    this.#residents = new AddressNumbers(held);
  }

  seatsAt(place: string): PlaceSeats {
    const known = this.#places.get(place);
    if (known !== undefined) return known;
    const made = new PlaceSeats({ ...this.common, place, topology: this.topology, residents: this.#residents });
    this.#places.set(place, made);
    return made;
  }
}

type Setting = SeatingOptions & {
  readonly place: string;
  readonly topology: Topology;
  readonly residents: AddressNumbers;
};

const mostSeats = 65_536;

const foreign: Seat = { is: "foreign", soleScope: noScope, lane: 0, passes: "none" };

/** Of one place of capture. */
export class PlaceSeats {
  readonly #seats = new Map<number, Seat>();
  /** Elsewhere, it makes no difference which address it is that no interface has. */
  readonly #isNamed: boolean;

  constructor(private readonly setting: Setting) {
    this.#isNamed = interfaceOfPlace(setting.place) !== null;
  }

  /** Of the packets of a flow that go in this direction. */
  of(flows: FlowDictionary, flow: number, direction: number): Seat {
    const seat = this.#seatOf(flows, flow, direction);
    return seat.is === "observed" && !this.#owns(null, { flows, flow }) ? foreign : seat;
  }

  #seatOf(flows: FlowDictionary, flow: number, direction: number): Seat {
    const { residents } = this.setting;
    const from = residents.numberOf(flows.words, flow * 8 + direction * 4);
    let to = residents.numberOf(flows.words, flow * 8 + (1 - direction) * 4);
    if (to === noNumber && this.#isNamed && isMulticast(addressAt(flows, flow, 1 - direction))) to = residents.count;
    const pair = (from + 1) * (residents.count + 2) + to + 1;
    const known = this.#seats.get(pair);
    if (known !== undefined) return known;
    if (this.#seats.size >= mostSeats) this.#seats.clear();
    const made = this.#make(flows, flow, direction);
    this.#seats.set(pair, made);
    return made;
  }

  /** ICMP queries of one end, or of one code, have records of their own. */
  scopeOf(at: PlacedInterface | null, query: number): number {
    return this.setting.ledger.scopeNumber(this.setting.place, at, query);
  }

  #make(flows: FlowDictionary, flow: number, direction: number): Seat {
    const { place, topology, meter } = this.setting;
    const source = addressAt(flows, flow, direction);
    const destination = addressAt(flows, flow, 1 - direction);
    const placement = placePacket(place, topology, source, destination);
    if (placement.is !== "judged") {
      const [scope, lane] = [this.scopeOf(null, 0), meter.laneOf(place, null, null)];
      return { is: "observed", placement, scope, soleScope: scope, lane, passes: unjudgedVerdict(placement) };
    }
    const posts = placement.judges.map((judge, order) => this.#postOf(judge, order, { flows, flow }));
    if (!posts.some(({ ours }) => ours)) return foreign;
    const [first, second] = posts;
    const soleScope = second === undefined && !first!.barred ? first!.scope : noScope;
    return { is: "judged", posts, soleScope, lane: first!.lane, passes: "allow" };
  }

  #postOf(judge: Judge, order: number, ends: FlowEnds): Post {
    const { place, meter } = this.setting;
    const standing = judge.at.gates["network-acl"];
    const barred = standing.is !== "none" && standing.is !== "open";
    const lane = meter.laneOf(place, judge.at, judge.direction);
    return { judge, scope: this.scopeOf(judge.at, 0), lane, order, barred, ours: this.#owns(judge.at, ends) };
  }

  #owns(at: PlacedInterface | null, ends: FlowEnds): boolean {
    const { place, share } = this.setting;
    return share === null || ownsRecord(share, { place, at }, ends);
  }
}

function addressOf({ address }: PlacedInterface["publicAddresses"][number]) {
  return address;
}
