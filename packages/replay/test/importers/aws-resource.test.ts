import { describe, expect, test } from "vitest";
import { isNitroV6 } from "../../src/importers/aws-instance-type.js";
import { awsResource } from "../../src/importers/aws-resource.js";
import { readNamed, readWith } from "../support/importing.js";

const load = (value: unknown) => readWith(awsResource, JSON.stringify(value));

async function dataOf(value: unknown) {
  const { events, problems } = await load(value);
  expect(problems).toEqual([]);
  return events.map(({ type, data }) => ({ type, ...data }));
}

const group = {
  GroupId: "sg-0123456789abcdef0",
  GroupName: "web",
  VpcId: "vpc-0123456789abcdef0",
  IpPermissions: [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
  IpPermissionsEgress: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
};

describe("an answer", () => {
  test.each([
    ["whole", { SecurityGroups: [group] }],
    ["as a bare list", [group]],
    ["as a single object", group],
    ["as a recorder wraps it", { status_code: 200, data: { SecurityGroups: [group], ResponseMetadata: {} } }],
  ])("%s is read alike", async (_, value) => {
    expect(await dataOf(value)).toMatchObject([
      {
        type: "security-group-seen",
        kind: "security-group",
        group: "sg-0123456789abcdef0",
        name: "web",
        networks: ["vpc-0123456789abcdef0"],
        rules: [{ name: "egress all 0.0.0.0/0" }, { name: "ingress tcp 443 0.0.0.0/0" }],
      },
    ]);
  });
});

test("one page of several is told", async () => {
  expect((await load({ SecurityGroups: [group], NextToken: "abc" })).problems).toMatchObject([
    { record: null, message: expect.stringContaining("one page of several") },
  ]);
  expect((await load({ SecurityGroups: [group], NextToken: "" })).problems).toEqual([]);
});

describe("a security group", () => {
  test("with a permission that names nobody is told, and kept", async () => {
    const { events, problems } = await load({
      ...group,
      IpPermissions: [{ IpProtocol: "tcp", FromPort: 1, ToPort: 1 }],
    });
    expect(events).toHaveLength(1);
    expect(problems).toMatchObject([
      { record: 1, message: expect.stringContaining("ingress permission 1 names no peer") },
    ]);
  });

  test("[W8] beyond the quota of a direction and family is noted, since quotas can be raised", async () => {
    const ranges = (count: number) => Array.from({ length: count }, (_, index) => ({ CidrIp: `10.0.${index}.0/24` }));
    const withRanges = (count: number) => ({
      ...group,
      IpPermissions: [
        { IpProtocol: "tcp", FromPort: 1, ToPort: 1, IpRanges: ranges(count), Ipv6Ranges: [{ CidrIpv6: "::/0" }] },
      ],
    });
    expect((await load(withRanges(60))).notes).toEqual([]);
    const { notes, problems } = await load(withRanges(61));
    expect(notes).toEqual([expect.stringContaining("group `web` has 61 ingress rules for IPv4")]);
    expect(problems).toEqual([]);
  });

  test("by its rules is never taken for whole", async () => {
    const base = { GroupId: "sg-1", IpProtocol: "tcp", FromPort: 22, ToPort: 22 };
    const rules = [
      { ...base, SecurityGroupRuleId: "sgr-1", IsEgress: false, CidrIpv4: "10.0.0.0/8" },
      { ...base, SecurityGroupRuleId: "sgr-2", GroupId: "sg-2", IsEgress: false, CidrIpv4: "10.0.0.0/8" },
      { ...base, SecurityGroupRuleId: "sgr-3", IsEgress: true, CidrIpv4: "10.0.0.0/8" },
    ];
    expect(await dataOf({ SecurityGroupRules: rules })).toMatchObject([
      { group: "sg-1", partial: true, rules: [{ name: "egress tcp 22 10.0.0.0/8", id: "sgr-3" }, { id: "sgr-1" }] },
      { group: "sg-2", partial: true, rules: [{ id: "sgr-2" }] },
    ]);
  });
});

// DOMAIN 2.6 [W5].
describe("a network ACL", () => {
  const entry = (more: object) => ({
    Egress: false,
    Protocol: "6",
    RuleAction: "allow",
    RuleNumber: 100,
    CidrBlock: "0.0.0.0/0",
    ...more,
  });
  const acl = (entries: readonly object[]) => ({
    NetworkAclId: "acl-1",
    VpcId: "vpc-1",
    Associations: [{ SubnetId: "subnet-b" }, { SubnetId: "subnet-a" }],
    Entries: entries,
    Tags: [{ Key: "Name", Value: "edge" }],
  });

  test("[W5] has each entry as a rule, the last ones too, and the subnets it stands at", async () => {
    const entries = [
      entry({ PortRange: { From: 1024, To: 65_535 } }),
      entry({
        RuleNumber: 101,
        Ipv6CidrBlock: "::/0",
        CidrBlock: undefined,
        Protocol: "58",
        IcmpTypeCode: { Type: 128, Code: -1 },
      }),
      entry({ RuleNumber: 32_768, Ipv6CidrBlock: "::/0", CidrBlock: undefined, Protocol: "-1", RuleAction: "deny" }),
      entry({ Egress: true, PortRange: { From: 443, To: 443 }, CidrBlock: "10.0.0.0/8" }),
    ];
    const any = { addresses: ["*"], ports: ["*"] };
    expect(await dataOf({ NetworkAcls: [acl(entries)] })).toMatchObject([
      {
        kind: "network-acl",
        name: "edge",
        networks: ["vpc-1"],
        subnets: ["subnet-a", "subnet-b"],
        rules: [
          {
            name: "egress 100",
            direction: "outbound",
            priority: 100,
            source: any,
            destination: { addresses: ["10.0.0.0/8"], ports: ["443"] },
          },
          {
            name: "ingress 100",
            protocol: "tcp",
            source: { addresses: ["0.0.0.0/0"], ports: ["*"] },
            destination: { ports: ["1024-65535"] },
          },
          { name: "ingress 101", protocol: "icmpv6", icmp: { type: 128, code: null }, source: { addresses: ["::/0"] } },
          { name: "ingress 32768", access: "deny", protocol: "*", priority: 32_768 },
        ],
      },
    ]);
  });

  test.each([
    ["a number twice", [entry({}), entry({ RuleAction: "deny" })], /`ingress 100`: 2 rules have this name/],
    ["number 0", [entry({ RuleNumber: 0 })], /its number `0` is not 1 to 32766/],
    ["number 40000", [entry({ RuleNumber: 40_000 })], /its number `40000`/],
    ["no number", [entry({ RuleNumber: undefined })], /it has no number/],
    ["an unknown action", [entry({ RuleAction: "maybe" })], /neither allows nor denies/],
    ["a broken prefix", [entry({ CidrBlock: "10.0.0.0/40" })], /`10.0.0.0\/40` is no address/],
  ])("[W5] with %s is a problem that names the rule", async (_, entries, because) => {
    const { events, problems } = await load(acl(entries));
    expect(problems).toMatchObject([{ record: 1, message: expect.stringMatching(because) }]);
    expect(events).toMatchObject([{ data: { rules: [expect.anything()] } }]);
  });

  test("[W8] with more than 20 rules of a direction and family is noted; the last one does not count", async () => {
    const entries = (count: number) => [
      ...Array.from({ length: count }, (_, index) => entry({ RuleNumber: 100 + index })),
      entry({ RuleNumber: 32_767, RuleAction: "deny" }),
    ];
    expect((await load(acl(entries(20)))).notes).toEqual([]);
    expect((await load(acl(entries(21)))).notes).toEqual([expect.stringContaining("21 ingress rules for IPv4")]);
  });
});

describe("an interface", () => {
  const eni = {
    NetworkInterfaceId: "eni-1",
    MacAddress: "02:a1:70:4a:5d:8a",
    SubnetId: "subnet-1",
    VpcId: "vpc-1",
    InterfaceType: "nat_gateway",
    Groups: [{ GroupId: "sg-2" }, { GroupId: "sg-1" }],
    PrivateIpAddresses: [
      { PrivateIpAddress: "10.0.0.9", Primary: false },
      {
        PrivateIpAddress: "10.0.0.4",
        Primary: true,
        Association: { PublicIp: "198.51.100.4", AllocationId: "eipalloc-1" },
      },
      { PrivateIpAddress: "10.0.0.5", Primary: false, Association: { PublicIp: "198.51.100.5" } },
    ],
    Ipv6Addresses: [{ Ipv6Address: "fd00::4" }],
    ConnectionTrackingConfiguration: { TcpEstablishedTimeout: 600 },
  };

  test("[W6] has all addresses, the primary first, groups, kind, timeouts and public addresses", async () => {
    const at = { subnet: "subnet-1", applicationSecurityGroups: [] };
    expect(await dataOf({ NetworkInterfaces: [eni] })).toMatchObject([
      {
        type: "interface-seen",
        interface: "eni-1",
        name: "eni-1",
        platform: "aws",
        network: "vpc-1",
        group: null,
        groups: ["sg-1", "sg-2"],
        machine: null,
        interfaceType: "nat_gateway",
        connectionTracking: { tcpEstablishedSeconds: 600, udpStreamSeconds: null, udpSeconds: null, nitroV6: null },
        addresses: [
          { ...at, address: "10.0.0.4", publicAddress: "eipalloc-1" },
          { ...at, address: "10.0.0.5", publicAddress: "198.51.100.5" },
          { ...at, address: "10.0.0.9", publicAddress: null },
          { ...at, address: "fd00::4", publicAddress: null },
        ],
      },
      { type: "public-address-seen", publicAddress: "eipalloc-1", address: "198.51.100.4", interface: "eni-1" },
      { type: "public-address-seen", publicAddress: "198.51.100.5", address: "198.51.100.5", interface: "eni-1" },
    ]);
  });

  test("[W6] shown with its instance has that machine and its generation", async () => {
    const instance = {
      InstanceId: "i-1",
      InstanceType: "m8i.large",
      SubnetId: "subnet-1",
      VpcId: "vpc-1",
      NetworkInterfaces: [eni],
    };
    expect((await dataOf({ Reservations: [{ Instances: [instance] }] }))[0]).toMatchObject({
      interface: "eni-1",
      machine: "i-1",
      connectionTracking: { nitroV6: true },
    });
  });

  test("[W6] with a timeout out of range, or a delegated prefix, is told", async () => {
    const wrong = {
      ...eni,
      ConnectionTrackingConfiguration: { UdpTimeout: 61 },
      Ipv4Prefixes: [{ Ipv4Prefix: "10.0.1.0/28" }],
    };
    expect((await load([wrong])).problems.map(({ message }) => message)).toEqual([
      "interface `eni-1`: its idle timeout `udpSeconds` is 61; AWS takes 30 to 60",
      expect.stringContaining("`10.0.1.0/28`"),
    ]);
  });
});

// [W6], and the platform summaries of Amazon's pages on instance types.
test.each([
  ["t2.micro", false],
  ["m5.large", false],
  ["c7gn.xlarge", false],
  ["m8g.large", false],
  ["p6e-gb200.36xlarge", false],
  ["m8i.large", true],
  ["r8i-flex.large", true],
  ["c8gn.large", true],
  ["p6-b200.48xlarge", true],
  ["m9g.large", null],
  ["nonsense", null],
])("whether %s is built on Nitro v6: %s", (type, answer) => {
  expect(isNitroV6(type)).toBe(answer);
});

describe("networks", () => {
  test("have their primary block first, and no block that was taken away", async () => {
    const block = (CidrBlock: string, State: string) => ({ CidrBlock, CidrBlockState: { State } });
    const vpc = {
      VpcId: "vpc-1",
      CidrBlock: "172.31.0.0/16",
      CidrBlockAssociationSet: [
        block("172.31.0.0/16", "associated"),
        block("10.0.0.0/16", "associated"),
        block("10.9.0.0/16", "disassociated"),
      ],
      Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: "2001:db8::/56", Ipv6CidrBlockState: { State: "associated" } }],
    };
    expect(await dataOf({ Vpcs: [vpc] })).toMatchObject([
      {
        type: "virtual-network-seen",
        platform: "aws",
        addressPrefixes: ["172.31.0.0/16", "10.0.0.0/16", "2001:db8::/56"],
      },
    ]);
  });

  test("have subnets that may be of IPv6 alone", async () => {
    const subnet = {
      SubnetId: "subnet-1",
      VpcId: "vpc-1",
      Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: "2001:db8::/64" }],
    };
    expect(await dataOf([subnet])).toMatchObject([
      {
        type: "subnet-seen",
        subnet: "subnet-1",
        network: "vpc-1",
        platform: "aws",
        addressPrefixes: ["2001:db8::/64"],
      },
    ]);
  });

  test("have routes to what the target is", async () => {
    const route = (target: object, destination: object = { DestinationCidrBlock: "0.0.0.0/0" }) => ({
      ...destination,
      ...target,
    });
    const table = {
      RouteTableId: "rtb-1",
      VpcId: "vpc-1",
      Associations: [{ Main: true }, { SubnetId: "subnet-1" }],
      Routes: [
        route({ GatewayId: "local" }),
        route({ GatewayId: "igw-1" }),
        route({ GatewayId: "vpce-1" }, { DestinationPrefixListId: "pl-63a5400a" }),
        route({ NatGatewayId: "nat-1", State: "blackhole" }),
        route({ EgressOnlyInternetGatewayId: "eigw-1" }, { DestinationIpv6CidrBlock: "::/0" }),
        route({ InstanceId: "i-1", NetworkInterfaceId: "eni-1" }),
      ],
    };
    expect(await dataOf({ RouteTables: [table] })).toMatchObject([
      {
        type: "route-table-seen",
        network: "vpc-1",
        main: true,
        subnets: ["subnet-1"],
        routes: [
          { nextHop: "local", target: null },
          { nextHop: "internet_gateway", target: "igw-1" },
          { destination: "pl-63a5400a", nextHop: "vpc_endpoint", target: "vpce-1" },
          { nextHop: "nat_gateway", target: "nat-1", blackhole: true },
          { destination: "::/0", nextHop: "egress_only_internet_gateway" },
          { nextHop: "network_interface", target: "eni-1" },
        ],
      },
    ]);
  });
});

describe("a prefix list", () => {
  test("of Amazon's own comes with its prefixes", async () => {
    const list = {
      PrefixListId: "pl-63a5400a",
      PrefixListName: "com.amazonaws.x.s3",
      Cidrs: ["52.216.0.0/15", "3.5.0.0/19"],
    };
    expect(await dataOf({ PrefixLists: [list] })).toMatchObject([
      { type: "address-list-seen", list: "pl-63a5400a", prefixes: ["3.5.0.0/19", "52.216.0.0/15"], edition: null },
    ]);
  });

  test("without entries is noted, with what to export", async () => {
    const list = { PrefixListId: "pl-0123456789abcdef0", PrefixListName: "office", Version: 3, MaxEntries: 10 };
    const { events, notes } = await load({ PrefixLists: [list] });
    expect(events).toEqual([]);
    expect(notes).toEqual([expect.stringContaining("get-managed-prefix-list-entries")]);
  });

  const entries = { Entries: [{ Cidr: "192.0.2.0/24", Description: "office" }, { Cidr: "10.0.0.0/8" }] };

  test("has the entries of a file that is named after it", async () => {
    const { events } = await readNamed(awsResource, "lists/pl-0123456789abcdef0.json", JSON.stringify(entries));
    expect(events.map(({ data }) => data)).toMatchObject([
      { list: "pl-0123456789abcdef0", prefixes: ["10.0.0.0/8", "192.0.2.0/24"] },
    ]);
  });

  test("nobody can tell of entries in a file of another name", async () => {
    const { events, problems } = await load(entries);
    expect(events).toEqual([]);
    expect(problems).toMatchObject([{ record: 1, message: expect.stringContaining("name the file after it") }]);
  });
});

describe("wrong shapes", () => {
  test.each([
    ["a list of texts", ["text"]],
    ["unknown fields", [{ Some: "thing" }]],
    ["a list that holds a text", { SecurityGroups: ["text"] }],
    ["a permission that is no object", { ...group, IpPermissions: ["text"] }],
    ["entries that are no list", { NetworkAclId: "acl-1", Entries: "text" }],
    ["a rule of no group", { SecurityGroupRules: [{ SecurityGroupRuleId: "sgr-1" }] }],
  ])("%s is a problem that names the record", async (_, value) => {
    expect((await load(value)).problems).toMatchObject([{ record: 1 }]);
  });

  test("nonsense in every field is read without a crash", async () => {
    for (const nonsense of [null, 7, "text", [], [null, 7, []], { items: 7 }]) {
      await load([
        { ...group, IpPermissions: nonsense, IpPermissionsEgress: nonsense },
        { NetworkAclId: "acl-1", Entries: nonsense, Associations: nonsense },
        { RouteTableId: "rtb-1", Routes: nonsense, Associations: nonsense },
        {
          NetworkInterfaceId: "eni-1",
          MacAddress: nonsense,
          PrivateIpAddresses: nonsense,
          Groups: nonsense,
          Attachment: nonsense,
        },
        { InstanceId: "i-1", InstanceType: nonsense, NetworkInterfaces: nonsense },
        { VpcId: "vpc-1", CidrBlock: nonsense, CidrBlockAssociationSet: nonsense, Tags: nonsense },
        { PrefixListId: nonsense, Cidrs: nonsense, Entries: nonsense },
      ]);
    }
  });
});
