// Makes small worlds of each cloud from a seed, in which everything may change in mid-traffic: rules, associations,
// memberships, lists, and the switches of single resources.

import { type Micros, toMicros } from "../../src/index.js";
import { second } from "./instants.js";
import type { Random } from "./random.js";
import type { World, WorldEdit, WorldGroup, WorldInterface, WorldList, WorldRule } from "./small-world.js";
import { instant, makeFlush, makePackets, makeSources } from "./world-maker.js";

/** Instants at which the network changes, no two alike. */
type Clock = { next(): Micros };

const machines = ["10.0.0.4", "10.0.0.5", "10.0.1.6"];
const outsiders = ["203.0.113.7", "198.51.100.9", "10.0.0.99"];
const platform = ["168.63.129.16", "169.254.169.254"];
const machines6 = ["2001:db8::4", "2001:db8::5", "2001:db8:0:1::6"];
const outsiders6 = ["2600::7", "2600::8"];

export function makeAzureWorld(random: Random): World {
  const packets = makePackets(random, [[...machines, ...outsiders, ...machines, ...platform]]);
  const end = packets.at(-1)!.time;
  const clock = clockOf(random, end);
  const maker = { random, end, rule: azureRule };
  const interfaces = makeInterfaces(random, clock, () => random.pick([["web"], ["web"], ["front"], []]));
  const standing = () => random.pick([["web"], ["front"], ["front"], []]);
  return {
    platform: "azure",
    groups: [
      ...["web", "front"].map((name) => makeGroup(maker, name, "network-security-group")),
      makeGroup({ ...maker, rule: adminRule }, "admin", "security-admin"),
    ],
    interfaces,
    subnets: random.pick([
      { "subnet-1": null, "subnet-2": "front" },
      { "subnet-1": "front", "subnet-2": null },
      { "subnet-1": "web" },
    ]),
    subnetPrefixes: {},
    space: ["10.0.0.0/16"],
    admin: random.chance(0.4) ? "admin" : null,
    associations: several(random, clock, (time) =>
      random.chance(0.7)
        ? { time, gate: "interface", target: random.pick(interfaces).name, groups: standing() }
        : { time, gate: "subnet", target: "subnet-1", groups: standing() },
    ),
    memberships: several(random, clock, (time) => {
      const { name, states } = random.pick(interfaces);
      const [address = ""] = states[0]!.addresses;
      return { time, interface: name, address, applicationSecurityGroups: random.pick([[], ["asg-a"], ["asg-b"]]) };
    }),
    settings: several(random, clock, (time) => ({ time, ...azureSetting(random, interfaces) })),
    lists: random.chance(0.7) ? makeLists(random, clock, "Storage") : [],
    sources: makeSources(random, packets),
    flushes: random.chance(0.2) ? [makeFlush(random, end)] : [],
  };
}

export function makeAwsWorld(random: Random): World {
  const v4 = [...machines, ...outsiders, ...machines, "169.254.169.254"];
  const packets = makePackets(random, [v4, v4, [...machines6, ...outsiders6]]);
  const end = packets.at(-1)!.time;
  const clock = clockOf(random, end);
  const maker = { random, end, rule: awsRule };
  const groups = () => random.pick([["sg-a"], ["sg-b"], ["sg-a", "sg-b"], ["sg-b", "sg-a"]]);
  const interfaces = makeInterfaces(random, clock, groups);
  return {
    platform: "aws",
    groups: [
      ...["sg-a", "sg-b"].map((name) => makeGroup(maker, name, "security-group")),
      makeGroup({ ...maker, rule: aclRule }, "acl-1", "network-acl"),
    ],
    interfaces,
    subnets: { "subnet-1": "acl-1", "subnet-2": "acl-1" },
    subnetPrefixes: { "subnet-1": ["10.0.0.0/24", "2001:db8::/64"], "subnet-2": ["10.0.1.0/24", "2001:db8:0:1::/64"] },
    space: ["10.0.0.0/16", "2001:db8::/56"],
    admin: null,
    associations: several(random, clock, (time) =>
      random.chance(0.8)
        ? { time, gate: "interface", target: random.pick(interfaces).name, groups: groups() }
        : { time, gate: "network-acl", target: "subnet-2", groups: [random.pick(["acl-1", "acl-never-seen"])] },
    ),
    memberships: [],
    settings: several(random, clock, (time) => ({ time, ...awsSetting(random, interfaces) })),
    lists: random.chance(0.7) ? makeLists(random, clock, "pl-1") : [],
    sources: makeSources(random, packets),
    flushes: random.chance(0.2) ? [makeFlush(random, end)] : [],
  };
}

function clockOf(random: Random, end: Micros): Clock {
  const taken = new Set<number>();
  return {
    next() {
      let time: number = instant(random, end);
      while (taken.has(time)) time++;
      taken.add(time);
      return toMicros(time);
    },
  };
}

function several<T extends { readonly time: Micros }>(random: Random, clock: Clock, make: (time: Micros) => T): T[] {
  const times = Array.from({ length: random.below(4) }, () => clock.next());
  return times.sort((a, b) => a - b).map(make);
}

function makeInterfaces(random: Random, clock: Clock, groups: () => readonly string[]): WorldInterface[] {
  return [0, 1, 2].slice(0, 1 + random.below(3)).map((index) => {
    const state = (time: Micros, addresses: readonly string[]) => ({
      time,
      addresses,
      subnet: random.pick(["subnet-1", "subnet-1", "subnet-2"]),
      groups: groups(),
      applicationSecurityGroups: random.pick([[], ["asg-a"], ["asg-a", "asg-b"]]),
    });
    const own = [machines[index]!, machines6[index]!];
    const moved = random.chance(0.15) ? [state(clock.next(), own)] : [];
    return { name: `nic-${index + 1}`, states: [state(second(-1000), own), ...moved] };
  });
}

function makeLists(random: Random, clock: Clock, list: string): WorldList[] {
  const all = ["203.0.113.0/24", "198.51.100.9/32", "10.0.0.99/32", "2600::/16"];
  const edition = (time: Micros) => ({ time, list, prefixes: all.filter(() => random.chance(0.5)) });
  return [...(random.chance(0.5) ? [edition(second(-1000))] : []), ...several(random, clock, edition)];
}

type GroupMaker = {
  readonly random: Random;
  readonly end: Micros;
  readonly rule: (random: Random, name: string) => WorldRule;
};

function makeGroup({ random, end, rule }: GroupMaker, name: string, kind: WorldGroup["kind"]): WorldGroup {
  const names = ["a", "b", "c", "d", "e", "f"];
  const rules = names.filter(() => random.chance(0.6)).map((each) => rule(random, each));
  const present = new Map(rules.map((each) => [each.name, each]));
  const times = new Set(Array.from({ length: random.below(6) }, () => instant(random, end)));
  const edits = [...times]
    .sort((a, b) => a - b)
    .map((time): WorldEdit => {
      if (present.size > 0 && random.chance(0.5)) {
        const deleted = random.pick([...present.keys()]);
        present.delete(deleted);
        return { time, kind: "delete", name: deleted };
      }
      const put = rule(random, random.pick(names));
      present.set(put.name, put);
      return { time, kind: "put", rule: put };
    });
  return { name, kind, rules, edits };
}

/** Priorities hang on names, so that no two rules ever share one. */
function azureRule(random: Random, name: string): WorldRule {
  const addresses = ["*", "*", "*", "10.0.0.5", "203.0.113.0/24", "VirtualNetwork", "Internet", "Storage"];
  const direction = random.pick(["inbound", "inbound", "outbound"] as const);
  const asked = [...addresses, "AzureLoadBalancer", "asg:asg-a", "asg:asg-b"];
  return {
    name,
    direction,
    access: random.pick(["allow", "allow", "deny"]),
    priority: 100 + name.charCodeAt(0) + 100 * random.below(3),
    protocol: random.pick(["*", "tcp", "tcp", "udp", "icmp"]),
    from: random.pick(asked),
    to: random.pick([...addresses, "AzurePlatformDNS", "AzurePlatformIMDS", "asg:asg-b"]),
    toPorts: random.pick(["*", "*", "22", "20-60"]),
  };
}

function adminRule(random: Random, name: string): WorldRule {
  const address = () => random.pick(["*", "10.0.0.0/24", "203.0.113.0/24", "Internet", "10.0.0.5"]);
  const access = random.pick(["allow", "deny", "always-allow"] as const);
  return { ...azureRule(random, name), from: address(), to: address(), access };
}

function awsRule(random: Random, name: string): WorldRule {
  const direction = random.pick(["inbound", "outbound"] as const);
  const all = ["0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0", "::/0"];
  const peer = random.pick([...all, "203.0.113.0/24", "10.0.0.5/32", "2600::/16", "asg:sg-a", "asg:sg-b", "pl-1"]);
  const [from, to] = direction === "inbound" ? [peer, "*"] : ["*", peer];
  const access = "allow";
  const protocol = random.pick(["*", "*", "tcp", "tcp", "udp", "icmp"] as const);
  const toPorts = random.pick(["*", "*", "22", "20-60"]);
  return { name: `${name}-${direction}`, direction, access, priority: 0, protocol, from, to, toPorts };
}

/** Most of them let most through, so that something is left for the groups behind. */
function aclRule(random: Random, name: string): WorldRule {
  const rule = awsRule(random, name);
  const address = random.pick(["0.0.0.0/0", "0.0.0.0/0", "::/0", "203.0.113.0/24", "10.0.0.0/16"]);
  const [from, to] = rule.direction === "inbound" ? [address, "*"] : ["*", address];
  const access = random.pick(["allow", "allow", "allow", "deny"] as const);
  const protocol = random.pick(["*", "*", "*", "tcp"] as const);
  return { ...rule, from, to, access, protocol, priority: name.charCodeAt(0), toPorts: random.pick(["*", "*", "22"]) };
}

function azureSetting(random: Random, interfaces: readonly WorldInterface[]) {
  const group = {
    resource: random.pick(["web", "front"]),
    setting: "flushConnection",
    value: random.chance(0.7),
  } as const;
  const timeout = { resource: "vnet", setting: "flowTimeoutMinutes", value: random.pick([4, 5, 30, null]) } as const;
  const nic = random.pick(interfaces).name;
  const state = { resource: nic, setting: "disableTcpStateTracking", value: random.chance(0.6) } as const;
  return random.pick([group, group, timeout, state]);
}

function awsSetting(random: Random, interfaces: readonly WorldInterface[]) {
  const resource = random.pick(interfaces).name;
  return random.pick([
    { resource, setting: "tcpEstablishedSeconds", value: random.pick([60, 350, null]) },
    { resource, setting: "udpSeconds", value: random.pick([30, 60]) },
    { resource, setting: "udpStreamSeconds", value: random.pick([60, 180]) },
  ] as const);
}
