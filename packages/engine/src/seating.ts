// Where packets are judged, worked out once for each pair of interfaces and not once a flow: most addresses belong to no
// interface, and those that do are few. It is as `placement.ts` says, and holds as long as the topology does.

import type { FlowLedger } from "./flow/flow-ledger.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import { interfaceOfPlace, type Judge, type Placement, placePacket } from "./placement.js";
import type { FlowDictionary } from "./traffic/flow-dictionary.js";
import { addressAt } from "./traffic/packet-view.js";
import { isMulticast } from "./wire/address.js";
import { AddressNumbers, noNumber } from "./wire/address-numbers.js";

/** An interface that judges packets, and the number of the records there. */
export type Post = {
  readonly judge: Judge;
  readonly scope: number;
  /** The first judges before the second. */
  readonly order: number;
  /** Nobody judges behind it. */
  readonly isLast: boolean;
  /** A gate without memory stands there. */
  readonly barred: boolean;
};

/**
 * What packets between the same two interfaces have in common while the topology holds. `lane`: the scope of the records
 * that alone decide on them, where nothing but a record stands in their way; else `noLane`.
 */
export type Seat = { readonly lane: number } & (
  | { readonly is: "judged"; readonly posts: readonly Post[] }
  | { readonly is: "observed"; readonly placement: Unjudged; readonly scope: number }
);
export const noLane = -1;
export type Unjudged = Exclude<Placement, { is: "judged" }>;

export class Seating {
  readonly #residents: AddressNumbers;
  readonly #places = new Map<string, PlaceSeats>();

  constructor(
    readonly topology: Topology,
    private readonly ledger: FlowLedger,
  ) {
    const held = topology.interfaces.flatMap((at) => [...at.addresses, ...at.publicAddresses.map(addressOf)]);
    this.#residents = new AddressNumbers(held);
  }

  seatsAt(place: string): PlaceSeats {
    const known = this.#places.get(place);
    if (known !== undefined) return known;
    const { topology, ledger } = this;
    const made = new PlaceSeats({ place, topology, ledger, residents: this.#residents });
    this.#places.set(place, made);
    return made;
  }
}

type Setting = {
  readonly place: string;
  readonly topology: Topology;
  readonly ledger: FlowLedger;
  readonly residents: AddressNumbers;
};

const mostSeats = 65_536;

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
    const { place, topology } = this.setting;
    const source = addressAt(flows, flow, direction);
    const destination = addressAt(flows, flow, 1 - direction);
    const placement = placePacket(place, topology, source, destination);
    if (placement.is !== "judged") {
      const scope = this.scopeOf(null, 0);
      return { is: "observed", placement, scope, lane: scope };
    }
    const posts = placement.judges.map((judge, order, all) => this.#postOf(judge, order, order === all.length - 1));
    const [only] = posts;
    const lane = posts.length === 1 && only !== undefined && !only.barred ? only.scope : noLane;
    return { is: "judged", posts, lane };
  }

  #postOf(judge: Judge, order: number, isLast: boolean): Post {
    const standing = judge.at.gates["network-acl"];
    const barred = standing.is !== "none" && standing.is !== "open";
    return { judge, scope: this.scopeOf(judge.at, 0), order, isLast, barred };
  }
}

function addressOf({ address }: PlacedInterface["publicAddresses"][number]) {
  return address;
}
