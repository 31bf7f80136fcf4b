// Calls that make, change and remove network interfaces, and those of machines that do so with theirs (DOMAIN 4.7).

import { formatAddress, parseAddress, type ResourceId, type Setting } from "@conntrail/engine";
import { type AwsCall, eventOfCall, problemOfCall } from "./aws-call.js";
import { type Machine, readShownInterface } from "./aws-interface.js";
import { itemsOf, textsInside } from "./aws-items.js";
import { noteOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asNumber, asObject, asText, field, type JsonObject } from "./json-field.js";

export function* readCreation(call: AwsCall): Iterable<Imported> {
  const made = asObject(field(call.response, "networkInterface"));
  if (made === null) return yield problemOfCall(call, "missing-field", "the answer shows no `networkInterface`");
  yield* readMade(call, made, { id: null, type: null }, true);
}

/** An interface that the request names was there before. */
export function* readLaunch(call: AwsCall): Iterable<Imported> {
  const named = itemsOf(field(call.request, "networkInterfaceSet"));
  const old = new Set(named.map((entry) => asText(field(entry, "networkInterfaceId"))));
  const instances = itemsOf(field(call.response, "instancesSet"));
  if (instances.length === 0)
    yield problemOfCall(call, "missing-field", "the answer shows no instance: import `describe-instances` too");
  for (const instance of instances) {
    const machine = { id: asText(field(instance, "instanceId")), type: asText(field(instance, "instanceType")) };
    const interfaces = itemsOf(field(instance, "networkInterfaceSet"));
    if (interfaces.length === 0)
      yield noteOf(`record ${call.place.number} launches \`${machine.id}\` and shows no interface of it`);
    for (const shown of interfaces)
      yield* readMade(call, shown, machine, !old.has(asText(field(shown, "networkInterfaceId"))));
  }
}

function* readMade({ place, occasion }: AwsCall, shown: JsonObject, machine: Machine, begins: boolean) {
  const value = {
    ...shown,
    Groups: itemsOf(field(shown, "groupSet")),
    PrivateIpAddresses: itemsOf(field(shown, "privateIpAddressesSet")),
    Ipv6Addresses: itemsOf(field(shown, "ipv6AddressesSet")),
    TagSet: itemsOf(field(shown, "tagSet")),
  };
  yield* readShownInterface({ ...place, value }, machine, { occasion, begins });
}

export function* readChange(call: AwsCall): Iterable<Imported> {
  const target = asText(field(call.request, "networkInterfaceId"));
  if (target === null) return yield problemOfCall(call, "missing-field", "the record names no `networkInterfaceId`");
  yield* groupsPut(call, target);
  const set = asObject(field(call.request, "connectionTrackingSpecification", "connectionTrackingConfiguration"));
  for (const [name, setting] of timeouts) {
    const value = asNumber(field(set, name));
    if (value === null) continue;
    yield eventOfCall(call, { type: "setting-written", data: { resource: target, setting, value, ...call.operation } });
  }
}

const timeouts: readonly (readonly [string, Setting])[] = [
  ["tcpEstablishedTimeout", "tcpEstablishedSeconds"],
  ["udpStreamTimeout", "udpStreamSeconds"],
  ["udpTimeout", "udpSeconds"],
];

/** The groups of a machine's only interface: the record does not name it. */
export function* readMachineChange(call: AwsCall): Iterable<Imported> {
  const machine = asText(field(call.request, "instanceId"));
  if (machine === null) return yield problemOfCall(call, "missing-field", "the record names no `instanceId`");
  yield* groupsPut(call, machine);
}

/** Nothing where the request is about something else. */
function* groupsPut(call: AwsCall, target: ResourceId): Iterable<Imported> {
  const groups = itemsOf(field(call.request, "groupSet")).map((entry) => asText(field(entry, "groupId")));
  const named = groups.filter((group) => group !== null).sort();
  if (named.length === 0) return;
  const data = { gate: "interface", target, groups: named, ...call.operation } as const;
  yield eventOfCall(call, { type: "association-written", data });
}

/** The answer names addresses that AWS chose; where neither does, only a snapshot tells. */
export function* readAssignment(call: AwsCall): Iterable<Imported> {
  const id = asText(field(call.request, "networkInterfaceId"));
  if (id === null) return yield problemOfCall(call, "missing-field", "the record names no `networkInterfaceId`");
  const named = [...new Set([call.request, call.response].flatMap(addressesInside))].sort();
  if (named.length === 0)
    return yield problemOfCall(
      call,
      "missing-field",
      "the record names no address: import `describe-network-interfaces` as well",
    );
  const isAdded = call.name.startsWith("Assign");
  const data = { interface: id, added: isAdded ? named : [], removed: isAdded ? [] : named, ...call.operation };
  yield eventOfCall(call, { type: "addresses-changed", data });
}

function addressesInside(value: unknown): string[] {
  return textsInside(value).flatMap((text) => {
    const address = /[.:]/.test(text) ? parseAddress(text) : null;
    return address === null ? [] : [formatAddress(address)];
  });
}

export function* readDeletion(call: AwsCall): Iterable<Imported> {
  const resource = asText(field(call.request, "networkInterfaceId"));
  if (resource === null) return yield problemOfCall(call, "missing-field", "the record names no `networkInterfaceId`");
  yield eventOfCall(call, { type: "resource-removed", data: { resource, ...call.operation } });
}

export function* readTermination(call: AwsCall): Iterable<Imported> {
  const asked = itemsOf(field(call.request, "instancesSet"));
  const machines = asked.map((entry) => asText(field(entry, "instanceId"))).filter((id) => id !== null);
  if (machines.length === 0) yield problemOfCall(call, "missing-field", "the record names no `instanceId`");
  for (const resource of machines)
    yield eventOfCall(call, { type: "resource-removed", data: { resource, ...call.operation } });
}
