// AWS networks: `describe-vpcs`, `describe-subnets`, `describe-route-tables`.

import type { Route } from "@conntrail/engine";
import { nameTag } from "./aws-tag.js";
import { type EvidenceRecord, eventOf, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asObject, asText, field, type JsonObject, objectsOf } from "./json-field.js";

export function* readVpc(record: EvidenceRecord): Iterable<Imported> {
  const network = asText(field(record.value, "VpcId"));
  if (network === null) return yield problemOf(record, "missing-field", "the network has no `VpcId`");
  yield eventOf(record, {
    type: "virtual-network-seen",
    data: {
      network,
      name: nameTag(record.value) ?? network,
      addressPrefixes: prefixesOf(record.value),
      subnets: [],
      peerings: [],
      flowTimeoutMinutes: null,
      platform: "aws",
      instant: record.context.taken.instant,
    },
  });
}

/** The primary one first: mail may go out to it, and to no other (DOMAIN 2.5). */
function prefixesOf(resource: JsonObject): string[] {
  const primary = asText(field(resource, "CidrBlock"));
  const others = [
    ...objectsOf(field(resource, "CidrBlockAssociationSet")).map((entry) => associated(entry, "CidrBlock")),
    ...objectsOf(field(resource, "Ipv6CidrBlockAssociationSet")).map((entry) => associated(entry, "Ipv6CidrBlock")),
  ];
  const prefixes = [primary, ...others.sort()].filter((prefix) => prefix !== null);
  return [...new Set(prefixes)];
}

/** Blocks that were disassociated stay listed for a while. */
function associated(entry: JsonObject, name: string): string | null {
  const state = asText(field(asObject(field(entry, `${name}State`)), "State")) ?? "associated";
  return state === "associated" ? asText(field(entry, name)) : null;
}

export function* readAwsSubnet(record: EvidenceRecord): Iterable<Imported> {
  const subnet = asText(field(record.value, "SubnetId"));
  const network = asText(field(record.value, "VpcId"));
  if (subnet === null || network === null)
    return yield problemOf(record, "missing-field", "the subnet has no `SubnetId` or no `VpcId`");
  yield eventOf(record, {
    type: "subnet-seen",
    data: {
      subnet,
      name: nameTag(record.value) ?? subnet,
      addressPrefixes: prefixesOf(record.value),
      group: null,
      routeTable: null,
      network,
      platform: "aws",
      instant: record.context.taken.instant,
    },
  });
}

export function* readAwsRouteTable(record: EvidenceRecord): Iterable<Imported> {
  const routeTable = asText(field(record.value, "RouteTableId"));
  if (routeTable === null) return yield problemOf(record, "missing-field", "the route table has no `RouteTableId`");
  const entries = objectsOf(field(record.value, "Routes"));
  const routes = entries.map(routeOf).filter((route) => route !== null);
  if (routes.length < entries.length) {
    const left = entries.length - routes.length;
    yield problemOf(
      record,
      "missing-field",
      `route table \`${routeTable}\`: ${left} routes without destination or target are left out`,
    );
  }
  const associations = objectsOf(field(record.value, "Associations"));
  const subnets = associations.map((entry) => asText(field(entry, "SubnetId"))).filter((subnet) => subnet !== null);
  const network = asText(field(record.value, "VpcId"));
  yield eventOf(record, {
    type: "route-table-seen",
    data: {
      routeTable,
      name: nameTag(record.value) ?? routeTable,
      main: associations.some((entry) => field(entry, "Main") === true),
      subnets: subnets.sort(),
      routes,
      platform: "aws",
      instant: record.context.taken.instant,
      ...(network === null ? {} : { network }),
    },
  });
}

/** The target's field names its kind, except for gateways, where the id does. */
const targets = [
  ["NatGatewayId", "nat_gateway"],
  ["TransitGatewayId", "transit_gateway"],
  ["VpcPeeringConnectionId", "vpc_peering_connection"],
  ["EgressOnlyInternetGatewayId", "egress_only_internet_gateway"],
  ["LocalGatewayId", "local_gateway"],
  ["CarrierGatewayId", "carrier_gateway"],
  ["CoreNetworkArn", "core_network"],
  ["NetworkInterfaceId", "network_interface"],
  ["InstanceId", "instance"],
] as const;

const gatewayKinds: ReadonlyMap<string, string> = new Map([
  ["local", "local"],
  ["igw", "internet_gateway"],
  ["vgw", "vpn_gateway"],
  ["vpce", "vpc_endpoint"],
]);

function routeOf(entry: JsonObject): Route | null {
  const destination = asText(
    field(entry, "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"),
  );
  const hop = hopOf(entry);
  if (destination === null || hop === null) return null;
  return { destination, ...hop, ...(field(entry, "State") === "blackhole" ? { blackhole: true } : {}) };
}

function hopOf(entry: JsonObject): Pick<Route, "nextHop" | "target"> | null {
  for (const [name, nextHop] of targets) {
    const target = asText(field(entry, name));
    if (target !== null) return { nextHop, target };
  }
  const gateway = asText(field(entry, "GatewayId"));
  if (gateway === null) return null;
  const nextHop = gatewayKinds.get(gateway.split("-")[0]!) ?? "gateway";
  return { nextHop, target: nextHop === "local" ? null : gateway };
}
