// What the rules of a small world say at an instant, tried one by one in the words of DOMAIN 1 and 2.5. Part of the
// oracle, and so without any code of the engine.

import type { World, WorldGroup, WorldInterface, WorldRule } from "./small-world.js";
import { edgeAt, groupsAt, listAt, membershipsAt, rulesAt, settingAt, stateAt, within } from "./world-state.js";

export type Way = "inbound" | "outbound";
/** Who sends to whom, with the ports of the first fragment where this is a later one. */
export type Ends = {
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly icmp: number;
  readonly portsKnown: boolean;
};
/** An interface that judges at an instant. */
export type Post = { readonly nic: WorldInterface; readonly direction: Way; readonly time: number };

export type Asked = {
  readonly decision: "allow" | "deny" | "unknown";
  readonly told: string;
  readonly doubts: string;
  readonly deniedBy: string;
};

type Access = WorldRule["access"] | "unknown";
type Answer = { readonly access: Access; readonly by: string; readonly group: string };

const [TCP, UDP, SCTP] = [6, 17, 132];
const host = "168.63.129.16";
const metadata = "169.254.169.254";

export class OracleRules {
  constructor(private readonly world: World) {}

  /** All gates that a record stands for. */
  ask(ends: Ends, post: Post): Asked {
    const service = this.#serviceOf(ends, post);
    if (service === "never filtered") return tell([["platform", pass]]);
    const told: [string, Answer][] = [];
    for (const [gate, groups] of this.#gatesOf(post)) {
      const answer = service === null ? this.#askGate(groups, ends, post) : this.#askFor(service, groups, ends, post);
      if (answer === null) continue;
      told.push([gate, answer]);
      if (answer.access === "deny" || answer.access === "always-allow") break;
    }
    return tell(told.length === 0 && service !== null ? [["platform", pass]] : told);
  }

  /** The network ACL at the edge of the subnet; null: none is asked. */
  barrier(ends: Ends, post: Post): Asked | null {
    const { subnet } = stateAt(post.nic, post.time);
    if (this.world.platform !== "aws" || this.#serviceOf(ends, post) !== null) return null;
    const peer = post.direction === "inbound" ? ends.source : ends.destination;
    const shown = Object.keys(this.world.subnets).includes(subnet);
    if (shown && this.#subnetOf(peer) === subnet) return null;
    const groups = edgeAt(this.world, subnet, post.time);
    if (groups !== null && groups.length === 0) return null;
    return tell([["network-acl", this.#askGate(groups, ends, post)]]);
  }

  /** DOMAIN 2.5: whether a connection that these open is untracked for sure. */
  isOpenToAll(ends: Ends, post: Post): boolean {
    const { world } = this;
    if (world.platform !== "aws" || ![TCP, UDP].includes(ends.protocol)) return false;
    if (this.#serviceOf(ends, post) !== null) return false;
    const rules = groupsAt(world, post.nic, post.time).flatMap((name) => this.#rulesOf(name, post.time));
    const all = ends.source.includes(":") ? "::/0" : "0.0.0.0/0";
    const peer = ({ direction, from, to }: WorldRule) => (direction === "inbound" ? from : to);
    const open = rules.filter((rule) => [all, "*"].includes(peer(rule)));
    const lets = open.some((rule) => rule.direction === post.direction && this.#matches(rule, ends, post) === true);
    const answers = open.some(
      (rule) => rule.direction !== post.direction && rule.toPorts === "*" && bindsProtocol(rule, ends),
    );
    return lets && answers;
  }

  #gatesOf({ nic, direction, time }: Post): [string, readonly string[] | null][] {
    const own: [string, readonly string[]] = ["interface", groupsAt(this.world, nic, time)];
    if (this.world.platform === "aws") return [own];
    const edge: [string, readonly string[] | null] = ["subnet", edgeAt(this.world, stateAt(nic, time).subnet, time)];
    const inOrder = direction === "inbound" ? [edge, own] : [own, edge];
    if (this.world.admin === null) return inOrder;
    const inNetwork = stateAt(nic, time).subnet in this.world.subnets;
    return [["security-admin", inNetwork ? [this.world.admin] : null], ...inOrder];
  }

  /** DOMAIN 1.5 and 2.5: the tag that binds it, or that no rule ever does; null: the groups judge. */
  #serviceOf({ source, destination, destinationPort, portsKnown }: Ends, { direction }: Post) {
    if (this.world.platform === "aws") return [source, destination].includes(metadata) ? "never filtered" : null;
    if (direction === "inbound") return null;
    if (destination === metadata) return "AzurePlatformIMDS";
    if (destination !== host) return null;
    return portsKnown && destinationPort !== 53 ? "never filtered" : "AzurePlatformDNS";
  }

  #askFor(tag: string, groups: readonly string[] | null, ends: Ends, post: Post): Answer | null {
    const [name] = groups ?? [];
    if (groups === null || (name !== undefined && this.#group(name) === undefined)) return unknown;
    if (name === undefined) return null;
    const naming = this.#rulesOf(name, post.time).filter(({ from, to }) => [from, to].includes(tag));
    const lets: WorldRule = { ...any, name: "", direction: post.direction, access: "allow", priority: 70_000 };
    const answer = this.#try([...naming, lets], name, ends, post);
    return answer.by === "" ? null : answer;
  }

  #askGate(groups: readonly string[] | null, ends: Ends, post: Post): Answer {
    if (groups === null || groups.some((name) => this.#group(name) === undefined)) return unknown;
    if (groups.length === 0) return pass;
    const answers = [...groups].sort().map((name) => {
      const rules = [...this.#rulesOf(name, post.time), ...defaults[this.#group(name)!.kind]];
      return this.#try(rules, name, ends, post);
    });
    const of = (access: Access) => answers.find((answer) => answer.access === access);
    return answers.length === 1 ? answers[0]! : (of("allow") ?? of("unknown") ?? answers[0]!);
  }

  #group(name: string): WorldGroup | undefined {
    return this.world.groups.find((group) => group.name === name);
  }

  #rulesOf(name: string, time: number): WorldRule[] {
    const group = this.#group(name);
    return group === undefined ? [] : rulesAt(group, time);
  }

  /** What the rules may say, over everything that is not known: one answer, or several, which is unknown. */
  #try(rules: readonly WorldRule[], group: string, ends: Ends, post: Post): Answer {
    const possible = new Set<Access>();
    const sorted = rules.filter((rule) => rule.direction === post.direction);
    sorted.sort((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1));
    for (const rule of sorted) {
      const match = this.#matches(rule, ends, post);
      if (match === false) continue;
      possible.add(rule.access);
      if (match === true) return possible.size === 1 ? { access: rule.access, by: rule.name, group } : unknown;
    }
    throw new Error("the last default rule matches everything");
  }

  /** Null: it may match. */
  #matches(rule: WorldRule, ends: Ends, post: Post): boolean | null {
    if (!bindsProtocol(rule, ends)) return false;
    const parts = [
      inPorts(rule, ends),
      this.#isNamed(rule.from, ends.source, post),
      this.#isNamed(rule.to, ends.destination, post),
    ];
    if (parts.includes(false)) return false;
    return parts.includes(null) ? null : true;
  }

  #isNamed(name: string, address: string, post: Post): boolean | null {
    const inSpace = this.#inSpace(address, post);
    if (name === "*") return true;
    if (name === "VirtualNetwork") return address === host || inSpace;
    if (name === "Internet") return isPrivate(address) || address === host ? false : inSpace === null ? null : !inSpace;
    if (name === "AzureLoadBalancer" || name === "AzurePlatformDNS") return address === host;
    if (name === "AzurePlatformIMDS") return address === metadata;
    if (name.startsWith("asg:")) return this.#isMember(name.slice(4), address, post.time, inSpace);
    if (/^[\d:]/.test(name)) return within(address, name);
    return listAt(this.world, name, post.time)?.some((prefix) => within(address, prefix)) ?? null;
  }

  /** Of an interface in a subnet that the network does not show, nobody knows the network on Azure. */
  #inSpace(address: string, { nic, time }: Post): boolean | null {
    const { platform, subnets, space } = this.world;
    const known = platform === "aws" || stateAt(nic, time).subnet in subnets;
    return known ? space.some((prefix) => within(address, prefix)) : null;
  }

  #isMember(group: string, address: string, time: number, inSpace: boolean | null): boolean | null {
    const holders = this.world.interfaces.filter((nic) => stateAt(nic, time).addresses.includes(address));
    const groupsOf = (nic: WorldInterface) =>
      this.world.platform === "aws" ? groupsAt(this.world, nic, time) : membershipsAt(this.world, nic, address, time);
    if (holders.some((nic) => groupsOf(nic).includes(group))) return true;
    return holders.length > 0 || inSpace === false ? false : null;
  }

  #subnetOf(address: string): string | null {
    const all = Object.entries(this.world.subnetPrefixes);
    return all.find(([, prefixes]) => prefixes.some((prefix) => within(address, prefix)))?.[0] ?? null;
  }

  /** DOMAIN 2.3: the groups before the interface that have flows judged anew when their rules change. */
  flushingAt(nic: WorldInterface, time: number): string[] {
    return this.standingBefore(nic, time).filter(
      (name) => settingAt(this.world, name, "flushConnection", time) === true,
    );
  }

  standingBefore(nic: WorldInterface, time: number): string[] {
    const { subnet } = stateAt(nic, time);
    const edge = edgeAt(this.world, subnet, time) ?? [];
    const admin = this.world.admin === null || !(subnet in this.world.subnets) ? [] : [this.world.admin];
    return [...groupsAt(this.world, nic, time), ...edge, ...admin];
  }
}

const pass: Answer = { access: "allow", by: "-", group: "-" };
const unknown: Answer = { access: "unknown", by: "-", group: "-" };

function tell(answers: readonly (readonly [string, Answer])[]): Asked {
  const said = (access: Access) => (access === "always-allow" ? "allow" : access);
  const told = answers.map(([gate, { access, by }]) => `${gate} ${said(access)} ${by}`).join(", ");
  const denied = answers.find(([, { access }]) => access === "deny")?.[1];
  const open = answers.some(([, { access }]) => access === "unknown");
  const bypassed = answers.some(([gate, { access }]) => gate === "security-admin" && access === "unknown");
  const decision = denied !== undefined && !bypassed ? "deny" : open ? "unknown" : "allow";
  const deniedBy = denied === undefined ? "" : `${denied.group}/${denied.by}`;
  return { decision, told, doubts: unknownGates(told), deniedBy };
}

export function unknownGates(told: string): string {
  const gates = told.split(", ");
  return gates.filter((gate) => gate.includes(" unknown ")).join(", ");
}

/** What both say, the one after the other. */
export function after(barrier: Asked | null, asked: Asked): Asked {
  if (barrier === null) return asked;
  const told = [barrier.told, asked.told].filter((part) => part !== "").join(", ");
  const decision = asked.decision === "allow" ? barrier.decision : asked.decision;
  return { decision, told, doubts: unknownGates(told), deniedBy: asked.deniedBy };
}

function bindsProtocol({ protocol }: WorldRule, ends: Ends): boolean {
  const numbers: { readonly [name: string]: number } = { tcp: TCP, udp: UDP, icmp: 1, esp: 50 };
  return protocol === "*" || numbers[protocol] === ends.protocol;
}

function inPorts(rule: WorldRule, ends: Ends): boolean | null {
  if (rule.toPorts === "*") return true;
  if (![TCP, UDP, SCTP].includes(ends.protocol)) return rule.protocol !== "*";
  if (!ends.portsKnown) return null;
  const [first = 0, last = first] = rule.toPorts.split("-").map(Number);
  return first <= ends.destinationPort && ends.destinationPort <= last;
}

function isPrivate(address: string): boolean {
  return ["10.0.0.0/8", "169.254.0.0/16", "fc00::/7"].some((prefix) => within(address, prefix));
}

const any = { from: "*", to: "*", protocol: "*", toPorts: "*" } as const;

/** Of every kind of group, DOMAIN 1.3, 1.4, 2.5, 2.6. */
const defaults: { readonly [kind in WorldGroup["kind"]]: readonly WorldRule[] } = {
  "network-security-group": [
    {
      ...any,
      name: "AllowVnetInBound",
      direction: "inbound",
      access: "allow",
      priority: 65_000,
      from: "VirtualNetwork",
      to: "VirtualNetwork",
    },
    {
      ...any,
      name: "AllowAzureLoadBalancerInBound",
      direction: "inbound",
      access: "allow",
      priority: 65_001,
      from: "AzureLoadBalancer",
    },
    { ...any, name: "DenyAllInBound", direction: "inbound", access: "deny", priority: 65_500 },
    {
      ...any,
      name: "AllowVnetOutBound",
      direction: "outbound",
      access: "allow",
      priority: 65_000,
      from: "VirtualNetwork",
      to: "VirtualNetwork",
    },
    { ...any, name: "AllowInternetOutBound", direction: "outbound", access: "allow", priority: 65_001, to: "Internet" },
    { ...any, name: "DenyAllOutBound", direction: "outbound", access: "deny", priority: 65_500 },
  ],
  "security-group": [
    { ...any, name: "implicit deny inbound", direction: "inbound", access: "deny", priority: 65_536 },
    { ...any, name: "implicit deny outbound", direction: "outbound", access: "deny", priority: 65_536 },
  ],
  "network-acl": [
    { ...any, name: "ingress *", direction: "inbound", access: "deny", priority: 32_767, from: "0.0.0.0/0" },
    { ...any, name: "ingress * IPv6", direction: "inbound", access: "deny", priority: 32_768, from: "::/0" },
    { ...any, name: "egress *", direction: "outbound", access: "deny", priority: 32_767, to: "0.0.0.0/0" },
    { ...any, name: "egress * IPv6", direction: "outbound", access: "deny", priority: 32_768, to: "::/0" },
  ],
  "security-admin": [
    { ...any, name: "no admin rule inbound", direction: "inbound", access: "allow", priority: 65_536 },
    { ...any, name: "no admin rule outbound", direction: "outbound", access: "allow", priority: 65_536 },
  ],
};
