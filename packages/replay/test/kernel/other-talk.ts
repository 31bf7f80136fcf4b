// Protocols without ports: ESP, GRE, and one for experiments (RFC 3692). Whatever one side sends, the other may answer.

import { other, payload } from "../../../engine/test/support/frames.js";
import { randomEnds, type Surroundings, type Talk, turned } from "./talk.js";

const protocols = [50, 47, 253];

export function* otherTalk({ random, maker }: Surroundings): Talk {
  const ends = randomEnds(random);
  const protocol = random.pick(protocols);
  for (let rounds = 1 + random.below(3); rounds > 0; rounds--) {
    const arrived = yield maker.whole(ends, other(protocol, payload(24).fill(0, 0, 4)), `protocol ${protocol}`);
    if (arrived && random.chance(0.6)) {
      yield maker.whole(turned(ends), other(protocol, payload(24).fill(0, 0, 4)), `protocol ${protocol} answer`);
    }
  }
}
