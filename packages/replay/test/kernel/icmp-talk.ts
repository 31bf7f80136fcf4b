// ICMP and ICMPv6: pings with answers, and errors that quote what was sent lately: to its sender, to somebody else,
// from somebody else, or about nothing that was ever sent.

import {
  bytesOf,
  type Ends,
  icmp,
  icmp6,
  payload,
  type Transport,
  u16,
  u32,
  udp,
} from "../../../engine/test/support/frames.js";
import type { Datagram } from "./datagram.js";
import { isV6, machineOf, strangers } from "./network.js";
import { randomEnds, type Surroundings, sometimesInFragments, type Talk, turned } from "./talk.js";

type Message = { readonly type: number; readonly code: number };

export function* plainPingTalk(around: Surroundings): Talk {
  const ends = randomEnds(around.random);
  const identifier = around.random.below(0x1_0000);
  for (let number = 1; number <= 3; number++) {
    if (!(yield echo(around, ends, { isRequest: true, identifier, number }))) return;
    yield echo(around, turned(ends), { isRequest: false, identifier, number });
  }
}

/** Few identifiers, so that pings of several talks meet; requests go on unanswered; now and then timestamps. */
export function* wildPingTalk(around: Surroundings): Talk {
  const { random } = around;
  const ends = randomEnds(random);
  const ping = { identifier: random.pick([1, 2, 7, 9]), isTimestamp: !isV6(ends.source) && random.chance(0.2) };
  for (let number = 1; number <= 1 + random.below(3); number++) {
    const arrived = yield sometimesInFragments(around, echo(around, ends, { ...ping, isRequest: true, number }), 0.1);
    if (arrived) yield echo(around, turned(ends), { ...ping, isRequest: false, number });
  }
}

/** A reply to no request, and then perhaps the request. */
export function* strayPongTalk(around: Surroundings): Talk {
  const ends = randomEnds(around.random);
  const ping = { identifier: around.random.pick([1, 2, 7, 9]), number: 1 };
  yield echo(around, ends, { ...ping, isRequest: false });
  if (around.random.chance(0.5)) yield echo(around, turned(ends), { ...ping, isRequest: true });
}

type Echo = {
  readonly isRequest: boolean;
  readonly identifier: number;
  readonly number: number;
  /** A timestamp message of IPv4 in place of an echo. */
  readonly isTimestamp?: boolean;
};

function echo(
  { random, maker }: Surroundings,
  ends: Ends,
  { isRequest, identifier, number, isTimestamp }: Echo,
): Datagram {
  const [request, reply] = isV6(ends.source) ? [128, 129] : isTimestamp ? [13, 14] : [8, 0];
  const rest = bytesOf(u16(identifier), u16(number), payload(random.pick([12, 56])));
  const kind = { type: isRequest ? request! : reply!, code: 0 };
  return maker.whole(ends, message(ends, kind, rest), `${isRequest ? "ping" : "pong"} ${identifier}`);
}

export function* errorTalk(around: Surroundings): Talk {
  const { random, maker, recent } = around;
  const quotable = recent
    .filter(({ says, packets }) => packets.length === 1 && !says.startsWith("icmp error"))
    .slice(-40);
  if (quotable.length === 0) return;
  const about = random.chance(0.9) ? random.pick(quotable) : nothingSent(around);
  yield error(around, about, random.chance(0.6) ? turned(about) : otherEnds(around, about));
  if (random.chance(0.2)) yield maker.whole(turned(about), unsolicited(about), "icmp that nobody asked for");
}

/** An error about a message that the receiver sent to nobody. */
function nothingSent({ random, maker }: Surroundings): Datagram {
  return maker.whole(randomEnds(random), udp({ sourcePort: 9, destinationPort: 9 }), "nothing sent");
}

/** From a third, to a third, or the way that the quoted packet itself went. */
function otherEnds({ random }: Surroundings, about: Datagram): Ends {
  const third = random.pick(strangers.filter((address) => isV6(address) === isV6(about.source)));
  const possible = [
    { ...about },
    { source: third, destination: about.source },
    { source: about.destination, destination: third },
  ];
  return random.pick(possible.filter(concernsMachine));
}

function concernsMachine({ source, destination }: Ends): boolean {
  const [from, to] = [machineOf(source), machineOf(destination)];
  return from !== to;
}

const v4Errors: readonly Message[] = [
  [3, 3],
  [3, 1],
  [3, 13],
  [11, 0],
  [3, 4],
  [12, 0],
].map(asMessage);
const v6Errors: readonly Message[] = [
  [1, 4],
  [1, 1],
  [3, 0],
  [2, 0],
  [4, 1],
].map(asMessage);

function asMessage([type, code]: readonly number[]): Message {
  return { type: type!, code: code! };
}

function error({ random, maker }: Surroundings, about: Datagram, { source, destination }: Ends): Datagram {
  const v6 = isV6(about.source);
  const kind = random.pick(v6 ? v6Errors : v4Errors);
  const quote = about.packets[0]!.subarray(0, random.pick(v6 ? [48, 72, 120] : [28, 48, 120]));
  const ends = { source, destination };
  const says = `icmp error ${kind.type}/${kind.code} about \`${about.says}\` ${about.source} > ${about.destination}`;
  return maker.whole(ends, message(ends, kind, bytesOf(u32(0), quote)), says);
}

/** Router advertisement, or ICMPv6's certificate path solicitation: neither asks nor answers nor quotes. */
function unsolicited({ source }: Ends): Transport {
  return isV6(source) ? icmp6(148, 0, bytesOf(u32(0), payload(8))) : icmp(9, 0, bytesOf(u32(0), payload(8)));
}

function message({ source }: Ends, { type, code }: Message, rest: Uint8Array): Transport {
  return isV6(source) ? icmp6(type, code, rest) : icmp(type, code, rest);
}
