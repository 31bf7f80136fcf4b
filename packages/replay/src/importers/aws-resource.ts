// AWS resources as `aws ec2 describe-…` prints them: whole answers, bare arrays, single objects, and answers that a
// recorder wrapped. They carry no time of their own; the context says when they were taken.

import { readInstance, readNetworkInterface } from "./aws-interface.js";
import { readAwsRouteTable, readAwsSubnet, readVpc } from "./aws-network.js";
import { readNetworkAcl } from "./aws-network-acl.js";
import { readPrefixList, readPrefixListEntries } from "./aws-prefix-list.js";
import { readSecurityGroup, readSecurityGroupRules } from "./aws-security-group.js";
import { type EvidenceRecord, type JsonFormat, problemOf, readJsonEvidence } from "./evidence-record.js";
import type { Imported, Importer } from "./importer.js";
import { asObject, asText, type JsonObject } from "./json-field.js";
import { jsonHead } from "./json-head.js";

type Kind = "security-group-rule" | "prefix-list-entry" | Alone;
type Alone =
  | "security-group"
  | "network-acl"
  | "route-table"
  | "network-interface"
  | "instance"
  | "subnet"
  | "vpc"
  | "prefix-list";

/** Fields that only this kind has together, in order: an instance also names its subnet, a subnet its network. */
const marks: readonly (readonly [Kind, readonly string[]])[] = [
  ["security-group-rule", ["SecurityGroupRuleId"]],
  ["security-group", ["GroupId", "IpPermissions"]],
  ["network-acl", ["NetworkAclId", "Entries"]],
  ["route-table", ["RouteTableId", "Routes"]],
  ["network-interface", ["NetworkInterfaceId", "SubnetId"]],
  ["instance", ["InstanceId", "InstanceType"]],
  ["subnet", ["SubnetId", "VpcId"]],
  ["prefix-list", ["PrefixListId"]],
  ["prefix-list-entry", ["Cidr"]],
  ["vpc", ["VpcId", "CidrBlock"]],
];

function kindOf(resource: JsonObject): Kind | null {
  return marks.find(([, fields]) => fields.every((name) => name in resource))?.[0] ?? null;
}

const readers: Readonly<Record<Alone, (record: EvidenceRecord) => Iterable<Imported>>> = {
  "security-group": readSecurityGroup,
  "network-acl": readNetworkAcl,
  "route-table": readAwsRouteTable,
  "network-interface": readNetworkInterface,
  instance: readInstance,
  subnet: readAwsSubnet,
  vpc: readVpc,
  "prefix-list": readPrefixList,
};

const collections = [
  "SecurityGroups",
  "SecurityGroupRules",
  "NetworkAcls",
  "RouteTables",
  "NetworkInterfaces",
  "Reservations",
  "Instances",
  "Subnets",
  "Vpcs",
  "PrefixLists",
  "Entries",
] as const;

const resourceId = /^(?:sg|sgr|acl|rtb|eni|i|subnet|vpc|pl)-[0-9a-f]{8,17}$/;

export const awsResource: Importer = {
  format: "aws-resource",
  title: "AWS resources (aws ec2 describe-…)",
  recognise(head) {
    const answers = jsonHead(head).flatMap((value) => (Array.isArray(value) ? value : [value]));
    return Math.max(0, ...answers.map(likeness));
  },
  read: (evidence, context) => readJsonEvidence(evidence, context, awsFormat(evidence.name)),
};

/** An answer may hold nothing, and entries of a prefix list have no id. */
function likeness(answer: unknown): number {
  const resources = [...unfold(answer)].map(asObject).filter((resource) => resource !== null);
  const kinds = resources.filter((resource) => kindOf(resource) !== null);
  if (kinds.some(hasResourceId)) return 0.95;
  return kinds.length > 0 || isList(asObject(answer)) || resources.some(isCutGroup) ? 0.6 : 0;
}

/** Whatever its entries: they may be none, or cut before they show their kind. */
function isList(answer: JsonObject | null): boolean {
  const document = asObject(answer?.data) ?? answer;
  return collections.some((name) => !looseNames.has(name) && Array.isArray(document?.[name]));
}

/** Other services have lists of these names too. */
const looseNames: ReadonlySet<string> = new Set(["Instances", "Entries"]);

/** A group's rules may fill all of the head. */
function isCutGroup(resource: JsonObject): boolean {
  return Array.isArray(resource.IpPermissions);
}

/** Its own, not that of something inside: findings and calls name resources too. */
function hasResourceId(resource: JsonObject): boolean {
  return Object.entries(resource).some(([name, value]) => name.endsWith("Id") && resourceId.test(asText(value) ?? ""));
}

function awsFormat(fileName: string): JsonFormat {
  const rules: EvidenceRecord[] = [];
  const entries: EvidenceRecord[] = [];
  let isOnePage = false;
  return {
    unfold(value) {
      isOnePage ||= hasNextPage(value);
      return unfold(value);
    },
    *read(record) {
      const kind = kindOf(record.value);
      if (kind === null)
        yield problemOf(record, "unsupported", `no AWS resource that conntrail reads: it has ${fieldsOf(record)}`);
      else if (kind === "security-group-rule") rules.push(record);
      else if (kind === "prefix-list-entry") entries.push(record);
      else yield* readers[kind](record);
    },
    *finish() {
      yield* readSecurityGroupRules(rules);
      yield* readPrefixListEntries(entries, fileName);
      if (isOnePage) yield { kind: "problem", problem: { kind: "cut-off", record: null, message: onePage } };
    },
  };
}

const onePage = "the answer is one page of several (`NextToken`): export all pages, without `--max-items`";

function hasNextPage(value: unknown): boolean {
  const document = asObject(value);
  const answer = asObject(document?.data) ?? document;
  return asText(answer?.NextToken) !== null;
}

function fieldsOf({ value }: EvidenceRecord): string {
  const names = Object.keys(value).slice(0, 5);
  return names.length === 0 ? "no fields" : names.map((name) => `\`${name}\``).join(", ");
}

/** An answer holds lists of resources, a reservation lists instances, a recording holds an answer under `data`. */
function* unfold(value: unknown): Iterable<unknown> {
  const document = asObject(value);
  const recorded = asObject(document?.data);
  if (recorded !== null) return yield* unfold(recorded);
  const held = document === null || kindOf(document) !== null ? [] : collections.filter((name) => name in document);
  if (held.length === 0) return yield value;
  for (const name of held) {
    const listed = document?.[name];
    const entries: unknown[] = Array.isArray(listed) ? listed : [];
    for (const entry of entries) yield* name === "Reservations" ? unfold(entry) : [entry];
  }
}
