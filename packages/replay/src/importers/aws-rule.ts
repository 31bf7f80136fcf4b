// Rules of AWS security groups. A permission with many peers is as many rules; a rule's name says all that it means, so
// that rules equal in meaning have equal names wherever they are shown: `ingress tcp 22 203.0.113.0/24`.

import {
  formatPrefix,
  type IcmpKind,
  parsePrefix,
  type Rule,
  type RuleDirection,
  type RuleProtocol,
  type RuleSide,
} from "@conntrail/engine";
import { itemsOf } from "./aws-items.js";
import { asBoolean, asNumber, asObject, asText, field, type JsonObject } from "./json-field.js";

/** One peer's part of a permission, in AWS's own words. */
export type AwsPermission = {
  readonly direction: RuleDirection;
  /** `tcp`, `6`, `-1` for all. */
  readonly protocol: string;
  /** First and last port; of ICMP type and code. Null or -1: any. */
  readonly from: number | null;
  readonly to: number | null;
  readonly peer: AwsPeer;
  /** `sgr-…`. */
  readonly id: string | null;
  readonly description: string | null;
};

/** `text` as evidence has it: a CIDR, `sg-…`, `pl-…`. */
export type AwsPeer = { readonly kind: "prefix" | "group" | "prefix-list"; readonly text: string };

export function awsRule(permission: AwsPermission): Rule {
  const { direction, id, description } = permission;
  const protocol = awsProtocol(permission.protocol);
  const peer = peerSide(permission.peer);
  const ports = protocol === null ? null : portsOf(permission, protocol);
  const name = awsRuleName(permission, protocol, peer);
  if (protocol === null) return unreadable(permission, name, `protocol \`${permission.protocol}\` is no IP protocol`);
  if (peer === null) return unreadable(permission, name, `\`${permission.peer.text}\` is no address or prefix`);
  if (ports === null) return unreadable(permission, name, `\`${rangeText(permission)}\` is no range of ports`);
  const near = { addresses: ["*"], applicationSecurityGroups: [], ports };
  const [source, destination] =
    direction === "inbound"
      ? [peer, near]
      : [
          { ...near, ports: ["*"] },
          { ...peer, ports },
        ];
  const kind = icmpKind(permission, protocol);
  return {
    name,
    description,
    direction,
    access: "allow",
    priority: 0,
    protocol,
    source,
    destination,
    ...(kind === null ? {} : { icmp: kind }),
    ...(id === null ? {} : { id }),
  };
}

function unreadable({ direction }: AwsPermission, name: string, because: string): Rule {
  return { name, unreadable: because, direction, access: "allow", priority: 0 };
}

const namedProtocols: ReadonlyMap<string, RuleProtocol> = new Map<string, RuleProtocol>([
  ["-1", "*"],
  ["all", "*"],
  ["1", "icmp"],
  ["6", "tcp"],
  ["17", "udp"],
  ["50", "esp"],
  ["51", "ah"],
  ["58", "icmpv6"],
]);

/** A name as rules have it; a number where there is none. Null: no protocol of IP. */
export function awsProtocol(text: string): RuleProtocol | null {
  const word = text.toLowerCase();
  const named = namedProtocols.get(word) ?? [...namedProtocols.values()].find((name) => name === word);
  if (named !== undefined) return named;
  return /^\d{1,3}$/.test(word) && Number(word) <= 255 ? `${Number(word)}` : null;
}

function peerSide({ kind, text }: AwsPeer): RuleSide | null {
  const side = { addresses: [], applicationSecurityGroups: [], ports: ["*"] };
  if (kind === "group") return { ...side, applicationSecurityGroups: [text] };
  if (kind === "prefix-list") return { ...side, addresses: [text] };
  const prefix = parsePrefix(text);
  return prefix === null ? null : { ...side, addresses: [formatPrefix(prefix)] };
}

/** Ports matter to TCP and UDP alone: for other protocols AWS takes them and lets all pass ([W2]). */
function portsOf({ from, to }: AwsPermission, protocol: RuleProtocol): string[] | null {
  if (protocol !== "tcp" && protocol !== "udp") return ["*"];
  return awsPorts(from, to);
}

/** Null or -1 at both ends: all. */
export function awsPorts(from: number | null, to: number | null): string[] | null {
  const [first, last] = [from ?? -1, to ?? -1];
  if ((first === -1 && last === -1) || (first === 0 && last === 65_535)) return ["*"];
  if (first < 0 || last > 65_535 || first > last) return null;
  return [first === last ? String(first) : `${first}-${last}`];
}

function icmpKind({ from, to }: AwsPermission, protocol: RuleProtocol): IcmpKind | null {
  return protocol === "icmp" || protocol === "icmpv6" ? awsIcmpKind(from, to) : null;
}

/** -1 is any type, any code. */
export function awsIcmpKind(type: number | null, code: number | null): IcmpKind {
  const any = (value: number | null) => (value === -1 ? null : value);
  return { type: any(type), code: any(type) === null ? null : any(code) };
}

export const awsDirections = { inbound: "ingress", outbound: "egress" } as const;

function awsRuleName(permission: AwsPermission, protocol: RuleProtocol | null, peer: RuleSide | null): string {
  const place = peer?.addresses[0] ?? permission.peer.text;
  const what =
    protocol === "*" ? "all" : [protocol ?? permission.protocol, ...narrowing(permission, protocol)].join(" ");
  return `${awsDirections[permission.direction]} ${what} ${place}`;
}

/** Ports, or type and code. */
function narrowing(permission: AwsPermission, protocol: RuleProtocol | null): string[] {
  const kind = protocol === null ? null : icmpKind(permission, protocol);
  if (kind !== null) return [kind.type === null ? "any" : `${kind.type}/${kind.code ?? "any"}`];
  if (protocol !== "tcp" && protocol !== "udp") return [];
  const ports = portsOf(permission, protocol)?.[0] ?? rangeText(permission);
  return [ports === "*" ? "all" : ports];
}

function rangeText({ from, to }: AwsPermission): string {
  return `${from}-${to}`;
}

/** A permission as `describe-security-groups` and CloudTrail's requests have it: all its rules. */
export function awsRulesOfPermission(direction: RuleDirection, permission: JsonObject): Rule[] {
  const base = { direction, ...rangeOf(permission), id: null };
  return peersOf(permission).map(({ peer, description }) => awsRule({ ...base, peer, description }));
}

/** One rule as `describe-security-group-rules` and CloudTrail's answers have it. Null: it names no peer. */
export function awsRuleOfItem(item: JsonObject): Rule | null {
  const direction = asBoolean(field(item, "IsEgress")) === true ? "outbound" : "inbound";
  // Its own `GroupId` is the group that it is a rule of.
  const peer = placePeer(item) ?? referencedGroup(item);
  const id = asText(field(item, "SecurityGroupRuleId"));
  if (peer === null) return null;
  return awsRule({ direction, ...rangeOf(item), peer, id, description: asText(field(item, "Description")) });
}

function rangeOf(permission: JsonObject) {
  return {
    protocol: asText(field(permission, "IpProtocol")) ?? "",
    from: asNumber(field(permission, "FromPort")),
    to: asNumber(field(permission, "ToPort")),
  };
}

const peerLists = ["IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs", "Groups"];

/** CloudTrail puts lists under `items`, and may name a single prefix without a list (DOMAIN 4.7). */
function peersOf(permission: JsonObject) {
  const listed = peerLists.flatMap((name) => itemsOf(field(permission, name)));
  const entries = [
    { peer: placePeer(permission), description: null },
    ...listed.map((entry) => ({
      peer: placePeer(entry) ?? groupPeer(entry),
      description: asText(field(entry, "Description")),
    })),
  ];
  return entries.flatMap(({ peer, description }) => (peer === null ? [] : [{ peer, description }]));
}

function placePeer(entry: JsonObject): AwsPeer | null {
  const prefix = asText(field(entry, "CidrIp", "CidrIpv4", "CidrIpv6"));
  if (prefix !== null) return { kind: "prefix", text: prefix };
  const list = asText(field(entry, "PrefixListId"));
  return list === null ? null : { kind: "prefix-list", text: list };
}

/** What a revocation answers has the bare id. */
function referencedGroup(item: JsonObject): AwsPeer | null {
  const bare = asText(field(item, "ReferencedGroupId"));
  return bare === null ? groupPeer(asObject(field(item, "ReferencedGroupInfo"))) : { kind: "group", text: bare };
}

/** Older requests name a group and give no id: then nobody knows its members, and answers say so. */
function groupPeer(entry: JsonObject | null): AwsPeer | null {
  const group = asText(field(entry, "GroupId", "GroupName"));
  return group === null ? null : { kind: "group", text: group };
}
