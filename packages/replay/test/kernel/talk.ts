// A talk between two ends: yields what is sent next, and hears whether it arrived, since answers depend on that.

import type { Ends } from "../../../engine/test/support/frames.js";
import type { Random } from "../../../engine/test/support/random.js";
import type { Datagram, DatagramMaker } from "./datagram.js";
import { isV6, machineOf, machines, strangers } from "./network.js";

export type Talk = Generator<Datagram, void, boolean>;

export type Connection = Ends & { readonly sourcePort: number; readonly destinationPort: number };

export type Surroundings = {
  readonly random: Random;
  readonly maker: DatagramMaker;
  /** Connections of earlier talks, whose ports others may use again. */
  readonly connections: Connection[];
  /** What was sent last, which errors may quote. */
  readonly recent: Datagram[];
};

const machineAddresses = machines.flatMap(({ addresses }) => addresses);

/** A stranger and a machine, either way, or two machines. */
export function randomEnds(random: Random): Ends {
  const machine = random.pick(machineAddresses);
  const sameFamily = (address: string) => isV6(address) === isV6(machine);
  if (random.chance(0.25)) {
    const others = machineAddresses.filter((other) => sameFamily(other) && machineOf(other) !== machineOf(machine));
    return { source: machine, destination: random.pick(others) };
  }
  const stranger = random.pick(strangers.filter(sameFamily));
  return random.chance(0.6) ? { source: stranger, destination: machine } : { source: machine, destination: stranger };
}

export function turned({ source, destination }: Ends): Ends {
  return { source: destination, destination: source };
}

export function sometimesInFragments(
  { random, maker }: Surroundings,
  datagram: Datagram,
  probability: number,
): Datagram {
  return random.chance(probability) ? maker.inFragments(datagram) : datagram;
}
