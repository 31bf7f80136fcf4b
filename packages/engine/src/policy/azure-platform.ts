// What Azure itself lets pass, whatever the network security groups say: traffic for the platform's own services, save
// where a rule names their tag (DOMAIN 1.5).

import { beginningOfTime, endOfTime } from "../time.js";
import { type Address, equalAddresses, parseAddress } from "../wire/address.js";
import { protocolNumber } from "../wire/protocol.js";
import { evaluate, type GroupVerdict } from "./evaluate.js";
import { isUnreadable, type Rule, type RuleDirection } from "./rule.js";
import type { FiveTuple, NameContents } from "./rule-match.js";
import { RuleSet } from "./rule-set.js";
import type { RuleVersion } from "./rule-version.js";
import { azureLicenceAddresses, azurePlatformAddress, metadataAddress } from "./service-tag.js";

/**
 * A service of the platform that no rule binds by default [A1] [A15]. `host`: WireServer and the rest of 168.63.129.16;
 * `link`: router and neighbour discovery, without which there is no IPv6 at all (no source states it).
 */
export type PlatformService = "dns" | "metadata" | "licence" | "dhcp" | "host" | "link";

/** The tag by which a rule binds the service all the same [A1]; null: none does. */
export const tagOfService: { readonly [service in PlatformService]: string | null } = {
  dns: "AzurePlatformDNS",
  metadata: "AzurePlatformIMDS",
  licence: "AzurePlatformLKM",
  dhcp: null,
  host: null,
  link: null,
};

export type PlatformPacket = {
  readonly direction: RuleDirection;
  readonly tuple: FiveTuple;
  /** Whether a route for 0.0.0.0/0 takes the subnet's traffic: then the platform does not reach for licences [A1]. */
  readonly defaultRouted: boolean;
};

/** The service that the packet is for; null: the groups judge it. Probes of load balancers are for the groups. */
export function platformServiceOf({ direction, tuple, defaultRouted }: PlatformPacket): PlatformService | null {
  if (isLink(tuple)) return "link";
  if (isDhcp(direction, tuple)) return "dhcp";
  if (direction === "inbound") return null;
  if (equalAddresses(tuple.destination, metadataAddress)) return "metadata";
  if (equalAddresses(tuple.destination, azurePlatformAddress)) return isNoDns(tuple) ? "host" : "dns";
  return !defaultRouted && isLicence(tuple) ? "licence" : null;
}

/** What may be DNS is: the rules that name its tag are asked then. */
function isNoDns({ portsKnown, destinationPort }: FiveTuple): boolean {
  return portsKnown && destinationPort !== 53;
}

function isLicence({ protocol, destination, destinationPort }: FiveTuple): boolean {
  const server = azureLicenceAddresses.some((address) => equalAddresses(address, destination));
  return server && protocol === protocolNumber.tcp && destinationPort === 1688;
}

/** Router and neighbour discovery (RFC 4861): ICMPv6 types 133 to 137, within the link only. */
function isLink({ protocol, icmp, portsKnown }: FiveTuple): boolean {
  const type = icmp >> 8;
  return protocol === protocolNumber.icmp6 && portsKnown && 133 <= type && type <= 137;
}

const broadcast: Address = parseAddress("255.255.255.255")!;

/** The client asks all, or the platform's address; only that address answers. */
function isDhcp(direction: RuleDirection, tuple: FiveTuple): boolean {
  if (direction === "inbound") return isFrom(tuple, 67, 68) && equalAddresses(tuple.source, azurePlatformAddress);
  const servers = [broadcast, azurePlatformAddress];
  return isFrom(tuple, 68, 67) && servers.some((server) => equalAddresses(server, tuple.destination));
}

function isFrom({ protocol, sourcePort, destinationPort }: FiveTuple, from: number, to: number): boolean {
  return protocol === protocolNumber.udp && sourcePort === from && destinationPort === to;
}

export type ServiceAsked = {
  readonly set: RuleSet;
  readonly direction: RuleDirection;
  readonly tuple: FiveTuple;
  readonly names: NameContents;
};

/** What rules that name this tag say of a packet for its service; null: none does, and so it passes. */
export function askPlatformRules(tag: string, { set, direction, tuple, names }: ServiceAsked): GroupVerdict | null {
  const verdict = evaluate(platformRules(set, tag), direction, tuple, names);
  return verdict.decision !== "unknown" && verdict.decidedBy.rule === unasked ? null : verdict;
}

const unasked = "no rule names the service";
const prepared = new WeakMap<RuleSet, Map<string, RuleSet>>();

function platformRules(set: RuleSet, tag: string): RuleSet {
  const byTag = prepared.get(set) ?? new Map<string, RuleSet>();
  prepared.set(set, byTag);
  const known = byTag.get(tag);
  if (known !== undefined) return known;
  const naming = set.versions.filter((version) => mayName(version, tag));
  const both = (["inbound", "outbound"] as const).map((direction) => passing(set, direction));
  const made = new RuleSet(set.group, set.name, [...naming, ...both], set.incomplete, { kind: set.kind });
  byTag.set(tag, made);
  return made;
}

function mayName({ content }: RuleVersion, tag: string): boolean {
  if (content.kind === "unknown") return true;
  const rules = content.kind === "known" ? [content.rule] : content.candidates;
  return rules.some((rule) => rule !== null && namesTag(rule, tag));
}

function namesTag(rule: Rule, tag: string): boolean {
  if (isUnreadable(rule)) return true;
  const named = [...rule.source.addresses, ...rule.destination.addresses];
  return named.some((address) => address.toLowerCase() === tag.toLowerCase());
}

/** Behind all rules of the group: what the platform does where none of them names the service. */
function passing({ group, name: groupName }: RuleSet, direction: RuleDirection): RuleVersion {
  const any = { addresses: ["*"], applicationSecurityGroups: [], ports: ["*"] };
  const sides = { source: any, destination: any };
  const rule = {
    name: unasked,
    description: null,
    direction,
    access: "allow",
    priority: 65_536,
    protocol: "*",
  } as const;
  const span = { from: beginningOfTime, to: endOfTime, recordedFrom: beginningOfTime, begunBy: null, endedBy: null };
  const content = { kind: "known", rule: { ...rule, ...sides } } as const;
  return { group, groupName, rule: unasked, version: 1, ...span, content, isDefault: true };
}
