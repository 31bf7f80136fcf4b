// Whether a rule matches a packet: yes, no, or maybe, because something the rule names is not known.

import { type Address, contains, type Prefix, parsePrefix } from "../wire/address.js";
import { hasPorts, protocolNumber } from "../wire/protocol.js";
import { type PortRange, parsePortRange, type RuleContent, type RuleProtocol, type RuleSide } from "./rule.js";

/** What a rule sees of a packet. */
export type FiveTuple = {
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  /** 0 where the protocol has no ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** False for a later fragment on its own, and where the transport header was not captured. */
  readonly portsKnown: boolean;
};

export type Match = { readonly is: "yes" | "no" } | { readonly is: "maybe"; readonly because: string };

/** What names in a rule stand for, at the instant of the packet and for the interface that judges it. */
export type NameResolver = {
  /** Whether the address is in the service tag; null when that is not known. */
  inServiceTag(tag: string, address: Address): boolean | null;
  /** Whether the address belongs to a member of the application security group; null when that is not known. */
  inApplicationSecurityGroup(group: string, address: Address): boolean | null;
};

const yes: Match = { is: "yes" };
const no: Match = { is: "no" };
const maybe = (because: string): Match => ({ is: "maybe", because });

/** A rule with its text parsed, made once a version. */
export type RuleMatcher = {
  readonly protocol: RuleProtocol;
  readonly source: SideMatcher;
  readonly destination: SideMatcher;
};

type SideMatcher = {
  readonly anyAddress: boolean;
  readonly prefixes: readonly Prefix[];
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  readonly anyPort: boolean;
  readonly ports: readonly PortRange[];
};

export function compileMatcher(rule: RuleContent): RuleMatcher {
  return { protocol: rule.protocol, source: compileSide(rule.source), destination: compileSide(rule.destination) };
}

function compileSide(side: RuleSide): SideMatcher {
  const parsed = side.addresses.map((text) => ({ text, prefix: parsePrefix(text) }));
  const ports = side.ports.map(parsePortRange).filter((range) => range !== null);
  return {
    anyAddress: side.addresses.includes("*"),
    prefixes: parsed.flatMap(({ prefix }) => prefix ?? []),
    tags: parsed.filter(({ text, prefix }) => prefix === null && text !== "*").map(({ text }) => text),
    groups: side.applicationSecurityGroups,
    anyPort: ports.some(({ first, last }) => first === 0 && last === 65_535),
    ports,
  };
}

/** All parts must match; a certain no of one part outweighs a maybe of another. */
export function matchRule(rule: RuleMatcher, tuple: FiveTuple, names: NameResolver): Match {
  if (!matchesProtocol(rule.protocol, tuple.protocol)) return no;
  return all(
    matchPorts(rule, tuple),
    matchAddress(rule.source, tuple.source, names),
    matchAddress(rule.destination, tuple.destination, names),
  );
}

function all(...parts: readonly Match[]): Match {
  if (parts.some((part) => part.is === "no")) return no;
  return parts.find((part) => part.is === "maybe") ?? yes;
}

function matchesProtocol(rule: RuleProtocol, protocol: number): boolean {
  if (rule === "*") return true;
  if (rule === "icmp") return protocol === protocolNumber.icmp || protocol === protocolNumber.icmp6;
  return protocolNumber[rule] === protocol;
}

/** Rules for ICMP, ESP and AH have no ports; a rule for `*` that names ports binds only protocols that have them. */
function matchPorts(rule: RuleMatcher, tuple: FiveTuple): Match {
  const { source, destination } = rule;
  if ((source.anyPort && destination.anyPort) || (rule.protocol !== "*" && !hasPorts(tuple.protocol))) return yes;
  if (!hasPorts(tuple.protocol)) return no;
  if (!tuple.portsKnown) return maybe("the packet's ports are not known");
  return inRanges(source, tuple.sourcePort) && inRanges(destination, tuple.destinationPort) ? yes : no;
}

function inRanges(side: SideMatcher, port: number): boolean {
  return side.anyPort || side.ports.some(({ first, last }) => first <= port && port <= last);
}

function matchAddress(side: SideMatcher, address: Address, names: NameResolver): Match {
  if (side.anyAddress || side.prefixes.some((prefix) => contains(prefix, address))) return yes;
  let result = no;
  for (const tag of side.tags) {
    const inside = names.inServiceTag(tag, address);
    if (inside === true) return yes;
    if (inside === null) result = maybe(`the contents of service tag \`${tag}\` are not known`);
  }
  for (const group of side.groups) {
    const inside = names.inApplicationSecurityGroup(group, address);
    if (inside === true) return yes;
    if (inside === null) result = maybe(`the members of application security group \`${group}\` are not known`);
  }
  return result;
}
