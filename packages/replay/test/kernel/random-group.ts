// Seeded random security groups and edits.

import type { Random } from "../../../engine/test/support/random.js";
import { type Direction, directions, type Edit, everyone, type Group, type Rule, withRule } from "./security-group.js";

/** Ports that traffic goes to and rules name. */
export const servicePorts: readonly number[] = [22, 53, 80, 443, 1000, 3389, 65_535];

const firstPriority = 100;
const lastPriority = 4096;

const prefixes = [
  ...["10.1.1.4", "10.1.1.5/32", "10.1.2.4", "10.1.1.0/24", "10.1.3.4/31", "10.1.0.0/16", "10.0.0.0/8"],
  ...["203.0.113.0/24", "203.0.113.5", "203.0.113.4/31", "198.51.100.23", "192.168.0.0/16", "10.2.0.0/15"],
  ...["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "100.64.0.0/10", "fd00:1::/48", "fd00:1:0:1::4", "fd00:1:0:2::/64"],
  ...["2001:db8::/32", "2001:DB8:0::5", "2600::/16", "::/0", "fc00::/7"],
];

/** Most groups end in a rule for everything, so that answers often pass by their record and by nothing else. */
export function randomGroup(random: Random, name: string): Group {
  let group: Group = { name, rules: [] };
  const open = random.pick<Direction | null>([...directions, null]);
  for (const direction of directions) {
    const access = direction === open ? "Allow" : "Deny";
    const last: Rule = { ...everyone, name: `${direction}-last`, direction, access, priority: lastPriority };
    if (random.chance(0.7)) group = withRule(group, last);
    for (let count = 2 + random.below(5); count > 0; count--) {
      group = withRule(group, randomRule(random, group, { name: `${direction}-${count}`, direction }));
    }
  }
  return group;
}

export function randomEdit(random: Random, group: Group, number: number): Edit {
  const known = group.rules.length === 0 ? null : random.pick(group.rules);
  const choice = random.below(4);
  if (known === null || choice === 0) {
    const rule = addedRule(random, group, `added-${number}`);
    return { type: "rule-written", group: group.name, rule, existed: false };
  }
  if (choice === 1) return { type: "rule-deleted", group: group.name, rule: known };
  return { type: "rule-written", group: group.name, rule: changed(random, group, known), existed: true };
}

/** Some close a direction altogether, under live connections. */
function addedRule(random: Random, group: Group, name: string): Rule {
  const direction = random.pick(directions);
  if (random.chance(0.6)) return randomRule(random, group, { name, direction });
  return { ...everyone, name, direction, access: "Deny", priority: freePriority(random, group, direction) };
}

function changed(random: Random, group: Group, rule: Rule): Rule {
  const choice = random.below(3);
  if (choice === 0) return { ...rule, priority: freePriority(random, group, rule.direction) };
  if (choice === 1) return { ...rule, access: rule.access === "Allow" ? "Deny" : "Allow" };
  return { ...randomRule(random, group, rule), priority: rule.priority };
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

/** Close together and far apart, from the first to the last that Azure takes [A6]. */
function freePriority(random: Random, { rules }: Group, direction: Direction): number {
  const taken = new Set(rules.filter((rule) => rule.direction === direction).map(({ priority }) => priority));
  for (;;) {
    const priority = firstPriority + random.below(random.chance(0.8) ? 40 : lastPriority - firstPriority);
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
