// Seeded traffic: several talks at a time, one packet of one of them after another.

import type { Random } from "../../../engine/test/support/random.js";
import { capturedTalk } from "./captured-talk.js";
import { type Datagram, DatagramMaker } from "./datagram.js";
import { errorTalk, plainPingTalk, strayPongTalk, wildPingTalk } from "./icmp-talk.js";
import { otherTalk } from "./other-talk.js";
import type { Surroundings, Talk } from "./talk.js";
import { plainTcpTalk, wildTcpTalk } from "./tcp-talk.js";
import { plainUdpTalk, wildUdpTalk } from "./udp-talk.js";

/** `plain`: connections that open, move data and stay open, where Azure documents what Linux does. `wild`: all else, too. */
export type TrafficKind = "plain" | "wild";

type Begin = (around: Surroundings) => Talk;

const kinds: { readonly [kind in TrafficKind]: readonly Begin[] } = {
  plain: [plainTcpTalk, plainTcpTalk, plainUdpTalk, plainPingTalk],
  wild: [
    wildTcpTalk,
    wildTcpTalk,
    wildTcpTalk,
    wildUdpTalk,
    wildPingTalk,
    strayPongTalk,
    errorTalk,
    otherTalk,
    capturedTalk,
  ],
};

const mostTalks = 8;

/** `send` says whether a datagram arrived. */
export function carryTraffic(
  { random, kind, count }: { readonly random: Random; readonly kind: TrafficKind; readonly count: number },
  send: (datagram: Datagram, number: number) => boolean,
): void {
  const around: Surroundings = { random, maker: new DatagramMaker(random), connections: [], recent: [] };
  const talks: { readonly talk: Talk; arrived: boolean }[] = [];
  for (let sent = 0; sent < count; ) {
    if (talks.length < mostTalks && (talks.length === 0 || random.chance(0.3))) {
      talks.push({ talk: random.pick(kinds[kind])(around), arrived: false });
    }
    const turn = random.below(talks.length);
    const said = talks[turn]!.talk.next(talks[turn]!.arrived);
    if (said.done === true) {
      talks.splice(turn, 1);
      continue;
    }
    talks[turn]!.arrived = send(said.value, sent++);
    around.recent.push(said.value);
  }
}
