// Whether a rule matches a packet: yes, no, or maybe, because something the rule names is not known.

import { type Address, contains, type Prefix, parsePrefix } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import { hasPorts, protocolNumber } from "../wire/protocol.js";
import {
  type IcmpKind,
  type PortRange,
  parsePortRange,
  type RuleContent,
  type RuleProtocol,
  type RuleSide,
} from "./rule.js";

/** What a rule sees of a packet. */
export type FiveTuple = {
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  /** 0 where the protocol has no ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The packet's own ICMP type * 256 + code; otherwise 0. */
  readonly icmp: number;
  /** False for a later fragment on its own, and where the transport header was not captured. */
  readonly portsKnown: boolean;
};

export type Match = { readonly is: "yes" | "no" } | { readonly is: "maybe"; readonly because: string };

/** What names in a rule stand for, at the instant of the packet and for the interface that judges it. */
export type NameContents = {
  serviceTag(tag: string): NamedAddresses;
  /** An application security group; on AWS a security group. */
  group(id: string): NamedAddresses;
};

/** Addresses that are meant for sure, and those that may be: of a name that nobody knows, all. */
export type NamedAddresses = { readonly inside: AddressSet; readonly doubtful: AddressSet };

/** A name of which nothing is known. */
export const unknownAddresses: NamedAddresses = { inside: AddressSet.none, doubtful: AddressSet.everything };

const yes: Match = { is: "yes" };
const no: Match = { is: "no" };
const maybe = (because: string): Match => ({ is: "maybe", because });

/** A rule with its text parsed, made once a version. */
export type RuleMatcher = {
  readonly protocol: RuleProtocol;
  /** By number; null: all. */
  readonly protocols: readonly number[] | null;
  readonly source: SideMatcher;
  readonly destination: SideMatcher;
  readonly icmp: IcmpKind | null;
};

export type SideMatcher = {
  readonly anyAddress: boolean;
  readonly prefixes: readonly Prefix[];
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  /** Also where the ranges of a list are all ports together: such a rule names none. */
  readonly anyPort: boolean;
  /** Ascending; they neither touch nor overlap. */
  readonly ports: readonly PortRange[];
};

export function compileMatcher(rule: RuleContent): RuleMatcher {
  const { protocol, source, destination, icmp = null } = rule;
  const protocols = protocolsOf(protocol, icmp);
  return { protocol, protocols, source: compileSide(source), destination: compileSide(destination), icmp };
}

/** `icmp` of an Azure rule is both families'; on AWS, where rules name types, it is IPv4's. */
function protocolsOf(protocol: RuleProtocol, icmp: IcmpKind | null): readonly number[] | null {
  if (protocol === "*") return null;
  if (protocol === "icmp" && icmp === null) return [protocolNumber.icmp, protocolNumber.icmp6];
  if (protocol === "icmpv6") return [protocolNumber.icmp6];
  const known = protocol in protocolNumber;
  return [known ? protocolNumber[protocol as keyof typeof protocolNumber] : Number(protocol)];
}

function compileSide(side: RuleSide): SideMatcher {
  const parsed = side.addresses.map((text) => ({ text, prefix: parsePrefix(text) }));
  const ports = joinRanges(side.ports.map(parsePortRange).filter((range) => range !== null));
  return {
    anyAddress: side.addresses.includes("*"),
    prefixes: parsed.flatMap(({ prefix }) => prefix ?? []),
    tags: parsed.filter(({ text, prefix }) => prefix === null && text !== "*").map(({ text }) => text),
    groups: side.applicationSecurityGroups,
    anyPort: ports.some(({ first, last }) => first === 0 && last === 65_535),
    ports,
  };
}

function joinRanges(ranges: readonly PortRange[]): PortRange[] {
  const joined: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before === undefined || range.first > before.last + 1) joined.push(range);
    else joined[joined.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
  }
  return joined;
}

/** All parts must match; a certain no of one part outweighs a maybe of another. */
export function matchRule(rule: RuleMatcher, tuple: FiveTuple, names: NameContents): Match {
  if (!bindsProtocol(rule, tuple.protocol)) return no;
  return all(
    matchIcmp(rule.icmp, tuple),
    matchPorts(rule, tuple),
    matchAddress(rule.source, tuple.source, names),
    matchAddress(rule.destination, tuple.destination, names),
  );
}

function all(...parts: readonly Match[]): Match {
  if (parts.some((part) => part.is === "no")) return no;
  return parts.find((part) => part.is === "maybe") ?? yes;
}

function matchIcmp(rule: IcmpKind | null, { icmp, portsKnown }: FiveTuple): Match {
  if (rule === null || (rule.type === null && rule.code === null)) return yes;
  if (!portsKnown) return maybe("the packet's ICMP type is not known");
  const fits = (wanted: number | null, own: number) => wanted === null || wanted === own;
  return fits(rule.type, icmp >> 8) && fits(rule.code, icmp & 255) ? yes : no;
}

export function bindsProtocol({ protocols }: RuleMatcher, packet: number): boolean {
  return protocols === null || protocols.includes(packet);
}

export type PortsShown = Pick<FiveTuple, "protocol" | "sourcePort" | "destinationPort" | "portsKnown">;

/** Rules for ICMP, ESP and AH have no ports; a rule for `*` that names ports binds only protocols that have them. */
export function matchPorts(rule: RuleMatcher, tuple: PortsShown): Match {
  const { source, destination } = rule;
  if ((source.anyPort && destination.anyPort) || (rule.protocol !== "*" && !hasPorts(tuple.protocol))) return yes;
  if (!hasPorts(tuple.protocol)) return no;
  if (!tuple.portsKnown) return maybe("the packet's ports are not known");
  return inRanges(source, tuple.sourcePort) && inRanges(destination, tuple.destinationPort) ? yes : no;
}

function inRanges(side: SideMatcher, port: number): boolean {
  return side.anyPort || side.ports.some(({ first, last }) => first <= port && port <= last);
}

function matchAddress(side: SideMatcher, address: Address, names: NameContents): Match {
  if (side.anyAddress || side.prefixes.some((prefix) => contains(prefix, address))) return yes;
  let result = no;
  for (const tag of side.tags) {
    const match = within(names.serviceTag(tag), address, `the contents of service tag \`${tag}\` are not known`);
    if (match.is === "yes") return yes;
    if (match.is === "maybe") result = match;
  }
  for (const group of side.groups) {
    const match = within(names.group(group), address, `the members of group \`${group}\` are not known`);
    if (match.is === "yes") return yes;
    if (match.is === "maybe") result = match;
  }
  return result;
}

function within({ inside, doubtful }: NamedAddresses, address: Address, because: string): Match {
  if (inside.has(address)) return yes;
  return doubtful.has(address) ? maybe(because) : no;
}
