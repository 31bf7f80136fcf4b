// UDP between two ends. A plain talk answers each question that arrives and gives up after one that does not; a wild one
// asks again unanswered, answers nothing, and uses ports again.

import { payload, udp } from "../../../engine/test/support/frames.js";
import type { Datagram } from "./datagram.js";
import { servicePorts } from "./random-group.js";
import { type Connection, randomEnds, type Surroundings, sometimesInFragments, type Talk, turned } from "./talk.js";

export function* plainUdpTalk(around: Surroundings): Talk {
  const connection = freshConnection(around, 32_768 + around.random.below(28_000));
  for (let rounds = 1 + around.random.below(4); rounds > 0; rounds--) {
    if (!(yield datagram(around, connection, "udp"))) return;
    yield datagram(around, answering(connection), "udp answer");
  }
}

export function* wildUdpTalk(around: Surroundings): Talk {
  const { random, connections } = around;
  const again = connections.length > 0 && random.chance(0.2);
  const port = random.pick([53, 32_768 + random.below(28_000)]);
  const connection = again ? random.pick(connections) : freshConnection(around, port);
  for (let rounds = 1 + random.below(4); rounds > 0; rounds--) {
    const arrived = yield datagram(around, connection, "udp");
    if (arrived ? random.chance(0.6) : random.chance(0.1)) yield datagram(around, answering(connection), "udp answer");
  }
}

function datagram(around: Surroundings, connection: Connection, says: string): Datagram {
  const bytes = payload(around.random.pick([0, 5, 60, 90]));
  return sometimesInFragments(
    around,
    around.maker.whole(connection, udp({ ...connection, payload: bytes }), says),
    0.15,
  );
}

function freshConnection({ random, connections }: Surroundings, sourcePort: number): Connection {
  const connection = { ...randomEnds(random), sourcePort, destinationPort: random.pick(servicePorts) };
  connections.push(connection);
  return connection;
}

function answering(connection: Connection): Connection {
  const { sourcePort, destinationPort } = connection;
  return { ...turned(connection), sourcePort: destinationPort, destinationPort: sourcePort };
}
