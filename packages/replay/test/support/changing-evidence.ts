// Evidence of a network in which switches, associations, memberships and lists change in mid-traffic: records beside the
// example's own, written as the Activity Log and the lists' publisher write them.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./conntrail.js";

const network =
  "/subscriptions/5f1d2c3b-0000-4a4a-9c9c-3d1e0f7a9b11/resourceGroups/rg-prod/providers/Microsoft.Network";
const group = `${network}/networkSecurityGroups/nsg-web`;
const nic = `${network}/networkInterfaces/vm1-nic`;
const vnet = `${network}/virtualNetworks/vnet-prod`;

type Write = readonly [time: string, kind: string, target: string, properties: object];

const writes: readonly Write[] = [
  ["04:54:50", "virtualNetworks", vnet, { addressSpace: {}, flowTimeoutInMinutes: 6 }],
  ["04:55:00", "networkInterfaces", nic, interfaceWith(["asg-a"], true)],
  [
    "04:57:00",
    "networkSecurityGroups",
    group,
    { securityRules: [ruleFor("asg-a"), ruleForTag()], flushConnection: true },
  ],
  ["04:58:00", "networkInterfaces", nic, interfaceWith([], false)],
  ["04:59:00", "networkSecurityGroups", group, { securityRules: [ruleForTag()], flushConnection: false }],
];

/** Each operation as two lines, the second without a body. */
export const changeRecords: readonly string[] = writes.flatMap(([time, kind, target, properties], index) => {
  const record = (second: string, resultType: string, more: object) =>
    JSON.stringify({
      time: `2026-11-21T${time}.${second}00000Z`,
      resourceId: target.toUpperCase(),
      operationName: `MICROSOFT.NETWORK/${kind.toUpperCase()}/WRITE`,
      category: "Administrative",
      resultType,
      correlationId: `00000000-0000-4000-8000-00000000000${index}`,
      properties: more,
    });
  return [
    record("10", "Start", { requestbody: JSON.stringify({ id: target, properties }) }),
    record("50", "Success", { statusCode: "OK" }),
  ];
});

export function fileOf(name: string, content: string): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, content);
  return path;
}

/** Two editions of the service tags, the later one of which holds the example's client no more. */
export function tagFiles(): string[] {
  return [["203.0.113.0/24"], ["192.0.2.0/24"]].map((addressPrefixes, index) => {
    const properties = { changeNumber: index + 1, region: "", platform: "Azure", systemService: "", addressPrefixes };
    const values = [{ name: "Storage", id: "Storage", properties: { ...properties, networkFeatures: ["NSG"] } }];
    return fileOf(
      `ServiceTags_Public_2026112${index}.json`,
      JSON.stringify({ changeNumber: index + 1, cloud: "Public", values }),
    );
  });
}

function interfaceWith(groups: readonly string[], disableTcpStateTracking: boolean): object {
  const applicationSecurityGroups = groups.map((name) => ({ id: `${network}/applicationSecurityGroups/${name}` }));
  const subnet = { id: `${vnet}/subnets/web` };
  const address = { privateIPAddress: "10.1.0.4", subnet, applicationSecurityGroups };
  return { disableTcpStateTracking, ipConfigurations: [{ name: "ipconfig1", properties: address }] };
}

function ruleFor(asg: string): object {
  const destinationApplicationSecurityGroups = [{ id: `${network}/applicationSecurityGroups/${asg}` }];
  return rule("to-members", 100, { sourceAddressPrefix: "*", destinationApplicationSecurityGroups });
}

function ruleForTag(): object {
  return rule("from-storage", 110, { sourceAddressPrefix: "Storage", destinationAddressPrefix: "*" });
}

function rule(name: string, priority: number, sides: object): object {
  const ports = { sourcePortRange: "*", destinationPortRange: "22" };
  return { name, properties: { protocol: "Tcp", access: "Allow", direction: "Inbound", priority, ...ports, ...sides } };
}
