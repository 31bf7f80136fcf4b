// Security groups of the experiments: seeded random rules, and edits of them. Plain data in Azure's words, apart from
// the engine's own types, so that nft and the evidence are made of one source that the engine had no part in.

import type { Random } from "../../../engine/test/support/random.js";

export type Direction = "Inbound" | "Outbound";

export type Rule = {
  readonly name: string;
  readonly priority: number;
  readonly direction: Direction;
  readonly protocol: "Tcp" | "Udp" | "Icmp" | "*";
  readonly access: "Allow" | "Deny";
  /** `*`, one service tag, or prefixes. */
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  /** `*`, numbers, or ranges like `1000-2000`. */
  readonly sourcePorts: readonly string[];
  readonly destinationPorts: readonly string[];
};

export type Group = { readonly name: string; readonly rules: readonly Rule[] };

export type Edit =
  | { readonly type: "rule-written"; readonly group: string; readonly rule: Rule; readonly existed: boolean }
  | { readonly type: "rule-deleted"; readonly group: string; readonly rule: Rule };

export const directions: readonly Direction[] = ["Inbound", "Outbound"];

const everyone: Omit<Rule, "name" | "direction" | "access"> = {
  priority: 100,
  protocol: "*",
  sources: ["*"],
  destinations: ["*"],
  sourcePorts: ["*"],
  destinationPorts: ["*"],
};

/** Ports that traffic goes to and rules name. */
export const servicePorts: readonly number[] = [22, 53, 80, 443, 1000, 3389, 65_535];

const prefixes = [
  ...["10.1.1.4", "10.1.1.5/32", "10.1.2.4", "10.1.1.0/24", "10.1.3.4/31", "10.1.0.0/16", "10.0.0.0/8"],
  ...["203.0.113.0/24", "203.0.113.5", "203.0.113.4/31", "198.51.100.23", "192.168.0.0/16", "10.2.0.0/15"],
  ...["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "100.64.0.0/10", "fd00:1::/48", "fd00:1:0:1::4", "fd00:1:0:2::/64"],
  ...["2001:db8::/32", "2001:DB8:0::5", "2600::/16", "::/0", "fc00::/7"],
];

export function randomGroup(random: Random, name: string): Group {
  let group: Group = { name, rules: [] };
  for (const direction of directions) {
    for (let count = 2 + random.below(7); count > 0; count--) {
      group = withRule(group, randomRule(random, group, { name: `${direction}-${count}`, direction }));
    }
  }
  return group;
}

/** All is allowed, both ways. */
export function openGroup(name: string): Group {
  return { name, rules: directions.map((direction) => ({ ...everyone, direction, name: direction, access: "Allow" })) };
}

/** After these, nothing is. */
export function closingEdits({ name: group, rules }: Group): Edit[] {
  return rules.map((rule) => ({ type: "rule-written", group, rule: { ...rule, access: "Deny" }, existed: true }));
}

export function randomEdit(random: Random, group: Group, number: number): Edit {
  const known = group.rules.length === 0 ? null : random.pick(group.rules);
  const choice = random.below(4);
  if (known === null || choice === 0) {
    const direction = random.chance(0.5) ? "Inbound" : "Outbound";
    const rule = randomRule(random, group, { name: `added-${number}`, direction });
    return { type: "rule-written", group: group.name, rule, existed: false };
  }
  if (choice === 1) return { type: "rule-deleted", group: group.name, rule: known };
  return { type: "rule-written", group: group.name, rule: changed(random, group, known), existed: true };
}

export function applied(group: Group, edit: Edit): Group {
  if (edit.type === "rule-written") return withRule(group, edit.rule);
  return { ...group, rules: group.rules.filter(({ name }) => name !== edit.rule.name) };
}

function changed(random: Random, group: Group, rule: Rule): Rule {
  const choice = random.below(3);
  if (choice === 0) return { ...rule, priority: freePriority(random, group, rule.direction) };
  if (choice === 1) return { ...rule, access: rule.access === "Allow" ? "Deny" : "Allow" };
  return { ...randomRule(random, group, rule), priority: rule.priority };
}

function withRule(group: Group, rule: Rule): Group {
  return { ...group, rules: [...group.rules.filter(({ name }) => name !== rule.name), rule] };
}

function randomRule(random: Random, group: Group, { name, direction }: Pick<Rule, "name" | "direction">): Rule {
  return {
    name,
    direction,
    priority: freePriority(random, group, direction),
    protocol: random.pick(["Tcp", "Tcp", "Udp", "Icmp", "*", "*"]),
    access: random.chance(0.58) ? "Allow" : "Deny",
    sources: randomAddresses(random),
    destinations: randomAddresses(random),
    sourcePorts: random.chance(0.15) ? randomPorts(random) : ["*"],
    destinationPorts: randomPorts(random),
  };
}

/** Close together and far apart: 100 is the first and 4096 the last that Azure takes [A6]. */
function freePriority(random: Random, { rules }: Group, direction: Direction): number {
  const taken = new Set(rules.filter((rule) => rule.direction === direction).map(({ priority }) => priority));
  for (;;) {
    const priority = random.chance(0.8) ? 100 + random.below(40) : 100 + random.below(3997);
    if (!taken.has(priority)) return priority;
  }
}

function randomAddresses(random: Random): string[] {
  if (random.chance(0.4)) return ["*"];
  if (random.chance(0.25)) return [random.pick(["VirtualNetwork", "Internet"])];
  return random.shuffled(prefixes).slice(0, random.chance(0.7) ? 1 : 2 + random.below(4));
}

function randomPorts(random: Random): string[] {
  if (random.chance(0.4)) return ["*"];
  return Array.from({ length: random.chance(0.75) ? 1 : 2 + random.below(2) }, () => randomPort(random));
}

function randomPort(random: Random): string {
  if (random.chance(0.5)) return String(random.pick(servicePorts));
  const near = () => Math.min(65_535, Math.max(0, random.pick([0, 40_000, ...servicePorts]) + random.below(3) - 1));
  const [a, b] = [near(), near()];
  return `${Math.min(a, b)}-${Math.max(a, b)}`;
}

/** DOMAIN 1.3 [A1]. */
export const defaultRules: readonly Rule[] = [
  defaultRule("AllowVnetInBound", "Inbound", 65_000, "VirtualNetwork>VirtualNetwork"),
  defaultRule("AllowAzureLoadBalancerInBound", "Inbound", 65_001, "AzureLoadBalancer>*"),
  defaultRule("DenyAllInBound", "Inbound", 65_500, "*>*"),
  defaultRule("AllowVnetOutBound", "Outbound", 65_000, "VirtualNetwork>VirtualNetwork"),
  defaultRule("AllowInternetOutBound", "Outbound", 65_001, "*>Internet"),
  defaultRule("DenyAllOutBound", "Outbound", 65_500, "*>*"),
];

function defaultRule(name: string, direction: Direction, priority: number, ends: string): Rule {
  const [source, destination] = ends.split(">") as [string, string];
  const access = name.startsWith("Allow") ? "Allow" : "Deny";
  return { ...everyone, name, direction, priority, access, sources: [source], destinations: [destination] };
}
