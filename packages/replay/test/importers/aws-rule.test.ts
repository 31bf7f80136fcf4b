import { isUnreadable } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { type AwsPermission, awsRule, awsRuleOfItem, awsRulesOfPermission } from "../../src/importers/aws-rule.js";

const permission: AwsPermission = {
  direction: "inbound",
  protocol: "tcp",
  from: 22,
  to: 22,
  peer: { kind: "prefix", text: "203.0.113.0/24" },
  id: null,
  description: null,
};

// DOMAIN 4.8: ports are absent or -1 for all; of ICMP they are type and code.
describe("the name of a rule says what it means", () => {
  test.each([
    [{}, "ingress tcp 22 203.0.113.0/24"],
    [{ protocol: "6" }, "ingress tcp 22 203.0.113.0/24"],
    [{ direction: "outbound" }, "egress tcp 22 203.0.113.0/24"],
    [{ from: 8000, to: 8010 }, "ingress tcp 8000-8010 203.0.113.0/24"],
    [{ from: 0, to: 65_535 }, "ingress tcp all 203.0.113.0/24"],
    [{ from: null, to: null }, "ingress tcp all 203.0.113.0/24"],
    [{ protocol: "-1", from: null, to: null }, "ingress all 203.0.113.0/24"],
    [{ protocol: "-1", from: 0, to: 0 }, "ingress all 203.0.113.0/24"],
    [{ protocol: "icmp", from: -1, to: -1 }, "ingress icmp any 203.0.113.0/24"],
    [{ protocol: "icmp", from: 8, to: -1 }, "ingress icmp 8/any 203.0.113.0/24"],
    [{ protocol: "1", from: 3, to: 4 }, "ingress icmp 3/4 203.0.113.0/24"],
    [{ protocol: "icmpv6", from: -1, to: -1, peer: { kind: "prefix", text: "::/0" } }, "ingress icmpv6 any ::/0"],
    [{ protocol: "47", from: 1, to: 2 }, "ingress 47 203.0.113.0/24"],
    [{ protocol: "50" }, "ingress esp 203.0.113.0/24"],
    [{ peer: { kind: "prefix", text: "203.0.113.9/24" } }, "ingress tcp 22 203.0.113.0/24"],
    [{ peer: { kind: "prefix", text: "203.0.113.9/32" } }, "ingress tcp 22 203.0.113.9"],
    [{ peer: { kind: "prefix", text: "2001:DB8:0::/32" } }, "ingress tcp 22 2001:db8::/32"],
    [{ peer: { kind: "group", text: "sg-0123456789abcdef0" } }, "ingress tcp 22 sg-0123456789abcdef0"],
    [{ peer: { kind: "prefix-list", text: "pl-63a5400a" } }, "ingress tcp 22 pl-63a5400a"],
  ] as const)("%j: %s", (change, name) => {
    const rule = awsRule({ ...permission, ...change });
    expect(rule.name).toBe(name);
    expect(isUnreadable(rule)).toBe(false);
  });
});

describe("a rule", () => {
  const near = { addresses: ["*"], applicationSecurityGroups: [] };

  test("inbound has the peer as source and its ports at the destination", () => {
    expect(awsRule({ ...permission, id: "sgr-1", description: "office" })).toEqual({
      name: "ingress tcp 22 203.0.113.0/24",
      description: "office",
      direction: "inbound",
      access: "allow",
      priority: 0,
      protocol: "tcp",
      source: { addresses: ["203.0.113.0/24"], applicationSecurityGroups: [], ports: ["*"] },
      destination: { ...near, ports: ["22"] },
      id: "sgr-1",
    });
  });

  test("outbound has peer and ports at the destination", () => {
    expect(awsRule({ ...permission, direction: "outbound", peer: { kind: "group", text: "sg-1" } })).toMatchObject({
      source: { ...near, ports: ["*"] },
      destination: { addresses: [], applicationSecurityGroups: ["sg-1"], ports: ["22"] },
    });
  });

  test.each([
    [-1, -1, { type: null, code: null }],
    [8, -1, { type: 8, code: null }],
    [3, 4, { type: 3, code: 4 }],
    [null, null, { type: null, code: null }],
  ])("of ICMP %s/%s is for that type and code, and has no ports", (from, to, icmp) => {
    const rule = awsRule({ ...permission, protocol: "icmp", from, to });
    expect(rule).toMatchObject({ protocol: "icmp", icmp, destination: { ports: ["*"] } });
  });

  test.each([
    [{ protocol: "carrier pigeon" }, /no IP protocol/],
    [{ protocol: "256" }, /no IP protocol/],
    [{ from: 90, to: 80 }, /`90-80` is no range of ports/],
    [{ from: 1, to: 70_000 }, /no range of ports/],
    [{ peer: { kind: "prefix", text: "10.0.0.0/33" } }, /`10.0.0.0\/33` is no address/],
  ] as const)("with %j is kept as unreadable", (change, because) => {
    expect(awsRule({ ...permission, ...change })).toMatchObject({
      unreadable: expect.stringMatching(because),
      direction: "inbound",
      access: "allow",
    });
  });
});

describe("a permission", () => {
  const described = {
    IpProtocol: "tcp",
    FromPort: 443,
    ToPort: 443,
    IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "inside" }, { CidrIp: "192.0.2.1/32" }],
    Ipv6Ranges: [{ CidrIpv6: "fd00::/8" }],
    PrefixListIds: [{ PrefixListId: "pl-63a5400a" }],
    UserIdGroupPairs: [{ GroupId: "sg-1", UserId: "111" }],
  };
  const names = ["10.0.0.0/8", "192.0.2.1", "fd00::/8", "pl-63a5400a", "sg-1"].map((peer) => `ingress tcp 443 ${peer}`);

  test("is a rule for each peer", () => {
    const rules = awsRulesOfPermission("inbound", described);
    expect(rules.map(({ name }) => name)).toEqual(names);
    expect(rules[0]).toMatchObject({ description: "inside" });
  });

  // Shape A of DOMAIN 4.7.
  test("in CloudTrail's shape has the same rules", () => {
    const requested = {
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      groups: { items: [{ groupId: "sg-1" }] },
      ipRanges: { items: [{ cidrIp: "10.0.0.0/8", description: "inside" }, { cidrIp: "192.0.2.1/32" }] },
      ipv6Ranges: { items: [{ cidrIpv6: "fd00::/8" }] },
      prefixListIds: { items: [{ prefixListId: "pl-63a5400a" }] },
    };
    expect(awsRulesOfPermission("inbound", requested)).toEqual(awsRulesOfPermission("inbound", described));
  });

  // Shape B of DOMAIN 4.7, with empty collections as objects.
  test("with a single prefix beside it is one rule", () => {
    const flat = { ipPermissions: {}, ipProtocol: "-1", fromPort: 0, toPort: 0, cidrIp: "0.0.0.0/0" };
    expect(awsRulesOfPermission("outbound", flat).map(({ name }) => name)).toEqual(["egress all 0.0.0.0/0"]);
  });
});

describe("a rule with an id", () => {
  const item = {
    SecurityGroupRuleId: "sgr-7",
    GroupId: "sg-own",
    IsEgress: false,
    IpProtocol: "tcp",
    FromPort: 22,
    ToPort: 22,
  };

  test.each([
    [{ CidrIpv4: "10.0.0.0/8" }, "ingress tcp 22 10.0.0.0/8"],
    [{ CidrIpv6: "::/0", IsEgress: true }, "egress tcp 22 ::/0"],
    [{ PrefixListId: "pl-63a5400a" }, "ingress tcp 22 pl-63a5400a"],
    [{ ReferencedGroupInfo: { GroupId: "sg-peer", UserId: "111" } }, "ingress tcp 22 sg-peer"],
    [{ IpProtocol: "-1", FromPort: -1, ToPort: -1, CidrIpv4: "0.0.0.0/0" }, "ingress all 0.0.0.0/0"],
  ])("with %j is named as in its group, and never by its own group", (peer, name) => {
    expect(awsRuleOfItem({ ...item, ...peer })).toMatchObject({ name, id: "sgr-7" });
  });

  test("without a peer is none", () => {
    expect(awsRuleOfItem(item)).toBeNull();
  });
});
