// Azure network interfaces and public addresses, and the machines they belong to.

import { azureLimits, type InterfaceAddress, nameOfId } from "@conntrail/engine";
import { withoutId } from "./azure-group.js";
import { idsOf, namedOf } from "./azure-id.js";
import { type EvidenceRecord, eventOf, noteOf, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asBoolean, asText, field, idOf, type JsonObject, objectsOf, propertiesOf } from "./json-field.js";

export function* readInterface(record: EvidenceRecord): Iterable<Imported> {
  const named = namedOf(record.value);
  if (named === null) return yield problemOf(record, "missing-field", withoutId);
  const properties = propertiesOf(record.value);
  const addresses = addressesOf(properties);
  for (const message of addresses.flatMap(tooManyGroups)) yield problemOf(record, "over-limit", message);
  const isPrivateEndpoint = idOf(field(properties, "privateEndpoint")) !== null;
  const allowPort25Out = asBoolean(field(properties, "allowPort25Out"));
  yield eventOf(record, {
    type: "interface-seen",
    data: {
      interface: named.id,
      name: named.name,
      macAddress: asText(field(properties, "macAddress")),
      group: idOf(field(properties, "networkSecurityGroup")),
      machine: idOf(field(properties, "virtualMachine")),
      addresses,
      disableTcpStateTracking: asBoolean(field(properties, "disableTcpStateTracking")),
      instant: record.context.taken.instant,
      ...(allowPort25Out === null ? {} : { allowPort25Out }),
      ...(isPrivateEndpoint ? { interfaceType: "private-endpoint" } : {}),
    },
  });
}

/** Of all IP configurations, the primary one first. One that has no address yet is left out. */
export function addressesOf(properties: JsonObject): InterfaceAddress[] {
  const configurations = objectsOf(field(properties, "ipConfigurations")).map(propertiesOf);
  configurations.sort((a, b) => Number(field(b, "primary") === true) - Number(field(a, "primary") === true));
  return configurations.flatMap(addressOf);
}

function addressOf(configuration: JsonObject): InterfaceAddress[] {
  const address = asText(field(configuration, "privateIPAddress"));
  if (address === null) return [];
  const subnet = idOf(field(configuration, "subnet"));
  const publicAddress = idOf(field(configuration, "publicIPAddress"));
  const applicationSecurityGroups = idsOf(field(configuration, "applicationSecurityGroups"));
  return [{ address, subnet, publicAddress, applicationSecurityGroups }];
}

function tooManyGroups({ address, applicationSecurityGroups: groups }: InterfaceAddress): string[] {
  const { applicationGroupsOfAddress } = azureLimits;
  if (groups.length <= applicationGroupsOfAddress) return [];
  const most = `Azure refuses more than ${applicationGroupsOfAddress}`;
  return [`address \`${address}\` is a member of ${groups.length} application security groups; ${most}`];
}

const ofInterface = /^(.*\/networkInterfaces\/[^/]+)\/ipConfigurations\/[^/]+$/i;

export function* readPublicAddress(record: EvidenceRecord): Iterable<Imported> {
  const named = namedOf(record.value);
  if (named === null) return yield problemOf(record, "missing-field", withoutId);
  const properties = propertiesOf(record.value);
  yield eventOf(record, {
    type: "public-address-seen",
    data: {
      publicAddress: named.id,
      address: asText(field(properties, "ipAddress")),
      interface: ofInterface.exec(idOf(field(properties, "ipConfiguration")) ?? "")?.[1] ?? null,
      instant: record.context.taken.instant,
    },
  });
}

/** An interface names its machine, so a machine's own export adds nothing but the names of its interfaces. */
export function* readMachine(record: EvidenceRecord): Iterable<Imported> {
  const name = namedOf(record.value)?.name ?? "";
  const profile = propertiesOf({ properties: field(propertiesOf(record.value), "networkProfile") });
  const interfaces = idsOf(field(profile, "networkInterfaces")).map((id) => `\`${nameOfId(id)}\``);
  const which = interfaces.length === 0 ? "names no interface" : `has the interfaces ${interfaces.join(", ")}`;
  yield noteOf(`machine \`${name}\` ${which}: export those with \`az network nic show -o json\``);
}
