// The experiment as Azure would tell it: `az … show` of groups, interfaces and network before the first packet, the
// Activity Log of the edits, and one capture of all traffic.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatInstant, type Micros } from "@conntrail/engine";
import { captured, pcapFile } from "../../../engine/test/support/capture-file.js";
import type { Experiment } from "./experiment.js";
import { type Machine, machines, virtualNetworkPrefixes } from "./network.js";
import type { Gates } from "./nft-ruleset.js";
import { defaultRules, type Edit, type Group, type Rule } from "./security-group.js";

const subscription = "/subscriptions/5f1d2c3b-0000-4a4a-9c9c-3d1e0f7a9b11";
const providers = `${subscription}/resourceGroups/rg-lab/providers`;
const network = `${providers}/Microsoft.Network/virtualNetworks/vnet-lab`;
const idOfGroup = (name: string) => `${providers}/Microsoft.Network/networkSecurityGroups/${name}`;
const linkRaw = 101;
const microsPerSecond = 1_000_000;

/** Writes all evidence into one directory. */
export function writeEvidence({ setting: { groups, gates }, frames, edits }: Experiment, directory: string): void {
  mkdirSync(directory, { recursive: true });
  const put = (name: string, content: string | Uint8Array) => writeFileSync(join(directory, name), content);
  for (const group of groups) put(`${group.name}.json`, JSON.stringify(groupShown(group)));
  machines.forEach((machine, index) => {
    put(`${machine.interface}.json`, JSON.stringify(interfaceShown(machine, gates[index]!)));
  });
  put("vnet-lab.json", JSON.stringify(networkShown(gates)));
  const records = edits.flatMap(({ edit, time }, index) => editRecords(edit, time, index));
  put("activity-log.jsonl", records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const capture = frames.map(({ time, bytes }) =>
    captured(bytes, { seconds: Math.floor(time / microsPerSecond), fraction: time % microsPerSecond }),
  );
  put("capture.pcap", pcapFile(capture, { linkType: linkRaw }));
}

function groupShown({ name, rules }: Group) {
  const type = "Microsoft.Network/networkSecurityGroups";
  const shown = (rule: Rule) => ruleShown(rule, `${idOfGroup(name)}/securityRules/${rule.name}`);
  return {
    ...{ id: idOfGroup(name), name, type, location: "westeurope", flushConnection: false },
    securityRules: rules.map(shown),
    defaultSecurityRules: defaultRules.map(shown),
  };
}

function ruleShown(rule: Rule, id: string) {
  const { name, priority, direction, protocol, access } = rule;
  return {
    ...{ id, name, priority, direction, protocol, access, provisioningState: "Succeeded" },
    ...oneOrMany("sourceAddressPrefix", "sourceAddressPrefixes", rule.sources),
    ...oneOrMany("destinationAddressPrefix", "destinationAddressPrefixes", rule.destinations),
    ...oneOrMany("sourcePortRange", "sourcePortRanges", rule.sourcePorts),
    ...oneOrMany("destinationPortRange", "destinationPortRanges", rule.destinationPorts),
  };
}

/** As exports have it: the empty plural beside the singular, and no singular beside the plural (DOMAIN 1.1). */
function oneOrMany(one: string, many: string, values: readonly string[]): Record<string, unknown> {
  return values.length === 1 ? { [one]: values[0], [many]: [] } : { [many]: values };
}

function interfaceShown(machine: Machine, { interface: group }: Gates) {
  const id = `${providers}/Microsoft.Network/networkInterfaces/${machine.interface}`;
  return {
    ...{ id, name: machine.interface, type: "Microsoft.Network/networkInterfaces", disableTcpStateTracking: false },
    networkSecurityGroup: group === null ? null : { id: idOfGroup(group.name) },
    ipConfigurations: machine.addresses.map((privateIPAddress, index) => ({
      ...{ id: `${id}/ipConfigurations/ip${index}`, name: `ip${index}`, primary: index === 0, privateIPAddress },
      privateIPAddressVersion: privateIPAddress.includes(":") ? "IPv6" : "IPv4",
      subnet: { id: `${network}/subnets/${machine.subnet}` },
    })),
  };
}

function networkShown(gates: readonly Gates[]) {
  return {
    ...{ id: network, name: "vnet-lab", type: "Microsoft.Network/virtualNetworks", flowTimeoutInMinutes: 4 },
    addressSpace: { addressPrefixes: virtualNetworkPrefixes },
    virtualNetworkPeerings: [],
    subnets: machines.map(({ subnet, subnetPrefixes }, index) => {
      const group = gates[index]!.subnet;
      return {
        ...{ id: `${network}/subnets/${subnet}`, name: subnet, addressPrefixes: subnetPrefixes },
        networkSecurityGroup: group === null ? null : { id: idOfGroup(group.name) },
      };
    }),
  };
}

/** An operation leaves a record when it starts and one when it has succeeded; the body stands in the first [A14]. */
function editRecords({ type, group, rule, ...edit }: Edit, time: Micros, number: number) {
  const resourceId = `${idOfGroup(group)}/securityRules/${rule.name}`;
  const written = type === "rule-written";
  const status = written ? ("existed" in edit && edit.existed ? "OK" : "Created") : "NoContent";
  const record = (at: number, phase: string, properties: object) => ({
    ...{ time: formatInstant(at as Micros), resourceId, category: "Administrative", resultType: phase },
    operationName: `Microsoft.Network/networkSecurityGroups/securityRules/${written ? "write" : "delete"}`,
    correlationId: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    identity: { claims: { upn: "alice@contoso.example" } },
    properties,
  });
  const requestbody = JSON.stringify({ name: rule.name, properties: ruleShown(rule, resourceId) });
  return [record(time - 1, "Start", written ? { requestbody } : {}), record(time, "Success", { statusCode: status })];
}
