// Connections are brought into every state while all is allowed; then all is denied, so that whatever passes does so by
// its record alone; then there is silence, and at some instants some of them are asked again.

import { bytesOf, icmp, icmp6, payload, tcp, u16, udp } from "../../../engine/test/support/frames.js";
import type { Random } from "../../../engine/test/support/random.js";
import { type Datagram, DatagramMaker } from "./datagram.js";
import { isV6 } from "./network.js";
import type { Run } from "./run.js";
import { closingEdits } from "./security-group.js";
import { type Connection, randomEnds, turned } from "./talk.js";
import { optionsOf } from "./tcp-pair.js";

/** `>` from the one who opens, `<` from the other; then TCP flags. */
const tcpBeginnings: readonly (readonly string[])[] = [
  [">S"],
  [">S", ">S"],
  [">S", "<SA"],
  [">S", "<RA"],
  [">S", "<SA", ">A"],
  [">S", "<SA", ">A", ">PA", "<A"],
  [">S", "<SA", ">A", ">FA"],
  [">S", "<SA", ">A", ">FA", "<A"],
  [">S", "<SA", ">A", ">FA", "<FA"],
  [">S", "<SA", ">A", "<FA", ">FA", "<A"],
  [">S", "<SA", ">A", ">RA"],
  [">S", "<SA", ">A", "<R"],
  [">S", "<SA", ">R"],
  [">A"],
  [">PA", "<A"],
];
const otherBeginnings: readonly (readonly string[])[] = [[">"], [">", "<"]];
/** No SYN from the other: of the state that follows, SYN_SENT2, the kernel lets nobody change the timeout. */
const later = [">A", ">PA", ">S", ">FA", ">RA", "<A", "<PA", "<SA", "<FA", "<RA"];

/** Seconds of the capture, of silence; no two lie a timeout of conntrack's apart. */
const instants = [5, 18, 25, 43, 90, 168];

/** Once older than two seconds, a record of UDP outlives a longer silence [L3]. No setting shortens those two. */
const udpAskedFrom = 20;

type Silent = {
  readonly protocol: "tcp" | "udp" | "ping";
  readonly connection: Connection;
  readonly beginning: readonly string[];
  readonly sequences: [number, number];
};

export function fadingTraffic(run: Run, random: Random, count: number): void {
  const maker = new DatagramMaker(random);
  const silent = Array.from({ length: count }, (_, index) => randomSilent(random, index));
  for (const one of silent) for (const step of one.beginning) run.send(datagram(maker, one, step));
  for (const group of run.groups) for (const edit of closingEdits(group)) run.edit(edit);
  const silence = run.clock.elapsed();
  for (const instant of instants) {
    run.clock.waitUntil(silence + instant);
    const askable = silent.filter(({ protocol }) => protocol !== "udp" || instant >= udpAskedFrom);
    for (const one of askable) if (random.chance(0.4)) run.send(datagram(maker, one, random.pick(later)));
  }
}

function randomSilent(random: Random, index: number): Silent {
  const protocol = random.pick(["tcp", "tcp", "tcp", "tcp", "udp", "ping"] as const);
  const connection = { ...randomEnds(random), sourcePort: 20_000 + index, destinationPort: 22 };
  const beginning = random.pick(protocol === "tcp" ? tcpBeginnings : otherBeginnings);
  return { protocol, connection, beginning, sequences: [random.below(2 ** 32), random.below(2 ** 32)] };
}

function datagram(maker: DatagramMaker, silent: Silent, step: string): Datagram {
  const { protocol, connection } = silent;
  const forward = step.startsWith(">");
  const ends = forward ? { source: connection.source, destination: connection.destination } : turned(connection);
  const says = `${protocol} ${step}, begun ${silent.beginning.join(" ")}`;
  const [sourcePort, destinationPort] = forward
    ? [connection.sourcePort, connection.destinationPort]
    : [connection.destinationPort, connection.sourcePort];
  if (protocol === "udp") return maker.whole(ends, udp({ sourcePort, destinationPort }), says);
  if (protocol === "ping") return maker.whole(ends, ping(isV6(ends.source), forward, connection.sourcePort), says);
  return maker.whole(ends, segment(silent, step.slice(1), { sourcePort, destinationPort }), says);
}

function ping(v6: boolean, isRequest: boolean, identifier: number) {
  const rest = bytesOf(u16(identifier), u16(1), payload(8));
  return v6 ? icmp6(isRequest ? 128 : 129, 0, rest) : icmp(isRequest ? 8 : 0, 0, rest);
}

function segment(
  { connection, sequences }: Silent,
  flags: string,
  ports: Pick<Connection, "sourcePort" | "destinationPort">,
) {
  const own = ports.sourcePort === connection.sourcePort ? 0 : 1;
  const bytes = flags.includes("P") ? 10 : 0;
  const sequence = sequences[own]!;
  sequences[own] = (sequence + bytes + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
  const acknowledgement = flags.includes("A") ? sequences[1 - own]! : 0;
  return tcp({ ...ports, sequence, acknowledgement, flags, options: optionsOf(flags), payload: payload(bytes) });
}
