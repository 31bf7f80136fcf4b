// A day of flow logs beside the rules of the same network, so that every way in which the two can compare occurs. As the
// clouds write them: exports of groups, interfaces and networks, the Activity Log, NSG, VNet and VPC flow logs.

import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./conntrail.js";

const subscription = "/subscriptions/5f1d2c3b-0000-4a4a-9c9c-3d1e0f7a9b11";
const network = `${subscription}/resourceGroups/rg-prod/providers/Microsoft.Network`;
const web = `${network}/networkSecurityGroups/nsg-web`;
const edge = `${network}/networkSecurityGroups/nsg-edge`;
const vnet = `${network}/virtualNetworks/vnet-prod`;
const mac = "000D3A5B2C41";

/** When the exports were made. */
export const checkedTakenAt = "2026-03-18T18:00:00Z";

function rule(name: string, priority: number, access: string, source: string, port: string): object {
  const ends = { sourceAddressPrefix: source, destinationAddressPrefix: "*", sourcePortRange: "*" };
  return { name, protocol: "Tcp", direction: "Inbound", priority, access, ...ends, destinationPortRange: port };
}

const ssh = rule("allow-ssh", 130, "Allow", "203.0.113.0/24", "22");

const groups = [
  {
    id: web,
    name: "nsg-web",
    securityRules: [
      rule("allow-https", 100, "Allow", "*", "443"),
      rule("from-storage", 110, "Allow", "Storage", "8443"),
      rule("from-sql", 120, "Allow", "Sql.WestEurope", "1500"),
      rule("allow-telnet", 140, "Allow", "*", "23"),
      rule("deny-db", 300, "Deny", "*", "1433"),
    ],
  },
  {
    id: edge,
    name: "nsg-edge",
    securityRules: [rule("no-telnet", 100, "Deny", "*", "23"), rule("let-in", 200, "Allow", "*", "*")],
  },
].map((group) => ({ type: "Microsoft.Network/networkSecurityGroups", ...group }));

const nic = {
  id: `${network}/networkInterfaces/vm1-nic`,
  name: "vm1-nic",
  type: "Microsoft.Network/networkInterfaces",
  macAddress: "00-0D-3A-5B-2C-41",
  networkSecurityGroup: { id: web },
  ipConfigurations: [{ name: "ipconfig1", privateIPAddress: "10.1.0.4", subnet: { id: `${vnet}/subnets/web` } }],
};

const virtualNetwork = {
  id: vnet,
  name: "vnet-prod",
  type: "Microsoft.Network/virtualNetworks",
  addressSpace: { addressPrefixes: ["10.1.0.0/16"] },
  flowTimeoutInMinutes: 4,
  subnets: [
    { id: `${vnet}/subnets/web`, name: "web", addressPrefix: "10.1.0.0/24", networkSecurityGroup: { id: edge } },
  ],
};

function activity(time: string, verb: string, body: object): object {
  return {
    eventTimestamp: `2026-03-18T${time}Z`,
    operationName: { value: `Microsoft.Network/networkSecurityGroups/securityRules/${verb}` },
    status: { value: "Succeeded" },
    caller: "dave@contoso.example",
    correlationId: `00000000-0000-4000-8000-0000${time.replace(/\D/g, "").padStart(8, "0")}`,
    resourceId: `${web}/securityRules/allow-ssh`,
    properties: { requestbody: JSON.stringify(body) },
  };
}

const edits = [activity("10:00:00", "write", { properties: ssh }), activity("12:00:00", "delete", {})];

function epoch(time: string): number {
  return Date.parse(`2026-03-18T${time}Z`) / 1000;
}

type Said = readonly [time: string, source: string, port: number, rest: string];

function nsgTuple([time, source, port, rest]: Said): string {
  return `${epoch(time)},${source},10.1.0.4,51000,${port},T,I,${rest}`;
}

const opened = "A,B,,,,";
const goesOn = "A,C,10,1000,8,9000";
const ended = "A,E,2,100,1,60";
const client = "203.0.113.7";

/** What the log of nsg-web says, by the rule that it names. */
const nsgSaid: Readonly<Record<string, readonly Said[]>> = {
  "UserRule_allow-https": Array.from({ length: 40 }, (_, index): Said[] => [
    [`10:${10 + index}:00`, `198.51.100.${index}`, 443, opened],
    [`10:${10 + index}:20`, `198.51.100.${index}`, 443, ended],
  ]).flat(),
  "UserRule_allow-web": [["11:00:00", "198.51.100.77", 443, opened]],
  "UserRule_allow-ssh": [
    ["11:30:00", client, 22, opened],
    ["12:30:00", client, 22, goesOn],
    ["12:00:20", "203.0.113.8", 22, opened],
    ["12:40:00", "203.0.113.9", 22, goesOn],
    ["14:00:00", "203.0.113.10", 22, opened],
    ["14:05:00", "203.0.113.10", 22, goesOn],
  ],
  "UserRule_allow-telnet": [["11:00:00", client, 23, opened]],
  "UserRule_deny-db": [
    ["11:00:00", client, 1433, opened],
    ["11:01:00", "203.0.113.8", 1433, "D,B,,,,"],
  ],
  "UserRule_from-storage": [["11:00:00", "192.0.2.9", 8443, opened]],
  "UserRule_from-sql": [["11:00:00", "192.0.2.10", 1500, opened]],
  DefaultRule_DenyAllInBound: [["11:02:00", client, 3389, "D,B,,,,"]],
};

const nsgLog = {
  records: [
    {
      time: "2026-03-18T15:00:00Z",
      macAddress: mac,
      category: "NetworkSecurityGroupFlowEvent",
      resourceId: web.toUpperCase(),
      operationName: "NetworkSecurityGroupFlowEvents",
      properties: {
        Version: 2,
        flows: Object.entries(nsgSaid).map(([rule, said]) => ({
          rule,
          flows: [{ mac, flowTuples: said.map(nsgTuple) }],
        })),
      },
    },
  ],
};

function vnetRecord(macAddress: string, aclID: string, rule: string, said: Said): object {
  const [time, source, port, rest] = said;
  return {
    time: "2026-03-18T15:00:00Z",
    flowLogVersion: 4,
    macAddress,
    category: "FlowLogFlowEvent",
    targetResourceID: vnet,
    operationName: "FlowLogFlowEvent",
    flowRecords: {
      flows: [
        {
          aclID,
          flowGroups: [{ rule, flowTuples: [`${epoch(time)}000,${source},10.1.0.4,52000,${port},6,I,${rest}`] }],
        },
      ],
    },
  };
}

const noGroup = "00000000-0000-0000-0000-000000000000";
const vnetLog = {
  records: [
    vnetRecord(mac, noGroup, "PlatformRule", ["11:00:00", client, 443, "D,NX,0,0,0,0"]),
    vnetRecord("000D3A000099", `${network}/networkSecurityGroups/nsg-ghost`, "UserRule_x", [
      "11:00:00",
      client,
      443,
      "B,NX,0,0,0,0",
    ]),
  ],
};

/** The second edition holds the storage account that the log shows at eleven. */
const tagFiles = [
  ["ServiceTags_Public_20260310.json", "198.18.0.0/24"],
  ["ServiceTags_Public_20260320.json", "192.0.2.0/24"],
].map(([name, prefix], index) => {
  const properties = { changeNumber: index + 1, region: "", platform: "Azure", systemService: "" };
  const values = [
    {
      name: "Storage",
      id: "Storage",
      properties: { ...properties, addressPrefixes: [prefix], networkFeatures: ["NSG"] },
    },
  ];
  return [name!, JSON.stringify({ changeNumber: index + 1, cloud: "Public", values })] as const;
});

const anywhere = { IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
const aws = {
  "security-groups.json": {
    SecurityGroups: [
      {
        GroupId: "sg-0a1b2c3d",
        GroupName: "bastion",
        VpcId: "vpc-0a1b2c3d",
        IpPermissions: [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "203.0.113.0/24" }] }],
        IpPermissionsEgress: [{ IpProtocol: "-1", ...anywhere }],
      },
    ],
  },
  "network-interfaces.json": {
    NetworkInterfaces: [
      {
        NetworkInterfaceId: "eni-0a1b2c3d",
        MacAddress: "0a:1b:2c:3d:4e:5f",
        PrivateIpAddress: "10.2.0.4",
        PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: "10.2.0.4" }],
        Groups: [{ GroupId: "sg-0a1b2c3d", GroupName: "bastion" }],
        SubnetId: "subnet-0a1b2c3d",
        VpcId: "vpc-0a1b2c3d",
      },
    ],
  },
  "network-acls.json": {
    NetworkAcls: [
      {
        NetworkAclId: "acl-0a1b2c3d",
        VpcId: "vpc-0a1b2c3d",
        Associations: [{ NetworkAclId: "acl-0a1b2c3d", SubnetId: "subnet-0a1b2c3d" }],
        Entries: [true, false].map((Egress) => ({
          Egress,
          CidrBlock: "0.0.0.0/0",
          Protocol: "-1",
          RuleAction: "allow",
          RuleNumber: 100,
        })),
      },
    ],
  },
  "subnets.json": {
    Subnets: [{ SubnetId: "subnet-0a1b2c3d", VpcId: "vpc-0a1b2c3d", CidrBlock: "10.2.0.0/24" }],
  },
  "vpcs.json": { Vpcs: [{ VpcId: "vpc-0a1b2c3d", CidrBlock: "10.2.0.0/16" }] },
};

const vpcFields =
  "version interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status tcp-flags reject-reason";

function vpcLine(time: string, ends: string, action: string, more = "2 -"): string {
  const start = epoch(time);
  return `8 eni-0a1b2c3d ${ends} 6 10 840 ${start} ${start + 59} ${action} OK ${more}`;
}

const vpcLog = [
  vpcFields,
  vpcLine("10:00:00", "203.0.113.7 10.2.0.4 51000 22", "ACCEPT"),
  vpcLine("10:00:00", "10.2.0.4 203.0.113.7 22 51000", "ACCEPT", "18 -"),
  vpcLine("10:04:00", "203.0.113.7 10.2.0.4 51000 22", "REJECT", "0 -"),
  vpcLine("10:05:00", "203.0.113.8 10.2.0.4 51000 22", "REJECT", "2 BPA"),
  vpcLine("10:06:00", "198.51.100.1 10.2.0.4 51000 22", "REJECT"),
  vpcLine("10:07:00", "203.0.113.9 10.2.0.4 51000 22", "-"),
].join("\n");

/** The files of the day, written to a directory of their own. */
export function checkedEvidence(): string[] {
  const files: (readonly [string, string])[] = [
    ...groups.map((group) => [`${group.name}.json`, JSON.stringify(group)] as const),
    ["vm1-nic.json", JSON.stringify(nic)],
    ["vnet-prod.json", JSON.stringify(virtualNetwork)],
    ["activity-log.json", JSON.stringify(edits)],
    ["PT1H-nsg.json", JSON.stringify(nsgLog)],
    ["PT1H-vnet.json", JSON.stringify(vnetLog)],
    ...tagFiles,
    ...Object.entries(aws).map(([name, content]) => [name, JSON.stringify(content)] as const),
    ["vpc.log", vpcLog],
  ];
  const directory = mkdtempSync(join(temporaryDirectory(), "checked-"));
  return files.map(([name, content]) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  });
}
