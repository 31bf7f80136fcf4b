// TCP between two ends. A plain talk opens, moves data and closes as RFC 9293 draws it; a wild one also refuses, opens
// from both sides, begins in mid-stream, sends odd flags, and uses its ports again after the close.

import type { Datagram } from "./datagram.js";
import { servicePorts } from "./random-group.js";
import { type Connection, randomEnds, type Surroundings, sometimesInFragments, type Talk } from "./talk.js";
import { type Pair, type Peer, pairOf, segment } from "./tcp-pair.js";

export function* plainTcpTalk(around: Surroundings): Talk {
  const pair = pairOf(around, freshConnection(around));
  if (!(yield* handshake(around, pair))) return;
  yield* exchange(around, pair, 1 + around.random.below(6));
}

export function* wildTcpTalk(around: Surroundings): Talk {
  const { random } = around;
  const pair = pairOf(around, random.chance(0.4) ? usedConnection(around) : freshConnection(around));
  if (random.chance(0.8)) {
    const opened = yield* wildOpening(around, pair);
    if (!opened && random.chance(0.9)) return;
  }
  for (let rounds = random.below(5); rounds > 0; rounds--) {
    yield* exchange(around, pair, 1);
    if (random.chance(0.15)) yield oddSegment(around, pair);
  }
  const closed = yield* closing(around, pair);
  if (closed && random.chance(0.5)) yield* reuse(around, pair);
}

function* handshake(around: Surroundings, { client, server }: Pair): Generator<Datagram, boolean, boolean> {
  if (!(yield segment(around, client, server, { flags: "S" }))) return false;
  if (!(yield segment(around, server, client, { flags: "SA" }))) return false;
  return yield segment(around, client, server, { flags: "A" });
}

function* wildOpening(around: Surroundings, pair: Pair): Generator<Datagram, boolean, boolean> {
  const { random } = around;
  const { client, server } = pair;
  let arrived = yield segment(around, client, server, { flags: random.pick(["S", "S", "SEC"]) });
  while (!arrived && random.chance(0.4)) {
    arrived = yield segment(around, client, server, { flags: "S", shift: -1, moment: "again" });
  }
  if (!arrived && random.chance(0.9)) return false;
  if (random.chance(0.08)) {
    yield segment(around, server, client, { flags: "RA", moment: "refusal" });
    return random.chance(0.3);
  }
  if (random.chance(0.08)) yield segment(around, server, client, { flags: "S", moment: "from both sides" });
  if (random.chance(0.05)) return random.chance(0.5);
  if (!(yield segment(around, server, client, { flags: "SA" })) && random.chance(0.8)) return false;
  return yield segment(around, client, server, { flags: "A" });
}

function* exchange(around: Surroundings, { client, server }: Pair, rounds: number): Talk {
  const { random } = around;
  for (let round = 0; round < rounds; round++) {
    const [from, to] = random.chance(0.5) ? [client, server] : [server, client];
    const bytes = random.pick([0, 1, 40, 100]);
    const data = segment(around, from, to, { flags: bytes === 0 ? "A" : "PA", bytes });
    yield sometimesInFragments(around, data, 0.05);
  }
}

const oddFlags = [
  "",
  "F",
  "SF",
  "SR",
  "FPU",
  "SFAR",
  "S",
  "SA",
  "U",
  "SAF",
  "SU",
  "RF",
  "PR",
  "FPA",
  "AU",
  "FAU",
  "RA",
];

function oddSegment(around: Surroundings, { client, server }: Pair): Datagram {
  const { random } = around;
  const [from, to] = random.chance(0.5) ? [client, server] : [server, client];
  const shift = random.pick([0, 0, -1, 1000, -1000]);
  return segment(around, from, to, { flags: random.pick(oddFlags), shift, moment: "odd" });
}

/** Whether the connection is over, as the two see it. */
function* closing(around: Surroundings, { client, server }: Pair): Generator<Datagram, boolean, boolean> {
  const { random } = around;
  const [first, second] = random.chance(0.5) ? [client, server] : [server, client];
  const choice = random.below(10);
  if (choice < 4) {
    yield* fins(around, first, second);
    return true;
  }
  if (choice < 7) {
    const shift = random.pick([0, 0, 0, 50, -1, -2000]);
    yield segment(around, first, second, { flags: random.pick(["R", "RA"]), shift });
    yield* afterwards(around, first, second, "after RST");
    return true;
  }
  if (choice === 7) yield segment(around, first, second, { flags: "FA" });
  return random.chance(0.1);
}

function* fins(around: Surroundings, first: Peer, second: Peer): Talk {
  const { random } = around;
  yield segment(around, first, second, { flags: "FA" });
  if (random.chance(0.1)) yield segment(around, first, second, { flags: "FA", shift: -1, moment: "again" });
  if (random.chance(0.7)) yield segment(around, second, first, { flags: "A" });
  if (random.chance(0.3)) yield segment(around, second, first, { flags: "PA", bytes: 20, moment: "half closed" });
  yield segment(around, second, first, { flags: "FA" });
  if (random.chance(0.9)) yield segment(around, first, second, { flags: "A" });
  yield* afterwards(around, first, second, "after close");
}

function* afterwards(around: Surroundings, one: Peer, other: Peer, moment: string): Talk {
  const { random } = around;
  while (random.chance(0.3)) {
    const [from, to] = random.chance(0.5) ? [one, other] : [other, one];
    yield segment(around, from, to, { flags: random.pick(["A", "PA", "FA", "RA", "R"]), moment });
  }
}

/** The same ports again, opened by either side; what comes after may use the ports in mid-stream too. */
function* reuse(around: Surroundings, { client, server }: Pair): Talk {
  const { random } = around;
  const [opener, other] = random.chance(0.75) ? [client, server] : [server, client];
  for (const peer of [opener, other]) peer.next = (peer.next + random.pick([100_000, 2_500_000_000, -50])) >>> 0;
  const arrived = yield segment(around, opener, other, { flags: "S", moment: "reuse" });
  if (!arrived && random.chance(0.9)) return;
  if (!(yield segment(around, other, opener, { flags: "SA", moment: "reuse" }))) return;
  yield segment(around, opener, other, { flags: "A", moment: "reuse" });
  yield segment(around, opener, other, { flags: "PA", bytes: 10, moment: "reuse" });
}

export function freshConnection(around: Surroundings): Connection {
  const { random, connections } = around;
  const ends = randomEnds(random);
  const [sourcePort, destinationPort] = [32_768 + random.below(28_000), random.pick(servicePorts)];
  const connection = { ...ends, sourcePort, destinationPort };
  connections.push(connection);
  return connection;
}

function usedConnection(around: Surroundings): Connection {
  const { random, connections } = around;
  return connections.length === 0 ? freshConnection(around) : random.pick(connections);
}
