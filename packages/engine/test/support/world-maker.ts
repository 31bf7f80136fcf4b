// Makes small worlds from a seed, where everything collides: few addresses and ports, ties in time, gaps around every
// timeout, rules that come and go.

import { type Micros, packetMark, placeOfInterface, toMicros } from "../../src/index.js";
import { second } from "./instants.js";
import { echoReply, echoRequest, flagsOf, type PacketText, portUnreachable } from "./packets.js";
import type { Random } from "./random.js";
import type { World, WorldEdit, WorldGroup, WorldInterface, WorldRule, WorldSource } from "./small-world.js";

const machines = ["10.0.0.4", "10.0.0.5", "10.0.0.6"];
const outsiders = ["203.0.113.7", "198.51.100.9", "10.0.0.99"];
/** They send errors, and nobody else. */
const routers = ["198.51.100.200", "198.51.100.201"];
const gaps = [0, 0, 1, 1000, 1_000_000, 5_000_000, 14_999_999, 15_000_000, 60_000_000, 239_999_999, 240_000_000];

export function makeWorld(random: Random): World {
  const packets = makePackets(random, [[...machines, ...outsiders]]);
  const end = packets.at(-1)!.time;
  return {
    ...withoutChanges,
    groups: ["web", "front"].map((name) => makeGroup(random, name, end)),
    interfaces: makeInterfaces(random, end),
    subnets: random.pick([
      { "subnet-1": null, "subnet-2": "front" },
      { "subnet-1": "front", "subnet-2": null },
      { "subnet-1": null },
      { "subnet-1": "web", "subnet-2": "never-seen" },
    ]),
    sources: makeSources(random, packets),
    flushes: random.chance(0.3) ? [makeFlush(random, end)] : [],
  };
}

/** Azure, where nothing but rules and interfaces ever changes. */
const withoutChanges = {
  platform: "azure",
  subnetPrefixes: {},
  space: ["10.0.0.0/16"],
  admin: null,
  associations: [],
  memberships: [],
  settings: [],
  lists: [],
} as const;

export function makeFlush(random: Random, end: Micros): World["flushes"][number] {
  const connection = {
    protocol: random.pick([6, 17]),
    a: random.pick(machines),
    b: random.pick([...machines, ...outsiders]),
    portA: random.pick([22, 53, null]),
    portB: random.pick([50_000, null]),
  };
  const at = random.pick(["nic-1", "nic-2", null]);
  return { time: instant(random, end), interface: at, connection: random.pick([connection, null]) };
}

function makeGroup(random: Random, name: string, end: Micros): WorldGroup {
  const rules = makeRules(random);
  const present = new Map(rules.map((rule) => [rule.name, rule]));
  const times = new Set(Array.from({ length: random.below(7) }, () => instant(random, end)));
  const edits = [...times].sort((a, b) => a - b).map((time) => makeEdit(random, time, present));
  return { name, kind: "network-security-group", rules, edits };
}

function makeRules(random: Random): WorldRule[] {
  const names = ["a", "b", "c", "d", "e"].filter(() => random.chance(0.5));
  return names.map((name) => makeRule(random, name));
}

/** Priorities hang on names, so that no two rules ever share one. */
function makeRule(random: Random, name: string): WorldRule {
  const addresses = ["*", "*", "10.0.0.0/24", "10.0.0.5", "203.0.113.0/24", "VirtualNetwork", "Internet", "Storage"];
  return {
    name,
    direction: random.pick(["inbound", "inbound", "outbound"]),
    access: random.pick(["allow", "allow", "deny"]),
    priority: 100 + name.charCodeAt(0) + 100 * random.below(3),
    protocol: random.pick(["*", "tcp", "tcp", "udp", "icmp", "esp"]),
    from: random.pick([...addresses, "asg:asg-a", "asg:asg-b"]),
    to: random.pick(addresses),
    toPorts: random.pick(["*", "*", "22", "20-60"]),
  };
}

function makeEdit(random: Random, time: Micros, present: Map<string, WorldRule>): WorldEdit {
  const kind = random.pick(["put", "put", "delete", "delete", "replace"] as const);
  if (kind === "replace") {
    const rules = makeRules(random);
    present.clear();
    for (const rule of rules) present.set(rule.name, rule);
    return { time, kind, rules };
  }
  if (kind === "delete" && present.size > 0) {
    const name = random.pick([...present.keys()]);
    present.delete(name);
    return { time, kind, name };
  }
  const rule = makeRule(random, random.pick(["a", "b", "c", "d", "e"]));
  present.set(rule.name, rule);
  return { time, kind: "put", rule };
}

function makeInterfaces(random: Random, end: Micros): WorldInterface[] {
  return [0, 1, 2].slice(0, 1 + random.below(3)).map((index) => {
    const state = (time: Micros, addresses: readonly string[]) => ({
      time,
      addresses,
      subnet: random.pick(["subnet-1", "subnet-1", "subnet-2"]),
      groups: random.pick([["web"], ["web"], []]),
      applicationSecurityGroups: random.pick([[], ["asg-a"], ["asg-a", "asg-b"]]),
    });
    const own = random.chance(0.9) ? [machines[index]!] : machines.slice(0, 2);
    const moved = random.chance(0.2) ? [state(instant(random, end), [random.pick(machines)])] : [];
    return { name: `nic-${index + 1}`, states: [state(second(-1000), own), ...moved] };
  });
}

/** An instant of the traffic, often one at which a packet may stand. */
export function instant(random: Random, end: Micros): Micros {
  const span = end - second(0) + 1;
  const time = second(0) + random.below(span);
  return toMicros(random.chance(0.5) ? time : Math.round(time / 1_000_000) * 1_000_000);
}

/** `circles`: ends that talk to each other; those of one address family. */
export function makePackets(random: Random, circles: readonly (readonly string[])[]): PacketText[] {
  const packets: PacketText[] = [];
  let time = second(0) as number;
  for (let index = 0; index < 20 + random.below(60); index++) {
    time += random.chance(0.8) ? random.pick(gaps.slice(0, 6)) : random.pick(gaps);
    const last = packets.at(-1 - random.below(6));
    if (last !== undefined && !isV6(last) && random.chance(0.15))
      packets.push(errorAbout(last, toMicros(time), random));
    else if (last !== undefined && random.chance(0.7)) packets.push(next(random, last, toMicros(time)));
    else {
      const ends = circles.length === 1 ? circles[0]! : random.pick(circles);
      const source = random.pick(ends);
      packets.push(first(random, toMicros(time), source, random.pick(ends.filter((other) => other !== source))));
    }
  }
  return packets;
}

function isV6({ source }: PacketText): boolean {
  return source.includes(":");
}

/** Few, so that acknowledgements meet what was sent; some beyond half of the circle. */
const sequences = [0, 1, 2, 100, 101, 2 ** 31 + 7, 2 ** 32 - 1];

/** Of every ICMP query. */
const identifier = { sourcePort: 7, destinationPort: 7 };

function first(random: Random, time: Micros, source: string, destination: string): PacketText {
  const protocol = random.pick(source.includes(":") ? [6, 17] : [6, 6, 6, 17, 1, 50]);
  const query = { ...identifier, flags: random.pick([echoRequest, echoRequest, echoReply]) };
  const ports = { sourcePort: random.pick([50_000, 22]), destinationPort: random.pick([22, 53]) };
  const made = {
    time,
    frame: 0,
    protocol,
    source,
    destination,
    ...(protocol === 1 ? query : { ...ports, flags: protocol === 6 ? tcpFlags(random) : 0 }),
    sequence: random.pick(sequences),
    acknowledgement: random.pick(sequences),
    zeroWindow: random.chance(0.1),
    ipLength: 40 + random.below(1400),
    payloadLength: random.pick([0, 0, 1, 1, 99, random.below(1400)]),
    fragment: random.chance(0.1) ? { id: random.below(2), later: random.chance(0.5) } : null,
    cutOff: false,
    quoted: null,
  };
  return { ...made, marks: made.ipLength % 20 === 0 ? packetMark.badChecksum : 0 };
}

function tcpFlags(random: Random): number {
  return flagsOf(
    random.pick(["S", "S", "S", "SA", "SA", "A", "A", "PA", "PA", "FA", "FA", "RA", "R", "", "SEC", "FPU"]),
  );
}

/** Another packet of the same conversation, either way. */
function next(random: Random, last: PacketText, time: Micros): PacketText {
  const { protocol, source, sourcePort, destination, destinationPort } = last;
  const back = random.chance(0.5);
  const made = first(random, time, back ? destination : source, back ? source : destination);
  if (protocol === 1) return { ...made, protocol, flags: random.pick([echoRequest, echoReply]), ...identifier };
  const ports = back ? { sourcePort: destinationPort, destinationPort: sourcePort } : { sourcePort, destinationPort };
  const flags = random.chance(0.5) ? flagsOf(random.pick(["SA", "A", "A", "FA", "FA"])) : tcpFlags(random);
  return { ...made, protocol, ...ports, flags: protocol === 6 ? flags : 0 };
}

function errorAbout(about: PacketText, time: Micros, random: Random): PacketText {
  const { protocol, source, sourcePort, destination, destinationPort, flags } = about;
  return {
    ...about,
    time,
    protocol: 1,
    source: random.chance(0.8) ? destination : random.pick(routers.filter((router) => router !== source)),
    destination: source,
    flags: portUnreachable,
    fragment: null,
    quoted: { protocol, source, sourcePort, destination, destinationPort, flags },
  };
}

/** One to three captures; two may be of one place and hold packets of the same time, and files may be disordered. */
export function makeSources(random: Random, packets: readonly PacketText[]): WorldSource[] {
  const count = 1 + random.below(3);
  const places = ["capture", "capture", "other", placeOfInterface("nic-1")];
  const sources = Array.from({ length: count }, (_, index) => {
    return { name: `${"cab"[index]}0`, place: random.pick(places), packets: [] as PacketText[] };
  });
  for (const packet of packets) random.pick(sources).packets.push(packet);
  return sources.map(({ packets: own, ...source }) => {
    const order = random.chance(0.3) ? disordered(random, own) : own;
    return { ...source, packets: order.map((packet, index) => ({ ...packet, frame: index + 1 + (index >> 2) })) };
  });
}

function disordered(random: Random, packets: readonly PacketText[]): PacketText[] {
  const order = [...packets];
  for (let index = 1; index < order.length; index++) {
    if (random.chance(0.3)) [order[index - 1], order[index]] = [order[index]!, order[index - 1]!];
  }
  return order;
}
