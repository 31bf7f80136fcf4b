// Evidence with holes, as the clouds write it: a day of NSG flow logs in an hour's file an interface, VPC flow logs, the
// network that they are of, a capture that dropped packets.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pcapngBlocks } from "../../../engine/test/support/capture-file.js";
import { bytesOf, ethernet, ipv4, tcp } from "../../../engine/test/support/frames.js";
import { temporaryDirectory } from "./conntrail.js";

const network = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
const group = `${network}/networkSecurityGroups/nsg-web`;
const dayStart = Date.UTC(2026, 2, 18) / 1000;
export const takenAt = "2026-03-19T00:00:00Z";

/** By MAC address. */
export const machines = { "000D3AF80001": "10.1.0.4", "000D3AF80002": "10.1.0.5", "000D3AF80003": "10.1.0.6" };
type Mac = keyof typeof machines;
const [first, second, third] = Object.keys(machines) as [Mac, Mac, Mac];

/** Paths in a directory of their own, by name. */
export function written(files: { readonly [name: string]: string | Uint8Array | object }): string[] {
  const directory = temporaryDirectory();
  return Object.entries(files).map(([name, content]) => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    const isPlain = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(path, isPlain ? content : JSON.stringify(content));
    return path;
  });
}

/** Each interface in each hour of the day, unless it is left out there. */
export function groupLogs(isLeftOut: (mac: Mac, hour: number) => boolean): { [name: string]: object } {
  const hours = Array.from({ length: 12 }, (_, hour) => hour);
  const files = hours.flatMap((hour) =>
    [first, second, third].flatMap((mac) => (isLeftOut(mac, hour) ? [] : [[pathOf(mac, hour), hourOf(mac, hour)]])),
  );
  return Object.fromEntries(files);
}

function pathOf(mac: Mac, hour: number): string {
  const part = String(hour).padStart(2, "0");
  return `resourceId=${group.toUpperCase()}/y=2026/m=03/d=18/h=${part}/m=00/macAddress=${mac}/PT1H.json`;
}

/** At a quarter past the second machine asks the third, unless it is left out itself. */
function hourOf(mac: Mac, hour: number): object {
  const time = dayStart + hour * 3600;
  const opened = `${time + 60},203.0.113.7,${machines[mac]},${50_000 + hour},22,T,I,A,B,,,,`;
  const asked = `${time + 900},${machines[second]},${machines[third]},${40_000 + hour},443,T`;
  const own = mac === second ? [`${asked},O,A,B,,,,`] : mac === third ? [`${asked},I,A,B,,,,`] : [];
  const flows = [{ rule: "UserRule_ssh", flows: [{ mac, flowTuples: [opened, ...own] }] }];
  const record = {
    time: new Date(time * 1000).toISOString(),
    systemId: "00000000-0000-0000-0000-000000000000",
    macAddress: mac,
    category: "NetworkSecurityGroupFlowEvent",
    resourceId: group.toUpperCase(),
    operationName: "NetworkSecurityGroupFlowEvents",
    properties: { Version: 2, flows },
  };
  return { records: [record] };
}

/** The group, the network without a flow timeout, and four interfaces, the last of which nobody watches. */
export function networkFiles(): { [name: string]: object } {
  return { "nsg.json": groupShown(), "vnet.json": networkShown(), "nics.json": interfacesShown() };
}

function groupShown(): object {
  const side = { sourcePortRange: "*", destinationAddressPrefix: "*", direction: "Inbound" };
  const rules = { name: "ssh", priority: 100, access: "Allow", protocol: "Tcp", sourceAddressPrefix: "203.0.113.0/24" };
  const rest = { name: "DenyAllInBound", priority: 65500, access: "Deny", protocol: "*", sourceAddressPrefix: "*" };
  return {
    ...{ id: group, name: "nsg-web", type: "Microsoft.Network/networkSecurityGroups" },
    securityRules: [{ ...rules, ...side, destinationPortRange: "22" }],
    defaultSecurityRules: [{ ...rest, ...side, destinationPortRange: "*" }],
  };
}

function networkShown(): object {
  return {
    ...{ id: `${network}/virtualNetworks/vnet-a`, name: "vnet-a", type: "Microsoft.Network/virtualNetworks" },
    addressSpace: { addressPrefixes: ["10.1.0.0/16"] },
    flowTimeoutInMinutes: null,
    subnets: [{ id: `${network}/virtualNetworks/vnet-a/subnets/s1`, name: "s1", addressPrefix: "10.1.0.0/24" }],
  };
}

function interfacesShown(): object[] {
  const all = [...Object.entries(machines), ["000D3AF80009", "10.1.0.99"]] as const;
  return all.map(([mac, privateIPAddress], index) => ({
    id: `${network}/networkInterfaces/vm${index + 1}-nic`,
    name: `vm${index + 1}-nic`,
    type: "Microsoft.Network/networkInterfaces",
    macAddress: mac.replace(/(..)(?=.)/g, "$1-"),
    networkSecurityGroup: { id: group },
    ipConfigurations: [{ name: "c", privateIPAddress, subnet: { id: `${network}/virtualNetworks/vnet-a/subnets/s1` } }],
  }));
}

/** One line a window of ten minutes, as `statusOf` says: `OK`, `NODATA`, `SKIPDATA`, or none. */
export function vpcLog(statusOf: (window: number) => string | null): string {
  const lines = Array.from({ length: 72 }, (_, window) => {
    const status = statusOf(window);
    const start = dayStart + window * 600;
    const seen = `203.0.113.9 10.2.0.4 ${50_000 + window} 443 6 5 500 ${start} ${start + 590} ACCEPT OK`;
    if (status === null) return [];
    return [`2 123456789012 eni-1 ${status === "OK" ? seen : `- - - - - - - ${start} ${start + 590} - ${status}`}`];
  });
  return `${lines.flat().join("\n")}\n`;
}

/** One packet, and three that the system had no room for. */
export function droppingCapture(): Uint8Array {
  const blocks = pcapngBlocks("little");
  const begun = BigInt(dayStart) * 1_000_000n;
  const ends = { source: "203.0.113.7", destination: "10.1.0.4" };
  return bytesOf(
    ...[blocks.section(), blocks.interface(1, 0), blocks.enhanced(0, begun, ethernet(ipv4(ends, tcp())))],
    blocks.statistics(0, begun + 1_000_000n, blocks.count(7, 3)),
  );
}
