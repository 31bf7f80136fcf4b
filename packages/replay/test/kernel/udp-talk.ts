// UDP between two ends: questions, answers where the question arrived, and now and then an answer to nothing.

import { payload, udp } from "../../../engine/test/support/frames.js";
import type { Datagram } from "./datagram.js";
import { servicePorts } from "./security-group.js";
import { type Connection, randomEnds, type Surroundings, sometimesInFragments, type Talk, turned } from "./talk.js";

export function* udpTalk(around: Surroundings): Talk {
  const { random, connections } = around;
  const again = connections.length > 0 && random.chance(0.2);
  const connection = again ? random.pick(connections) : freshConnection(around);
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

function freshConnection({ random, connections }: Surroundings): Connection {
  const [high, low] = [random.pick([53, 32_768 + random.below(28_000)]), random.pick(servicePorts)];
  const connection = { ...randomEnds(random), sourcePort: high, destinationPort: low };
  connections.push(connection);
  return connection;
}

function answering(connection: Connection): Connection {
  const { sourcePort, destinationPort } = connection;
  return { ...turned(connection), sourcePort: destinationPort, destinationPort: sourcePort };
}
