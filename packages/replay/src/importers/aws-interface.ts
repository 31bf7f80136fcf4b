// AWS network interfaces: `describe-network-interfaces`, and those that `describe-instances` shows with the machines.

import type { ConnectionTracking, InterfaceAddress, InterfaceSeen } from "@conntrail/engine";
import { isNitroV6 } from "./aws-instance-type.js";
import { brokenTimeouts } from "./aws-limits.js";
import { nameTag } from "./aws-tag.js";
import { type EvidenceRecord, eventOf, noteOf, type Occasion, problemOf, problemsOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asNumber, asObject, asText, field, type JsonObject, objectsOf } from "./json-field.js";

/** The machine that an interface is shown with. */
export type Machine = { readonly id: string | null; readonly type: string | null };

export function* readInstance(record: EvidenceRecord): Iterable<Imported> {
  const machine = { id: asText(field(record.value, "InstanceId")), type: asText(field(record.value, "InstanceType")) };
  const interfaces = objectsOf(field(record.value, "NetworkInterfaces"));
  if (interfaces.length === 0) yield noteOf(`instance \`${machine.id}\` has no network interface`);
  for (const value of interfaces) yield* readShownInterface({ ...record, value }, machine);
}

export function* readNetworkInterface(record: EvidenceRecord): Iterable<Imported> {
  const id = asText(field(asObject(field(record.value, "Attachment")), "InstanceId"));
  yield* readShownInterface(record, { id, type: null });
}

/** How CloudTrail tells of an interface: at which instant, and whether it was made then. */
export type Telling = { readonly occasion: Occasion; readonly begins: boolean };

export function* readShownInterface(record: EvidenceRecord, machine: Machine, telling?: Telling): Iterable<Imported> {
  const id = asText(field(record.value, "NetworkInterfaceId"));
  if (id === null) return yield problemOf(record, "missing-field", "the network interface has no `NetworkInterfaceId`");
  const connectionTracking = trackingOf(record.value, machine);
  const wrong = (said: string) => `interface \`${id}\`: ${said}`;
  yield* problemsOf(record, "over-limit", brokenTimeouts(connectionTracking).map(wrong));
  yield* problemsOf(record, "unsupported", delegatedPrefixes(record.value).map(wrong));
  const network = asText(field(record.value, "VpcId"));
  const interfaceType = asText(field(record.value, "InterfaceType"));
  const data: InterfaceSeen["data"] = {
    interface: id,
    name: nameTag(record.value) ?? id,
    macAddress: asText(field(record.value, "MacAddress")),
    group: null,
    groups: groupsOf(record.value),
    machine: machine.id,
    addresses: addressesOf(record.value),
    disableTcpStateTracking: null,
    platform: "aws",
    connectionTracking,
    instant: telling === undefined ? record.context.taken.instant : "stated",
    ...(network === null ? {} : { network }),
    ...(interfaceType === null ? {} : { interfaceType }),
    ...(telling?.begins === true ? { begins: true } : {}),
  };
  yield eventOf(record, { type: "interface-seen", data }, telling?.occasion);
  yield* readPublicAddresses(record, id);
}

function groupsOf(resource: JsonObject): string[] {
  const groups = objectsOf(field(resource, "Groups")).map((group) => asText(field(group, "GroupId")));
  return groups.filter((group) => group !== null).sort();
}

/** What is not set has the platform's default. */
function trackingOf(resource: JsonObject, machine: Machine): ConnectionTracking {
  const set = asObject(field(resource, "ConnectionTrackingConfiguration", "ConnectionTrackingSpecification"));
  return {
    tcpEstablishedSeconds: asNumber(field(set, "TcpEstablishedTimeout")),
    udpStreamSeconds: asNumber(field(set, "UdpStreamTimeout")),
    udpSeconds: asNumber(field(set, "UdpTimeout")),
    nitroV6: machine.type === null ? null : isNitroV6(machine.type),
  };
}

function delegatedPrefixes(resource: JsonObject): string[] {
  const prefixes = [
    ...objectsOf(field(resource, "Ipv4Prefixes")).map((entry) => asText(field(entry, "Ipv4Prefix"))),
    ...objectsOf(field(resource, "Ipv6Prefixes")).map((entry) => asText(field(entry, "Ipv6Prefix"))),
  ];
  return prefixes.map((prefix) => `the addresses of its prefix \`${prefix}\` are not told to be its own`);
}

/** The primary address, then the others in order; IPv6 behind IPv4. */
function addressesOf(resource: JsonObject): InterfaceAddress[] {
  const subnet = asText(field(resource, "SubnetId"));
  const base = { subnet, applicationSecurityGroups: [] };
  const v4 = privateAddresses(resource).map((entry) => ({
    ...base,
    address: asText(field(entry, "PrivateIpAddress")),
    publicAddress: publicAddressOf(entry)?.id ?? null,
    primary: field(entry, "Primary") === true,
  }));
  v4.sort((a, b) => Number(b.primary) - Number(a.primary) || ((a.address ?? "") < (b.address ?? "") ? -1 : 1));
  const v6 = objectsOf(field(resource, "Ipv6Addresses")).map((entry) => asText(field(entry, "Ipv6Address")));
  return [
    ...v4.map(({ primary: _, ...shown }) => shown),
    ...v6.sort().map((address) => ({ ...base, address, publicAddress: null })),
  ].flatMap(({ address, ...rest }) => (address === null ? [] : [{ address, ...rest }]));
}

function privateAddresses(resource: JsonObject): JsonObject[] {
  const listed = objectsOf(field(resource, "PrivateIpAddresses"));
  return listed.length > 0 ? listed : [{ ...resource, Primary: true }];
}

/** An elastic address has an allocation; one that AWS lent has nothing but itself. */
function publicAddressOf(entry: JsonObject): { id: string; address: string } | null {
  const association = asObject(field(entry, "Association"));
  const address = asText(field(association, "PublicIp"));
  if (address === null) return null;
  return { id: asText(field(association, "AllocationId")) ?? address, address };
}

function* readPublicAddresses(record: EvidenceRecord, owner: string): Iterable<Imported> {
  for (const entry of privateAddresses(record.value)) {
    const shown = publicAddressOf(entry);
    if (shown === null) continue;
    const { instant } = record.context.taken;
    const data = { publicAddress: shown.id, address: shown.address, interface: owner, instant };
    yield eventOf(record, { type: "public-address-seen", data });
  }
}
