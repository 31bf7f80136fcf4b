// Flows for the benches' machines: who talks to whom, and what each of their packets carries next. True to the rules of
// world.mjs: who is let in talks, who is not sends its first packet again and again.

import { below, pick } from "./random.mjs";
import { machines, services } from "./world.mjs";

const shareOfV6 = 0.08;
/** Cumulative shares of the kinds of flows. */
const kinds = [
  [0.46, (random) => tcp(random, inbound(random, pick(random, services.tcp)))],
  [0.66, (random) => tcp(random, outbound(random, pick(random, services.tcp)))],
  [0.76, (random) => tcp(random, peered(random))],
  [0.83, (random) => tcp(random, between(random))],
  [0.94, (random) => udp(random)],
  [0.96, (random) => echo(random)],
  [1, (random) => refused(random)],
];

const flag = { fin: 1, syn: 2, rst: 4, ack: 16 };

export function makeFlow(random) {
  const share = random();
  return kinds.find(([upTo]) => share < upTo)[1](random);
}

function tcp(random, ends) {
  const sequence = [below(random, 2 ** 32), below(random, 2 ** 32)];
  return { kind: "tcp", ...ends, sequence, step: 0, side: 0, answered: true };
}

function refused(random) {
  const addresses = [peerV4(random, services.refused), pick(random, machines).v4];
  const ports = [ephemeral(random), pick(random, services.tcp)];
  return { ...tcp(random, { addresses, ports }), answered: false };
}

function udp(random) {
  const port = pick(random, services.udp);
  return { kind: "udp", ...(random() < 0.4 ? inbound(random, port) : outbound(random, port)), step: 0, side: 0 };
}

function echo(random) {
  return { kind: "echo", ...(random() < 0.5 ? inbound(random, 0) : outbound(random, 0)), step: 0, side: 0 };
}

function inbound(random, port) {
  const machine = pick(random, machines);
  const [own, peer] =
    random() < shareOfV6 ? [machine.v6, peerV6(random)] : [machine.v4, peerV4(random, services.internet)];
  return { addresses: [peer, own], ports: [ephemeral(random), port] };
}

function outbound(random, port) {
  const { addresses, ports } = inbound(random, port);
  return { addresses: addresses.reverse(), ports };
}

function peered(random) {
  const machine = pick(random, machines);
  const addresses = [[...services.peered, below(random, 256), below(random, 256)], machine.v4];
  if (random() < 0.5) addresses.reverse();
  return { addresses, ports: [ephemeral(random), pick(random, services.tcp)] };
}

function between(random) {
  const first = below(random, machines.length);
  const machine = machines[first];
  const other = machines[(first + 1 + below(random, machines.length - 1)) % machines.length];
  const addresses = random() < shareOfV6 ? [machine.v6, other.v6] : [machine.v4, other.v4];
  return { addresses, ports: [ephemeral(random), pick(random, services.tcp)] };
}

function peerV4(random, first) {
  return [first, below(random, 256), below(random, 16), below(random, 256)];
}

function peerV6(random) {
  return [0x26, 0, 0x1f, below(random, 64), ...new Array(10).fill(0), below(random, 256), below(random, 256)];
}

function ephemeral(random) {
  return 1024 + below(random, 64_512);
}

/** The flow's next packet. */
export function writeNext(flow, time, random, writer) {
  if (flow.kind === "tcp") writeSegment(flow, time, random, writer);
  else if (flow.kind === "udp") writer.udp(packetOf(flow, turn(flow, random), time), 12 + payloadLength(random));
  else writeEcho(flow, time, writer);
  flow.step++;
}

/** What ends the flow, if anything does: mostly both sides' FIN, else one's RST. How many packets were written. */
export function writeEnd(flow, time, random, writer) {
  if (!flow.answered || flow.step < 3) return 0;
  const { side } = flow;
  if (random() < 0.12) {
    segment(flow, time, { side, flags: flag.rst | flag.ack, payload: 0 }, writer);
    return 1;
  }
  segment(flow, time, { side, flags: flag.fin | flag.ack, payload: 0 }, writer);
  segment(flow, time + 1, { side: 1 - side, flags: flag.fin | flag.ack, payload: 0 }, writer);
  segment(flow, time + 2, { side, flags: flag.ack, payload: 0 }, writer);
  return 3;
}

function writeSegment(flow, time, random, writer) {
  if (!flow.answered) {
    segment(flow, time, { side: 0, flags: flag.syn, payload: 0 }, writer);
    flow.sequence[0]--;
  } else if (flow.step < 3) segment(flow, time, handshake[flow.step], writer);
  else segment(flow, time, { side: turn(flow, random), flags: flag.ack, payload: payloadLength(random) }, writer);
}

const handshake = [
  { side: 0, flags: flag.syn, payload: 0 },
  { side: 1, flags: flag.syn | flag.ack, payload: 0 },
  { side: 0, flags: flag.ack, payload: 0 },
];

function segment(flow, time, { side, flags, payload }, writer) {
  const sequence = flow.sequence[side] >>> 0;
  const acknowledgement = (flags & flag.ack) === 0 ? 0 : flow.sequence[1 - side] >>> 0;
  writer.tcp(packetOf(flow, side, time), payload, { sequence, acknowledgement, flags });
  flow.sequence[side] = (sequence + payload + ((flags & (flag.syn | flag.fin)) === 0 ? 0 : 1)) >>> 0;
}

function writeEcho(flow, time, writer) {
  const isReply = flow.step % 2 === 1;
  const message = { isReply, identifier: flow.ports[0], sequence: (flow.step >> 1) & 0xffff };
  writer.echo(packetOf(flow, Number(isReply), time), 56, message);
}

function packetOf({ addresses, ports }, side, time) {
  return {
    time,
    source: addresses[side],
    destination: addresses[1 - side],
    sourcePort: ports[side],
    destinationPort: ports[1 - side],
  };
}

/** Who speaks: mostly who spoke before; a flow's first packet is its opener's. */
function turn(flow, random) {
  if (flow.step > 0 && random() < 0.35) flow.side = 1 - flow.side;
  return flow.side;
}

/** More than half carry nothing; the others' lengths have a heavy tail, and every tenth fills its segment. */
function payloadLength(random) {
  const share = random();
  return share < 0.55 ? 0 : Math.min(1448, Math.floor(9 / (1 - share) ** 2.2));
}
