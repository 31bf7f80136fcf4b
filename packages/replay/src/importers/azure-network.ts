// Azure virtual networks, subnets, route tables, and what is told of NAT gateways.

import {
  azureLimits,
  nameOfId,
  type PeeringSeen,
  type Route,
  type SubnetOccupant,
  type SubnetShown,
} from "@conntrail/engine";
import { withoutId } from "./azure-group.js";
import { idsOf, type Named, namedInside, namedOf, parentOfId } from "./azure-id.js";
import { type EvidenceRecord, eventOf, noteOf, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import {
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

export function* readNetwork(record: EvidenceRecord): Iterable<Imported> {
  const named = namedOf(record.value);
  if (named === null) return yield problemOf(record, "missing-field", withoutId);
  const properties = propertiesOf(record.value);
  const flowTimeoutMinutes = asNumber(field(properties, "flowTimeoutInMinutes"));
  const { shortestFlowTimeoutMinutes: shortest, longestFlowTimeoutMinutes: longest } = azureLimits;
  if (flowTimeoutMinutes !== null && (flowTimeoutMinutes < shortest || flowTimeoutMinutes > longest)) {
    yield problemOf(
      record,
      "over-limit",
      `\`flowTimeoutInMinutes\` is ${flowTimeoutMinutes}; Azure takes ${shortest} to ${longest}`,
    );
  }
  yield eventOf(record, {
    type: "virtual-network-seen",
    data: {
      network: named.id,
      name: named.name,
      addressPrefixes: prefixesOf(field(properties, "addressSpace")),
      subnets: subnetsOf(properties, named.id),
      peerings: objectsOf(field(properties, "virtualNetworkPeerings")).map(peeringOf),
      flowTimeoutMinutes,
      instant: record.context.taken.instant,
    },
  });
}

/** Of an address space: `{"addressPrefixes": […]}`. */
export function prefixesOf(space: unknown): string[] {
  return textsOf(field(asObject(space), "addressPrefixes")).sort();
}

function subnetsOf(properties: JsonObject, network: string): SubnetShown[] {
  return objectsOf(field(properties, "subnets")).flatMap((resource) => {
    const named = namedInside(resource, network, "subnets");
    return named === null ? [] : [subnetOf(resource, named)];
  });
}

function subnetOf(resource: JsonObject, { id, name }: Named): SubnetShown {
  const properties = propertiesOf(resource);
  const prefixes = [...textsOf(field(properties, "addressPrefix")), ...textsOf(field(properties, "addressPrefixes"))];
  const privateEndpointPolicies = asText(field(properties, "privateEndpointNetworkPolicies"));
  const occupants = occupantsOf(properties);
  return {
    subnet: id,
    name,
    addressPrefixes: [...new Set(prefixes)].sort(),
    group: idOf(field(properties, "networkSecurityGroup")),
    routeTable: idOf(field(properties, "routeTable")),
    ...(privateEndpointPolicies === null ? {} : { privateEndpointPolicies }),
    ...(occupants.length === 0 ? {} : { occupants }),
  };
}

const delegates: ReadonlyMap<string, SubnetOccupant> = new Map([
  ["microsoft.sql/managedinstances", "sql-managed-instance"],
  ["microsoft.databricks/workspaces", "databricks"],
]);

/** An application gateway shows by its IP configurations, the others by the subnet's delegation to them. */
function occupantsOf(properties: JsonObject): SubnetOccupant[] {
  const delegated = objectsOf(field(properties, "delegations")).flatMap((delegation) => {
    const service = asText(field(propertiesOf(delegation), "serviceName"))?.toLowerCase();
    return delegates.get(service ?? "") ?? [];
  });
  const configurations = idsOf(field(properties, "ipConfigurations"));
  const hasGateway =
    objectsOf(field(properties, "applicationGatewayIPConfigurations")).length > 0 ||
    configurations.some((id) => /\/applicationGateways\//i.test(id));
  return [...new Set<SubnetOccupant>(hasGateway ? ["application-gateway", ...delegated] : delegated)].sort();
}

function peeringOf(resource: JsonObject): PeeringSeen {
  const properties = propertiesOf(resource);
  const space = field(properties, "remoteVirtualNetworkAddressSpace", "remoteAddressSpace");
  const closed = field(properties, "allowVirtualNetworkAccess") === false;
  return {
    remoteNetwork: idOf(field(properties, "remoteVirtualNetwork")),
    state: asText(field(properties, "peeringState")) ?? "unknown",
    remoteAddressPrefixes: prefixesOf(space),
    ...(closed ? { allowVirtualNetworkAccess: false } : {}),
  };
}

/** `az network vnet subnet show` or `list`. */
export function* readSubnet(record: EvidenceRecord): Iterable<Imported> {
  const named = namedOf(record.value);
  const network = parentOfId(named?.id ?? "");
  if (named === null || network === null)
    return yield problemOf(record, "missing-field", "the subnet's `id` names no virtual network");
  const { instant } = record.context.taken;
  yield eventOf(record, { type: "subnet-seen", data: { ...subnetOf(record.value, named), network, instant } });
}

export function* readRouteTable(record: EvidenceRecord): Iterable<Imported> {
  const named = namedOf(record.value);
  if (named === null) return yield problemOf(record, "missing-field", withoutId);
  const properties = propertiesOf(record.value);
  const entries = objectsOf(field(properties, "routes")).map((entry) => ({ entry, route: routeOf(entry) }));
  for (const { entry, route } of entries) {
    if (route === null) yield problemOf(record, "malformed", unreadableRoute(entry));
  }
  yield eventOf(record, {
    type: "route-table-seen",
    data: {
      routeTable: named.id,
      name: named.name,
      subnets: idsOf(field(properties, "subnets")),
      routes: entries.map(({ route }) => route).filter((route) => route !== null),
      instant: record.context.taken.instant,
    },
  });
}

function routeOf(resource: JsonObject): Route | null {
  const properties = propertiesOf(resource);
  const destination = asText(field(properties, "addressPrefix"));
  const nextHop = asText(field(properties, "nextHopType"));
  if (destination === null || nextHop === null) return null;
  return { destination, nextHop, target: asText(field(properties, "nextHopIpAddress")) };
}

function unreadableRoute(entry: JsonObject): string {
  return `route \`${asText(field(entry, "name")) ?? ""}\` has no \`addressPrefix\` or no \`nextHopType\`: it is left out`;
}

/** No rule and no flow record of a network security group depends on it. */
export function* readNatGateway(record: EvidenceRecord): Iterable<Imported> {
  const named = namedOf(record.value);
  const subnets = idsOf(field(propertiesOf(record.value), "subnets")).map((id) => `\`${nameOfId(id)}\``);
  const serves = subnets.length === 0 ? "serves no subnet" : `serves the subnets ${subnets.join(", ")}`;
  yield noteOf(`NAT gateway \`${named?.name ?? ""}\` ${serves}: it changes addresses behind the rules, and no verdict`);
}
