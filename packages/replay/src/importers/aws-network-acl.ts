// AWS network ACLs: `describe-network-acls` (DOMAIN 2.6 [W5]). Each entry is a rule of its own, named by direction and
// number; the last ones, which AWS shows as `*`, are among them.

import { formatPrefix, parsePrefix, type Rule, type RuleContent, type RuleDirection } from "@conntrail/engine";
import { beyondQuota, brokenAclNumber, lastAclRules, networkAclQuota } from "./aws-limits.js";
import { awsDirections, awsIcmpKind, awsPorts, awsProtocol } from "./aws-rule.js";
import { nameTag } from "./aws-tag.js";
import { type EvidenceRecord, eventOf, noteOf, problemOf, problemsOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import {
  asNumber,
  asObject,
  asText,
  field,
  hiddenObjects,
  type JsonObject,
  objectsOf,
  quotable,
} from "./json-field.js";
import { settledRules, unreadableRules } from "./shown-rules.js";

export function* readNetworkAcl(record: EvidenceRecord): Iterable<Imported> {
  const group = asText(field(record.value, "NetworkAclId"));
  if (group === null) return yield problemOf(record, "missing-field", "the network ACL has no `NetworkAclId`");
  const name = nameTag(record.value) ?? group;
  const network = asText(field(record.value, "VpcId"));
  const entries = field(record.value, "Entries");
  if (hiddenObjects(entries) > 0)
    yield problemOf(record, "malformed", `network ACL \`${name}\`: \`Entries\` holds what is no entry`);
  const rules = settledRules(objectsOf(entries).map(awsAclRule));
  yield* problemsOf(record, "malformed", unreadableRules(rules));
  yield* problemsOf(record, "over-limit", brokenNumbers(rules));
  const counted = rules.filter((rule) => !lastAclRules.has(rule.priority ?? 0));
  for (const said of beyondQuota(counted, networkAclQuota)) yield noteOf(`network ACL \`${name}\` has ${said}`);
  const associations = associationsOf(record.value);
  yield eventOf(record, {
    type: "security-group-seen",
    data: {
      group,
      name,
      rules,
      defaultRules: [],
      subnets: associations.map(({ subnet }) => subnet),
      interfaces: [],
      flushConnection: null,
      kind: "network-acl",
      instant: record.context.taken.instant,
      ...(network === null ? {} : { networks: [network] }),
      associations: associations.flatMap(({ id, subnet }) => (id === null ? [] : [{ id, subnet }])),
    },
  });
}

function brokenNumbers(rules: readonly Rule[]): string[] {
  return rules.flatMap(({ name, priority }) => {
    const said = priority === null ? null : brokenAclNumber(priority);
    return said === null ? [] : [`rule \`${name}\`: ${said}`];
  });
}

/** Subnets in order, each with the id under which it is associated. */
function associationsOf(acl: JsonObject): { readonly id: string | null; readonly subnet: string }[] {
  const associated = objectsOf(field(acl, "Associations")).flatMap((entry) => {
    const subnet = asText(field(entry, "SubnetId"));
    return subnet === null ? [] : [{ id: asText(field(entry, "NetworkAclAssociationId")), subnet }];
  });
  return associated.sort((a, b) => (a.subnet < b.subnet ? -1 : 1));
}

/** An entry as `describe-network-acls` and CloudTrail's requests have it. */
export function awsAclRule(entry: JsonObject): Rule {
  const direction: RuleDirection = field(entry, "Egress") === true ? "outbound" : "inbound";
  const number = asNumber(field(entry, "RuleNumber"));
  const name = awsAclRuleName(direction, number);
  const access = accessOf(entry);
  const read = readEntry(entry);
  if (typeof read !== "string" && number !== null && access !== null) {
    return { name, description: null, direction, access, priority: number, ...sidesOf(read, direction) };
  }
  const unreadable =
    typeof read === "string" ? read : number === null ? "it has no number" : "it neither allows nor denies";
  return { name, unreadable, direction, access, priority: number };
}

export function awsAclRuleName(direction: RuleDirection, number: number | null): string {
  return `${awsDirections[direction]} ${number ?? "without number"}`;
}

function accessOf(entry: JsonObject): "allow" | "deny" | null {
  const word = asText(field(entry, "RuleAction"))?.toLowerCase();
  return word === "allow" || word === "deny" ? word : null;
}

type Entry = Pick<RuleContent, "protocol" | "icmp"> & { readonly prefix: string; readonly ports: readonly string[] };

/** Why it can't be read, as text. */
function readEntry(entry: JsonObject): Entry | string {
  const cidr = asText(field(entry, "CidrBlock", "Ipv6CidrBlock")) ?? "";
  const prefix = parsePrefix(cidr);
  if (prefix === null) return `\`${cidr}\` is no address or prefix`;
  const protocol = awsProtocol(asText(field(entry, "Protocol", "AclProtocol")) ?? "");
  if (protocol === null) return `protocol \`${quotable(field(entry, "Protocol", "AclProtocol"))}\` is no IP protocol`;
  const range = asObject(field(entry, "PortRange"));
  const ports = awsPorts(asNumber(field(range, "From")), asNumber(field(range, "To")));
  if (ports === null) return "its `PortRange` is no range of ports";
  const icmp = asObject(field(entry, "IcmpTypeCode"));
  const isIcmp = protocol === "icmp" || protocol === "icmpv6";
  const kind = awsIcmpKind(asNumber(field(icmp, "Type")), asNumber(field(icmp, "Code")));
  return { protocol, prefix: formatPrefix(prefix), ports: isIcmp ? ["*"] : ports, ...(isIcmp ? { icmp: kind } : {}) };
}

/** Ports are the destination's in both directions. */
function sidesOf({ prefix, ports, ...rest }: Entry, direction: RuleDirection) {
  const side = (address: string, own: readonly string[]) => ({
    addresses: [address],
    applicationSecurityGroups: [],
    ports: own,
  });
  const [source, destination] = direction === "inbound" ? [prefix, "*"] : ["*", prefix];
  return { ...rest, source: side(source, ["*"]), destination: side(destination, ports) };
}
