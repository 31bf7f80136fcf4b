import { describe, expect, test } from "vitest";
import { Random } from "../../../engine/test/support/random.js";
import { allImporters } from "../../src/importers/all-importers.js";
import type { Importer } from "../../src/importers/importer.js";
import { readWith } from "../support/importing.js";

const scope = "/subscriptions/s1/resourceGroups/rg/providers";
const network = `${scope}/Microsoft.Network`;
const reference = (path: string) => ({ id: `${network}/${path}` });
const machine = `${scope}/Microsoft.Compute/virtualMachines/vm1`;
const instant = "2026-03-18T10:00:00Z";
const rule = {
  name: "allow-ssh",
  properties: {
    protocol: "Tcp",
    access: "Allow",
    direction: "Inbound",
    priority: 100,
    sourceAddressPrefix: "10.0.0.0/8",
    destinationAddressPrefix: "*",
    destinationPortRanges: ["22", "80-90"],
  },
};
const grantedPort = {
  number: 22,
  allowedSourceAddressPrefix: "10.0.0.1",
  endTimeUtc: instant,
  status: "Revoked",
  statusReason: "Expired",
};

const requested = {
  ipProtocol: "tcp",
  fromPort: 1,
  toPort: 2,
  ipRanges: { items: [{ cidrIp: "10.0.0.0/8" }] },
  groups: { items: [{ groupId: "sg-2" }] },
};
const answered = { securityGroupRuleId: "sgr-1", groupId: "sg-1", ipProtocol: "tcp", cidrIpv4: "10.0.0.0/8" };
const attached = {
  networkInterfaceId: "eni-1",
  privateIpAddressesSet: { item: [{ privateIpAddress: "10.0.0.4", primary: true }] },
  groupSet: { items: [{ groupId: "sg-1" }] },
};

const documents: Readonly<Record<string, unknown>> = {
  "azure-resource": [
    {
      ...reference("networkSecurityGroups/nsg"),
      name: "nsg",
      securityRules: [rule],
      defaultSecurityRules: [rule],
      subnets: [reference("virtualNetworks/v/subnets/a")],
    },
    {
      ...reference("networkInterfaces/nic"),
      ipConfigurations: [{ privateIPAddress: "10.0.0.4", applicationSecurityGroups: [reference("x/y")] }],
    },
    {
      ...reference("virtualNetworks/v"),
      addressSpace: { addressPrefixes: ["10.0.0.0/8"] },
      subnets: [{ name: "a", addressPrefix: "10.0.0.0/24" }],
      virtualNetworkPeerings: [{ name: "p" }],
    },
    { ...reference("routeTables/rt"), routes: [{ name: "r", addressPrefix: "0.0.0.0/0", nextHopType: "Internet" }] },
    {
      ...reference("virtualNetworkGateways/g"),
      ipConfigurations: [{ subnet: reference("virtualNetworks/v/subnets/g") }],
    },
    { ...reference("localNetworkGateways/l"), localNetworkAddressSpace: { addressPrefixes: ["10.9.0.0/16"] } },
    {
      ...reference("connections/c"),
      virtualNetworkGateway1: reference("virtualNetworkGateways/g"),
      localNetworkGateway2: reference("localNetworkGateways/l"),
    },
    { ...reference("networkManagers/m/securityAdminConfigurations/c/ruleCollections/r/rules/x"), ...rule },
    {
      id: `${scope}/Microsoft.Security/locations/w/jitNetworkAccessPolicies/default`,
      virtualMachines: [{ id: machine, ports: [{ number: 22, protocol: "*", maxRequestAccessDuration: "PT3H" }] }],
      requests: [{ startTimeUtc: instant, virtualMachines: [{ id: machine, ports: [grantedPort] }] }],
    },
    { networkSecurityGroup: reference("networkSecurityGroups/nsg"), association: {}, effectiveSecurityRules: [rule] },
    {
      $schema: "https://x/deploymentTemplate.json#",
      resources: [
        {
          type: "Microsoft.Network/networkSecurityGroups",
          name: "[concat('a')]",
          properties: { securityRules: [rule] },
        },
      ],
    },
  ],
  "azure-activity-log": [
    "networkSecurityGroups/securityRules/write",
    "networkSecurityGroups/write",
    "networkInterfaces/write",
    "virtualNetworks/subnets/write",
    "virtualNetworks/write",
  ].map((name) => ({
    time: instant,
    operationName: `Microsoft.Network/${name}`,
    resourceId: `${network}/networkSecurityGroups/nsg/securityRules/r`,
    resultType: "Success",
    correlationId: "c",
    properties: {
      requestbody: {
        properties: {
          ...rule.properties,
          securityRules: [rule],
          ipConfigurations: [{ privateIPAddress: "10.0.0.4" }],
          addressSpace: {},
          subnets: [{ name: "a" }],
        },
      },
    },
  })),
  "azure-service-tags": { changeNumber: 1, values: [{ name: "Sql", properties: { addressPrefixes: ["10.0.0.0/8"] } }] },
  "aws-resource": {
    SecurityGroups: [
      {
        GroupId: "sg-1",
        GroupName: "g",
        VpcId: "vpc-1",
        IpPermissions: [
          {
            IpProtocol: "tcp",
            FromPort: 1,
            ToPort: 2,
            IpRanges: [{ CidrIp: "10.0.0.0/8" }],
            UserIdGroupPairs: [{ GroupId: "sg-2" }],
          },
        ],
      },
    ],
    SecurityGroupRules: [
      { SecurityGroupRuleId: "sgr-1", GroupId: "sg-1", IpProtocol: "tcp", ReferencedGroupInfo: { GroupId: "sg-2" } },
    ],
    NetworkAcls: [
      {
        NetworkAclId: "acl-1",
        Associations: [{ SubnetId: "s" }],
        Entries: [
          {
            RuleNumber: 1,
            Protocol: "6",
            PortRange: { From: 1, To: 2 },
            IcmpTypeCode: { Type: 1, Code: 1 },
            CidrBlock: "10.0.0.0/8",
            RuleAction: "allow",
          },
        ],
      },
    ],
    NetworkInterfaces: [
      {
        NetworkInterfaceId: "eni-1",
        MacAddress: "m",
        PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.4", Association: { PublicIp: "192.0.2.1" } }],
        Groups: [{ GroupId: "sg-1" }],
      },
    ],
    RouteTables: [
      {
        RouteTableId: "rtb-1",
        Routes: [{ DestinationCidrBlock: "0.0.0.0/0", GatewayId: "igw-1" }],
        Associations: [{ Main: true }],
      },
    ],
    Reservations: [
      {
        Instances: [
          { InstanceId: "i-1", InstanceType: "t2.micro", NetworkInterfaces: [{ NetworkInterfaceId: "eni-2" }] },
        ],
      },
    ],
    PrefixLists: [{ PrefixListId: "pl-1", Cidrs: ["10.0.0.0/8"] }],
    Vpcs: [{ VpcId: "vpc-1", CidrBlock: "10.0.0.0/8", CidrBlockAssociationSet: [{ CidrBlock: "10.0.0.0/8" }] }],
  },
  "aws-cloudtrail": {
    Records: [
      ["CreateSecurityGroup", { groupName: "g", vpcId: "vpc-1" }, { groupId: "sg-1" }],
      ["DeleteSecurityGroup", { groupId: "sg-1" }, {}],
      ["AuthorizeSecurityGroupIngress", { groupId: "sg-1", ipPermissions: { items: [requested] } }, {}],
      [
        "AuthorizeSecurityGroupEgress",
        { groupId: "sg-1", ipPermissions: {}, ipProtocol: "-1", cidrIp: "0.0.0.0/0" },
        { securityGroupRuleSet: { items: [answered] } },
      ],
      [
        "RevokeSecurityGroupIngress",
        { groupId: "sg-1", ipPermissions: { items: [requested] }, securityGroupRuleIds: { items: ["sgr-1"] } },
        { unknownIpPermissionSet: { items: [requested] } },
      ],
      ["RevokeSecurityGroupEgress", { groupId: "sg-1" }, { revokedSecurityGroupRuleSet: { items: [answered] } }],
      [
        "ModifySecurityGroupRules",
        {
          ModifySecurityGroupRulesRequest: {
            GroupId: "sg-1",
            SecurityGroupRule: [{ SecurityGroupRuleId: "sgr-1", SecurityGroupRule: answered }],
          },
        },
        {},
      ],
      ["CreateNetworkInterface", {}, { networkInterface: attached }],
      [
        "RunInstances",
        { networkInterfaceSet: { items: [{ networkInterfaceId: "eni-1" }] } },
        { instancesSet: { items: [{ instanceId: "i-1", networkInterfaceSet: { items: [attached] } }] } },
      ],
      [
        "ModifyNetworkInterfaceAttribute",
        {
          networkInterfaceId: "eni-1",
          groupSet: { items: [{ groupId: "sg-1" }] },
          connectionTrackingSpecification: { tcpEstablishedTimeout: 60 },
        },
        {},
      ],
      ["ModifyInstanceAttribute", { instanceId: "i-1", groupSet: { items: [{ groupId: "sg-1" }] } }, {}],
      ["TerminateInstances", { instancesSet: { items: [{ instanceId: "i-1" }] } }, {}],
      [
        "CreateNetworkAclEntry",
        { networkAclId: "acl-1", ruleNumber: 1, aclProtocol: "6", portRange: { from: 1, to: 2 }, cidrBlock: "::/0" },
        {},
      ],
      ["DeleteNetworkAclEntry", { networkAclId: "acl-1", ruleNumber: 1, egress: true }, {}],
      [
        "ReplaceNetworkAclAssociation",
        { associationId: "aclassoc-1", networkAclId: "acl-1" },
        { newAssociationId: "aclassoc-2" },
      ],
      [
        "ModifyManagedPrefixList",
        { ModifyManagedPrefixListRequest: { PrefixListId: "pl-1", AddEntry: { Cidr: "10.0.0.0/8" } } },
        {},
      ],
    ].map(([eventName, requestParameters, responseElements], index) => ({
      eventTime: instant,
      eventSource: "ec2.amazonaws.com",
      eventName,
      eventID: `e${index}`,
      userIdentity: { arn: "a", sessionContext: { sessionIssuer: { arn: "b" } } },
      requestParameters,
      responseElements,
    })),
  },
  "aws-ip-ranges": {
    syncToken: "1",
    createDate: "2024-07-22-17-00-00",
    prefixes: [{ ip_prefix: "10.0.0.0/8", region: "r", service: "s" }],
  },
};

const nonsense: readonly unknown[] = [
  null,
  true,
  -1,
  1e300,
  "",
  "text",
  "[expression()]",
  "::/0",
  [],
  [[]],
  {},
  { id: 7 },
  { items: [null] },
];

/** The same document with some of its values replaced, left out, or doubled. */
function disturbed(value: unknown, random: Random): unknown {
  if (random.chance(0.04)) return random.pick(nonsense);
  if (Array.isArray(value)) {
    return value.flatMap((entry) =>
      Array.from({ length: random.pick([1, 1, 1, 1, 0, 2]) }, () => disturbed(entry, random)),
    );
  }
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(() => !random.chance(0.04));
  return Object.fromEntries(kept.map(([key, entry]) => [key, disturbed(entry, random)]));
}

describe("JSON with anything anywhere", () => {
  const importerOf = (format: string): Importer => allImporters.find((importer) => importer.format === format)!;

  test.each(Object.keys(documents))("%s gives events and problems, and never a crash", async (format) => {
    for (let seed = 1; seed <= 150; seed++) {
      const content = JSON.stringify(disturbed(documents[format], new Random(seed)));
      const { events, problems, notes } = await readWith(importerOf(format), content);
      for (const { data } of events) expect(JSON.parse(JSON.stringify(data))).toEqual(data);
      for (const message of [...problems.map((problem) => problem.message), ...notes])
        expect(message).not.toMatch(/undefined|\[object/);
    }
  });

  test.each(Object.keys(documents))("%s undisturbed has no problem but those it is made to have", async (format) => {
    const { events } = await readWith(importerOf(format), JSON.stringify(documents[format]));
    expect(events.length).toBeGreaterThan(0);
  });
});
