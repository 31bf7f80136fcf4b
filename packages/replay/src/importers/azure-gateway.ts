// What lies behind the gateways of a virtual network. It takes several resources to know: a local network gateway has the
// addresses, a connection joins it to a virtual network gateway, and that one stands in a subnet of the network.

import { groupBy } from "@conntrail/engine";
import { namedOf, parentOfId, typeOf } from "./azure-id.js";
import { prefixesOf } from "./azure-network.js";
import { type EvidenceRecord, eventOf, noteOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asObject, field, idOf, objectsOf, propertiesOf } from "./json-field.js";

export const gatewayTypes = [
  "microsoft.network/virtualnetworkgateways",
  "microsoft.network/localnetworkgateways",
  "microsoft.network/connections",
] as const;

/** All gateways and connections of a file together. */
export function* readGateways(records: readonly EvidenceRecord[]): Iterable<Imported> {
  const byType = groupBy(records, ({ value }) => typeOf(value)?.toLowerCase() ?? "");
  const [gateways, locals, connections] = gatewayTypes.map((type) => byType.get(type) ?? []);
  const networkOf = new Map(gateways!.map((record) => [idKey(record), networkOfGateway(record)]));
  for (const record of gateways!) yield* readClientPool(record);
  for (const record of locals!) {
    const joined = connections!.filter(({ value }) => idKeyOf(value, "localNetworkGateway2") === idKey(record));
    const networks = joined.map(({ value }) => networkOf.get(idKeyOf(value, "virtualNetworkGateway1")) ?? null);
    yield* readLocalGateway(record, new Set(networks.filter((network) => network !== null)));
  }
  if (locals!.length === 0 && connections!.length > 0) yield noteOf(connectionsAlone);
}

const together = "export gateways and connections into one file";
const connectionsAlone = `connections without local network gateways say nothing of addresses: ${together}`;

function idKey({ value }: EvidenceRecord): string {
  return namedOf(value)?.id.toLowerCase() ?? "";
}

function idKeyOf(resource: EvidenceRecord["value"], name: string): string {
  return idOf(field(propertiesOf(resource), name))?.toLowerCase() ?? "-";
}

/** The network of the subnet that the gateway stands in. */
function networkOfGateway({ value }: EvidenceRecord): string | null {
  const [configuration] = objectsOf(field(propertiesOf(value), "ipConfigurations")).map(propertiesOf);
  return parentOfId(idOf(field(configuration ?? null, "subnet")) ?? "");
}

/** Addresses that a gateway gives to clients of its own point-to-site VPN. */
function* readClientPool(record: EvidenceRecord): Iterable<Imported> {
  const clients = asObject(field(propertiesOf(record.value), "vpnClientConfiguration"));
  const prefixes = prefixesOf(field(clients, "vpnClientAddressPool"));
  const network = networkOfGateway(record);
  if (prefixes.length > 0 && network !== null) yield connectedSpace(record, network, prefixes);
}

function* readLocalGateway(record: EvidenceRecord, networks: ReadonlySet<string>): Iterable<Imported> {
  const prefixes = prefixesOf(field(propertiesOf(record.value), "localNetworkAddressSpace"));
  for (const network of networks) yield connectedSpace(record, network, prefixes);
  if (networks.size > 0) return;
  const name = namedOf(record.value)?.name ?? "";
  yield noteOf(`nothing here joins local network gateway \`${name}\` to a virtual network: ${together}`);
}

function connectedSpace(record: EvidenceRecord, network: string, addressPrefixes: readonly string[]): Imported {
  const gateway = namedOf(record.value)?.id ?? "";
  const { instant } = record.context.taken;
  return eventOf(record, { type: "connected-space-seen", data: { network, gateway, addressPrefixes, instant } });
}
