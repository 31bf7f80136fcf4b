// Azure resources as JSON: `az network nsg|nic|vnet show` or `list`, ARM REST and `az resource show`. They carry no time
// of their own; the context says when they were taken.

import { equalRules, groupBy, isUnreadable, type Rule, ruleKey } from "@conntrail/engine";
import { readAzureRule } from "./azure-rule.js";
import type { Draft, Evidence, ImportContext, Imported, Importer } from "./importer.js";
import {
  asBoolean,
  asNumber,
  asObject,
  asText,
  field,
  idOf,
  type JsonObject,
  objectsOf,
  propertiesOf,
  textsOf,
} from "./json-field.js";
import { readJsonRecords } from "./json-records.js";

type ResourceFact = Pick<Draft, "type" | "data">;
type Problems = string[];
type Reader = (resource: JsonObject, context: ImportContext, problems: Problems) => ResourceFact | null;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["microsoft.network/networksecuritygroups", readGroup],
  ["microsoft.network/networkinterfaces", readInterface],
  ["microsoft.network/virtualnetworks", readNetwork],
]);

export const azureResource: Importer = {
  format: "azure-resource",
  title: "Azure resources (az network nsg, nic, vnet)",
  recognise(head) {
    const text = new TextDecoder().decode(head.subarray(0, 16_384));
    if (!/^[\s\uFEFF]*[[{]/.test(text) || /"(operationName|flowTuples)"/.test(text)) return 0;
    if (/"id"\s*:\s*"\/subscriptions\/[^"]*\/providers\/Microsoft\./i.test(text)) return 0.9;
    return /"(securityRules|ipConfigurations|addressSpace)"/.test(text) ? 0.7 : 0;
  },
  read: readResources,
};

async function* readResources(evidence: Evidence, context: ImportContext): AsyncIterable<Imported> {
  let count = 0;
  for await (const record of readJsonRecords(evidence.content())) {
    count = record.number;
    if (record.kind === "problem") yield problem(record.number, record.message);
    else yield* readResource(asObject(record.value), record.number, context);
  }
  yield { kind: "records", count };
}

function problem(record: number, message: string): Imported {
  return { kind: "problem", problem: { record, message } };
}

function* readResource(resource: JsonObject | null, record: number, context: ImportContext): Iterable<Imported> {
  const type = resource === null ? null : resourceType(resource);
  const reader = type === null ? undefined : readers.get(type.toLowerCase());
  if (resource === null || reader === undefined) {
    if (type === null) yield problem(record, "no Azure resource that conntrail reads: it has no `id` or `type`");
    else yield { kind: "note", message: `record ${record} is a \`${type}\`, which is not read` };
    return;
  }
  const problems: Problems = [];
  const fact = reader(resource, context, problems);
  for (const message of problems) yield problem(record, message);
  if (fact === null) return;
  const { time } = context.taken;
  const source = { sha256: context.sha256, record };
  yield { kind: "event", event: { ...fact, time, lastTime: time, source, actor: null } as Draft };
}

/** From `type`, else from the id: `…/providers/Microsoft.Network/networkInterfaces/vm1-nic`. */
function resourceType(resource: JsonObject): string | null {
  const named = asText(field(resource, "type"));
  if (named !== null) return named;
  return /\/providers\/(Microsoft\.[^/]+\/[^/]+)\/[^/]+$/i.exec(asText(field(resource, "id")) ?? "")?.[1] ?? null;
}

function identity(resource: JsonObject, problems: Problems): { id: string; name: string } | null {
  const id = asText(field(resource, "id"));
  if (id === null) {
    problems.push("the resource has no `id`: export it with `az … show -o json`");
    return null;
  }
  return { id, name: asText(field(resource, "name")) ?? id.slice(id.lastIndexOf("/") + 1) };
}

function readGroup(resource: JsonObject, { taken }: ImportContext, problems: Problems): ResourceFact | null {
  const named = identity(resource, problems);
  if (named === null) return null;
  const properties = propertiesOf(resource);
  if (!Array.isArray(field(properties, "securityRules"))) {
    problems.push(`group \`${named.name}\` has no \`securityRules\`: export it with \`az network nsg show -o json\``);
    return null;
  }
  return {
    type: "security-group-seen",
    data: {
      group: named.id,
      name: named.name,
      rules: readRules(properties, "securityRules", problems),
      defaultRules: readRules(properties, "defaultSecurityRules", problems),
      subnets: idsOf(field(properties, "subnets")),
      interfaces: idsOf(field(properties, "networkInterfaces")),
      flushConnection: asBoolean(field(properties, "flushConnection")),
      instant: taken.instant,
    },
  };
}

/** In the order of their names: the order in the file says nothing. */
function readRules(properties: JsonObject, name: string, problems: Problems): Rule[] {
  const listed = field(properties, name);
  const entries: unknown[] = Array.isArray(listed) ? listed : [];
  const rules = entries.map((raw, index) => ruleOfEntry(asObject(raw), `${name} entry ${index + 1}`));
  const settled = [...groupBy(rules, (rule) => ruleKey(rule.name)).values()].map(onlyOne);
  for (const rule of settled) if (isUnreadable(rule)) problems.push(unreadableRule(rule.name, rule.unreadable));
  problems.push(...priorityClashes(settled));
  return settled.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function ruleOfEntry(raw: JsonObject | null, place: string): Rule {
  const rule = raw === null ? null : readAzureRule(raw);
  if (rule !== null) return rule;
  const unreadable = raw === null ? "it is no object" : "it has no name";
  return { name: place, unreadable, direction: null, access: null, priority: null };
}

/** Azure has one rule of a name; of several nobody knows which holds. */
function onlyOne(same: readonly Rule[]): Rule {
  const [rule] = same;
  if (same.length === 1 || same.every((other) => equalRules(other, rule!))) return rule!;
  const unreadable = `${same.length} rules have this name`;
  return { name: rule!.name, unreadable, direction: null, access: null, priority: null };
}

function priorityClashes(rules: readonly Rule[]): string[] {
  const readable = rules.filter((rule) => !isUnreadable(rule));
  const clashes = [...groupBy(readable, ({ direction, priority }) => `${direction} ${priority}`).values()];
  return clashes
    .filter((same) => same.length > 1)
    .map(
      (same) =>
        `rules ${same.map(({ name }) => `\`${name}\``).join(", ")} have one priority and direction, which Azure refuses`,
    );
}

function unreadableRule(name: string, because: string): string {
  return `rule \`${name}\`: ${because}; what it might match is answered as unknown`;
}

function idsOf(value: unknown): string[] {
  return objectsOf(value)
    .map(idOf)
    .filter((id) => id !== null)
    .sort();
}

function readInterface(resource: JsonObject, { taken }: ImportContext, problems: Problems): ResourceFact | null {
  const named = identity(resource, problems);
  if (named === null) return null;
  const properties = propertiesOf(resource);
  const configurations = objectsOf(field(properties, "ipConfigurations")).map(propertiesOf);
  configurations.sort((a, b) => Number(field(b, "primary") === true) - Number(field(a, "primary") === true));
  return {
    type: "interface-seen",
    data: {
      interface: named.id,
      name: named.name,
      macAddress: asText(field(properties, "macAddress")),
      group: idOf(field(properties, "networkSecurityGroup")),
      machine: idOf(field(properties, "virtualMachine")),
      addresses: configurations.flatMap((configuration) => readConfiguration(configuration)),
      disableTcpStateTracking: asBoolean(field(properties, "disableTcpStateTracking")),
      instant: taken.instant,
    },
  };
}

function readConfiguration(configuration: JsonObject) {
  const address = asText(field(configuration, "privateIPAddress", "privateIpAddress"));
  if (address === null) return [];
  return {
    address,
    subnet: idOf(field(configuration, "subnet")),
    publicAddress: idOf(field(configuration, "publicIPAddress", "publicIpAddress")),
    applicationSecurityGroups: idsOf(field(configuration, "applicationSecurityGroups")),
  };
}

function readNetwork(resource: JsonObject, { taken }: ImportContext, problems: Problems): ResourceFact | null {
  const named = identity(resource, problems);
  if (named === null) return null;
  const properties = propertiesOf(resource);
  return {
    type: "virtual-network-seen",
    data: {
      network: named.id,
      name: named.name,
      addressPrefixes: prefixesOf(field(properties, "addressSpace")),
      subnets: objectsOf(field(properties, "subnets")).flatMap(readSubnet),
      peerings: objectsOf(field(properties, "virtualNetworkPeerings")).map(readPeering),
      flowTimeoutMinutes: asNumber(field(properties, "flowTimeoutInMinutes")),
      instant: taken.instant,
    },
  };
}

function prefixesOf(space: unknown): string[] {
  return textsOf(field(asObject(space), "addressPrefixes")).sort();
}

function readSubnet(resource: JsonObject) {
  const subnet = asText(field(resource, "id"));
  if (subnet === null) return [];
  const properties = propertiesOf(resource);
  const prefixes = [...textsOf(field(properties, "addressPrefix")), ...textsOf(field(properties, "addressPrefixes"))];
  return {
    subnet,
    name: asText(field(resource, "name")) ?? subnet.slice(subnet.lastIndexOf("/") + 1),
    addressPrefixes: [...new Set(prefixes)].sort(),
    group: idOf(field(properties, "networkSecurityGroup")),
    routeTable: idOf(field(properties, "routeTable")),
  };
}

function readPeering(resource: JsonObject) {
  const properties = propertiesOf(resource);
  const space = field(properties, "remoteVirtualNetworkAddressSpace", "remoteAddressSpace");
  return {
    remoteNetwork: idOf(field(properties, "remoteVirtualNetwork")),
    state: asText(field(properties, "peeringState")) ?? "unknown",
    remoteAddressPrefixes: prefixesOf(space),
  };
}
