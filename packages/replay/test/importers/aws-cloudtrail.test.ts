import { describe, expect, test } from "vitest";
import { awsCloudtrail } from "../../src/importers/aws-cloudtrail.js";
import { cloudtrailRecord, groupId, interfaceId, permission, ruleItem } from "../support/cloudtrail.js";
import { readWith } from "../support/importing.js";

const instant = Date.UTC(2026, 2, 18, 10) * 1000;

function read(...records: object[]) {
  return readWith(awsCloudtrail, JSON.stringify({ Records: records }));
}

async function factsOf(...records: object[]) {
  const { events, problems } = await read(...records);
  expect(problems).toEqual([]);
  return events.map(({ type, data }) => ({ type, ...data }));
}

const opened = cloudtrailRecord({
  eventName: "AuthorizeSecurityGroupIngress",
  requestParameters: { groupId, ipPermissions: { items: [permission(22, "203.0.113.7/32")] } },
  responseElements: { _return: true, securityGroupRuleSet: { items: [ruleItem(22, "203.0.113.7/32", "sgr-01")] } },
  eventID: "event-1",
  requestID: "request-1",
});

/** Columns are in lower case, and what was asked and answered stands as text. */
function athenaRow(record: object): object {
  const texts = new Set(["requestParameters", "responseElements"]);
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name.toLowerCase(),
      texts.has(name) ? JSON.stringify(value) : value,
    ]),
  );
}

describe("a file", () => {
  const text = JSON.stringify(opened);
  const lookup = { Events: [{ EventId: "event-1", EventName: "x", CloudTrailEvent: text }] };

  test.each([
    ["of a trail", JSON.stringify({ Records: [opened] })],
    ["that is a bare array", JSON.stringify([opened])],
    ["of JSON lines", `${text}\n${text}\n`],
    ["that is one record", JSON.stringify(opened, null, 2)],
    ["that lookup-events printed", JSON.stringify(lookup, null, 4)],
    ["of texts that lookup-events was asked for", JSON.stringify([text, text], null, 4)],
    ["of texts with tabs between", `${text}\t${text}\n`],
    ["of CloudWatch's log events", JSON.stringify({ events: [{ timestamp: 1, message: text, eventId: "3" }] })],
    ["of EventBridge's events", JSON.stringify({ "detail-type": "AWS API Call via CloudTrail", detail: opened })],
    ["with a byte order mark", `\uFEFF${text}`],
    ["with a comma at its end", `{"Records":[${text},]}`],
    ["of files in an array", JSON.stringify([{ Records: [opened] }, { Records: [opened] }])],
    ["of files, one a line", `{"Records":[${text}]}\n{"Records":[${text}]}\n`],
    ["of rows of Athena", JSON.stringify(athenaRow(opened))],
  ])("%s gives the same event for the same record", async (_, content) => {
    for (const chunkBytes of [1 << 20, 7]) {
      const { events, problems } = await readWith(awsCloudtrail, content, chunkBytes);
      expect(problems).toEqual([]);
      expect(awsCloudtrail.recognise(Buffer.from(content))).toBeGreaterThan(0.9);
      expect(new Set(events.map(({ source: __, ...event }) => JSON.stringify(event))).size).toBe(1);
      expect(events[0]).toMatchObject({
        type: "security-rule-written",
        time: instant,
        actor: {
          who: "arn:aws:iam::111122223333:user/alice",
          from: "198.51.100.9",
          correlationId: "request-1",
        },
        data: { operationId: "event-1", phase: "succeeded" },
      });
    }
  });

  test("that failed without saying what was asked is counted", async () => {
    const failed = { ...opened, requestParameters: null, responseElements: null, errorCode: "Client.AccessDenied" };
    const { events, problems, notes } = await read(failed);
    expect([events, problems]).toEqual([[], []]);
    expect(notes).toEqual(["1 record is of calls that failed and so made nothing"]);
  });

  test("that is one page of several is told so", async () => {
    const { events, problems } = await readWith(awsCloudtrail, JSON.stringify({ ...lookup, NextToken: "abc" }));
    expect(events).toHaveLength(1);
    expect(problems).toMatchObject([{ kind: "cut-off", message: expect.stringContaining("`NextToken`") }]);
  });

  test("that was cut keeps what stands before the cut, and says so", async () => {
    const { events, problems } = await readWith(awsCloudtrail, `{"Records":[${text},${text.slice(0, 100)}`);
    expect(events).toHaveLength(1);
    expect(problems).toMatchObject([{ record: 2, message: expect.stringContaining("ends in the middle") }]);
  });

  test("names the records that can't be read, and counts those that change nothing", async () => {
    const describe = { eventName: "DescribeInstances", requestParameters: {}, readOnly: true };
    const descriptions = { eventName: "UpdateSecurityGroupRuleDescriptionsIngress", requestParameters: { groupId } };
    const { events, problems, notes } = await read(
      { some: "thing" },
      cloudtrailRecord({ eventName: "DeleteSecurityGroup", requestParameters: { groupId }, eventTime: "soon" }),
      cloudtrailRecord({ eventName: "DeleteSecurityGroup", requestParameters: { groupName: "web" } }),
      cloudtrailRecord(describe),
      cloudtrailRecord(descriptions),
      cloudtrailRecord({
        eventName: "DeleteSecurityGroup",
        requestParameters: { groupId },
        eventCategory: "NetworkActivity",
      }),
      { eventType: "AwsCloudTrailInsight", eventCategory: "Insight", insightDetails: { eventName: "RunInstances" } },
      cloudtrailRecord({ eventName: "GetUser", requestParameters: {}, eventSource: "iam.amazonaws.com" }),
    );
    expect(events).toEqual([]);
    expect(problems.map(({ record }) => record)).toEqual([1, 2, 3]);
    expect(notes).toEqual([
      "2 records are of EC2 calls that change no rule, interface or list of addresses",
      "1 record is of other services",
      "2 records are of no management events",
    ]);
  });
});

describe("the actor", () => {
  const issuer = {
    sessionContext: { sessionIssuer: { type: "Role", arn: "arn:aws:iam::1:role/ops", userName: "ops" } },
  };
  test.each([
    [
      { type: "AssumedRole", arn: "arn:aws:sts::1:assumed-role/ops/bob", ...issuer },
      "arn:aws:sts::1:assumed-role/ops/bob",
    ],
    [{ type: "AssumedRole", ...issuer }, "arn:aws:iam::1:role/ops"],
    [{ type: "SAMLUser", userName: "carol" }, "carol"],
    [{ type: "AWSService", invokedBy: "autoscaling.amazonaws.com" }, "autoscaling.amazonaws.com"],
    [{ type: "AWSAccount", accountId: "444455556666" }, "444455556666"],
    [undefined, null],
  ])("of %j is %s", async (userIdentity, who) => {
    const { events } = await read({ ...opened, userIdentity });
    expect(events[0]!.actor).toMatchObject({ who, from: "198.51.100.9" });
  });
});

test("a call in the trails of two accounts is one operation", async () => {
  const [one, other] = await factsOf(
    { ...opened, eventID: "a", sharedEventID: "shared" },
    { ...opened, eventID: "b", sharedEventID: "shared" },
  );
  expect([one, other]).toMatchObject([{ operationId: "shared" }, { operationId: "shared" }]);
});

describe("an authorization", () => {
  const named = (name: string, id?: string) => ({
    ruleName: name,
    rule: { name, ...(id === undefined ? {} : { id }) },
  });

  test("is a rule for each peer, with the ids that the answer gives", async () => {
    const both = { ...permission(443, "10.0.0.0/8"), ipv6Ranges: { items: [{ cidrIpv6: "fd00::/8" }] } };
    const v6 = { ...ruleItem(443, "", "sgr-03"), cidrIpv4: undefined, cidrIpv6: "fd00::/8" };
    const call = {
      eventName: "AuthorizeSecurityGroupIngress",
      requestParameters: { groupId, ipPermissions: { items: [both] } },
    };
    const items = [ruleItem(443, "10.0.0.0/8", "sgr-02"), v6];
    const answered = { _return: true, securityGroupRuleSet: { items } };
    const done = { type: "security-rule-written", group: groupId, effect: "created", phase: "succeeded" };
    expect(await factsOf(cloudtrailRecord({ ...call, responseElements: answered }))).toMatchObject([
      { ...done, ...named("ingress tcp 443 10.0.0.0/8", "sgr-02") },
      { ...done, ...named("ingress tcp 443 fd00::/8", "sgr-03") },
    ]);
    expect(await factsOf(cloudtrailRecord(call))).toMatchObject([
      { ...done, ...named("ingress tcp 443 10.0.0.0/8") },
      { ...done, ...named("ingress tcp 443 fd00::/8") },
    ]);
  });

  test.each([
    [
      { ipPermissions: {}, ipProtocol: "tcp", fromPort: 22, toPort: 22, cidrIp: "0.0.0.0/0" },
      "egress tcp 22 0.0.0.0/0",
    ],
    [{ ipPermissions: {}, ipProtocol: "-1", fromPort: 0, toPort: 0, cidrIp: "10.0.0.0/8" }, "egress all 10.0.0.0/8"],
    [
      {
        ipPermissions: {
          items: [
            { ipProtocol: "udp", fromPort: 53, toPort: 53, groups: { items: [{ groupId: "sg-0fedcba987654321f" }] } },
          ],
        },
      },
      "egress udp 53 sg-0fedcba987654321f",
    ],
    [
      { ipPermissions: { items: [{ ipProtocol: "-1", prefixListIds: { items: [{ prefixListId: "pl-63a5400a" }] } }] } },
      "egress all pl-63a5400a",
    ],
  ])("of %j is `%s`", async (request, name) => {
    const call = { eventName: "AuthorizeSecurityGroupEgress", requestParameters: { groupId, ...request } };
    expect(await factsOf(cloudtrailRecord(call))).toMatchObject([{ group: groupId, ...named(name) }]);
  });

  test("that failed is told as failed", async () => {
    const failed = { ...opened, errorCode: "Client.InvalidPermission.Duplicate", responseElements: null };
    expect(await factsOf(failed)).toMatchObject([{ phase: "failed", ...named("ingress tcp 22 203.0.113.7") }]);
  });

  test("without a peer is a problem", async () => {
    const request = { groupId, ipPermissions: { items: [{ ipProtocol: "tcp", fromPort: 31971, toPort: 32132 }] } };
    const { events, problems } = await read(
      cloudtrailRecord({ eventName: "AuthorizeSecurityGroupIngress", requestParameters: request }),
    );
    expect(events).toEqual([]);
    expect(problems).toMatchObject([{ record: 1, message: expect.stringContaining("names no peer") }]);
  });
});

describe("a revocation", () => {
  const revoke = (requestParameters: object, responseElements: object | null = { _return: true }) =>
    cloudtrailRecord({ eventName: "RevokeSecurityGroupIngress", requestParameters, responseElements });
  const ssh = { groupId, ipPermissions: { items: [permission(22, "203.0.113.7/32")] } };
  const ruleName = "ingress tcp 22 203.0.113.7";

  test("by content says what the rule was, and not that it was there", async () => {
    expect(await factsOf(revoke(ssh))).toMatchObject([
      { type: "security-rule-deleted", group: groupId, ruleName, rule: { name: ruleName }, effect: null },
    ]);
  });

  test("by content or id, answered with the rules it ended, says both", async () => {
    const revokedSecurityGroupRuleSet = {
      items: [
        {
          securityGroupRuleId: "sgr-01",
          groupId,
          isEgress: false,
          ipProtocol: "tcp",
          fromPort: 22,
          toPort: 22,
          cidrIpv4: "203.0.113.7/32",
        },
      ],
    };
    const byId = { groupId, ipPermissions: {}, securityGroupRuleIds: { items: [{ securityGroupRuleId: "sgr-01" }] } };
    for (const request of [ssh, byId]) {
      expect(await factsOf(revoke(request, { _return: true, revokedSecurityGroupRuleSet }))).toMatchObject([
        { ruleName, rule: { name: ruleName, id: "sgr-01" }, effect: "updated" },
      ]);
    }
  });

  test.each([
    { items: [{ securityGroupRuleId: "sgr-01" }, { securityGroupRuleId: "sgr-02" }] },
    { items: ["sgr-01", "sgr-02"] },
    ["sgr-02", "sgr-01"],
  ])("by id alone (%j) names the ids", async (securityGroupRuleIds) => {
    const facts = await factsOf(revoke({ groupId, ipPermissions: {}, securityGroupRuleIds }));
    expect(facts).toMatchObject([{ ruleName: "sgr-01" }, { ruleName: "sgr-02" }]);
    for (const fact of facts) expect(fact).not.toHaveProperty("rule");
  });

  test("of a group as peer, answered with its bare id, names it", async () => {
    const item = { securityGroupRuleId: "sgr-09", isEgress: false, ipProtocol: "-1", referencedGroupId: "sg-0fedcba9" };
    const answer = { _return: true, revokedSecurityGroupRuleSet: { items: [item] } };
    expect(await factsOf(revoke({ groupId }, answer))).toMatchObject([{ ruleName: "ingress all sg-0fedcba9" }]);
  });

  test("that matched no rule ends none, and is told", async () => {
    const unknownIpPermissionSet = { items: [permission(22, "203.0.113.7/32")] };
    const { events, problems, notes } = await read(revoke(ssh, { _return: true, unknownIpPermissionSet }));
    expect([events, problems]).toEqual([[], []]);
    expect(notes).toEqual(["record 1 revokes a rule that was not there: AWS answers that it matched none"]);
  });
});

describe("a change of rules by id", () => {
  const update = (id: string) => ({
    SecurityGroupRuleId: id,
    SecurityGroupRule: { tag: 1, IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv4: "10.0.0.0/8" },
  });
  const modify = (SecurityGroupRule: unknown) =>
    cloudtrailRecord({
      eventName: "ModifySecurityGroupRules",
      requestParameters: { ModifySecurityGroupRulesRequest: { GroupId: groupId, SecurityGroupRule } },
      responseElements: { ModifySecurityGroupRulesResponse: { return: true } },
    });

  test.each([
    ["one", update("sgr-01"), ["sgr-01"]],
    ["several", [update("sgr-01"), update("sgr-02")], ["sgr-01", "sgr-02"]],
  ])("of %s says what each is to be, in either direction", async (_, updates, ids) => {
    expect(await factsOf(modify(updates))).toMatchObject(
      ids.map((ruleName) => ({
        type: "security-rule-written",
        ruleName,
        rule: { name: "ingress tcp 443 10.0.0.0/8", id: ruleName },
        ifOutbound: { name: "egress tcp 443 10.0.0.0/8", id: ruleName },
        effect: "updated",
      })),
    );
  });
});

describe("a group", () => {
  const request = { groupName: "web", groupDescription: "d", vpcId: "vpc-0123456789abcdef0" };
  const make = cloudtrailRecord({
    eventName: "CreateSecurityGroup",
    requestParameters: request,
    responseElements: { groupId, _return: true },
  });

  test("begins with everything out over IPv4, and perhaps over IPv6", async () => {
    expect(await factsOf(make)).toMatchObject([
      {
        type: "security-group-seen",
        group: groupId,
        name: "web",
        kind: "security-group",
        networks: ["vpc-0123456789abcdef0"],
        rules: [{ name: "egress all 0.0.0.0/0" }],
        begins: true,
      },
      { type: "security-rule-written", ruleName: "egress all ::/0", perhaps: true },
    ]);
  });

  test("that could not be made is counted, and its deletion removes it", async () => {
    const { events, notes } = await read({
      ...make,
      errorCode: "Client.InvalidGroup.Duplicate",
      responseElements: null,
    });
    expect([events, notes]).toEqual([[], ["1 record is of calls that failed and so made nothing"]]);
    const removed = cloudtrailRecord({ eventName: "DeleteSecurityGroup", requestParameters: { groupId } });
    expect(await factsOf(removed)).toMatchObject([{ type: "resource-removed", resource: groupId, phase: "succeeded" }]);
  });
});

describe("an interface", () => {
  const shown = {
    networkInterfaceId: interfaceId,
    subnetId: "subnet-0123456789abcdef0",
    vpcId: "vpc-0123456789abcdef0",
    macAddress: "06:00:00:00:00:01",
    privateIpAddress: "10.0.0.4",
    interfaceType: "interface",
    groupSet: { items: [{ groupId, groupName: "web" }] },
    privateIpAddressesSet: {
      item: [
        { privateIpAddress: "10.0.0.5", primary: false },
        { privateIpAddress: "10.0.0.4", primary: true },
      ],
    },
    ipv6AddressesSet: {},
    tagSet: { items: [{ key: "Name", value: "web-1" }] },
  };
  const seen = {
    type: "interface-seen",
    interface: interfaceId,
    name: "web-1",
    groups: [groupId],
    platform: "aws",
    network: "vpc-0123456789abcdef0",
    addresses: [
      { address: "10.0.0.4", subnet: "subnet-0123456789abcdef0" },
      { address: "10.0.0.5", subnet: "subnet-0123456789abcdef0" },
    ],
  };

  test("is made with its groups and addresses", async () => {
    const record = cloudtrailRecord({
      eventName: "CreateNetworkInterface",
      requestParameters: { subnetId: "subnet-0123456789abcdef0" },
      responseElements: { networkInterface: shown },
    });
    expect(await factsOf(record)).toMatchObject([{ ...seen, machine: null, begins: true, instant: "stated" }]);
  });

  test.each([
    ["is made with its machine", {}, true],
    [
      "is no new one where the launch names it",
      { items: [{ networkInterfaceId: interfaceId, deviceIndex: 0 }] },
      false,
    ],
  ])("%s", async (_, networkInterfaceSet, begins) => {
    const instance = {
      instanceId: "i-0123456789abcdef0",
      instanceType: "m8i.large",
      networkInterfaceSet: { items: [shown] },
    };
    const record = cloudtrailRecord({
      eventName: "RunInstances",
      requestParameters: { networkInterfaceSet },
      responseElements: { instancesSet: { items: [instance] } },
    });
    const [fact] = await factsOf(record);
    expect(fact).toMatchObject({ ...seen, machine: "i-0123456789abcdef0", connectionTracking: { nitroV6: true } });
    expect("begins" in fact!).toBe(begins);
  });

  const groupSet = { items: [{ groupId: "sg-0b" }, { groupId: "sg-0a" }] };
  const put = { type: "association-written", gate: "interface", groups: ["sg-0a", "sg-0b"] };

  test.each([
    [
      "ModifyNetworkInterfaceAttribute",
      { networkInterfaceId: interfaceId, groupSet },
      [{ ...put, target: interfaceId }],
    ],
    ["ModifyInstanceAttribute", { instanceId: "i-01", groupSet }, [{ ...put, target: "i-01" }]],
    [
      "DeleteNetworkInterface",
      { networkInterfaceId: interfaceId },
      [{ type: "resource-removed", resource: interfaceId }],
    ],
    [
      "TerminateInstances",
      { instancesSet: { items: [{ instanceId: "i-01" }, { instanceId: "i-02" }] } },
      [
        { type: "resource-removed", resource: "i-01" },
        { type: "resource-removed", resource: "i-02" },
      ],
    ],
    [
      "ModifyNetworkInterfaceAttribute",
      {
        networkInterfaceId: interfaceId,
        connectionTrackingSpecification: { tcpEstablishedTimeout: 350, udpTimeout: 45 },
      },
      [
        { type: "setting-written", resource: interfaceId, setting: "tcpEstablishedSeconds", value: 350 },
        { type: "setting-written", resource: interfaceId, setting: "udpSeconds", value: 45 },
      ],
    ],
  ])("%s of %j", async (eventName, requestParameters, facts) => {
    expect(await factsOf(cloudtrailRecord({ eventName, requestParameters }))).toMatchObject(facts);
  });

  test.each([
    [
      "AssignPrivateIpAddresses",
      { networkInterfaceId: interfaceId, privateIpAddressesSet: { item: [{ privateIpAddress: "10.0.0.7" }] } },
      { _return: true },
      { added: ["10.0.0.7"], removed: [] },
    ],
    [
      "AssignPrivateIpAddresses",
      { networkInterfaceId: interfaceId, secondaryPrivateIpAddressCount: 1 },
      { assignedPrivateIpAddressesSet: { items: [{ privateIpAddress: "10.0.0.8" }] } },
      { added: ["10.0.0.8"], removed: [] },
    ],
    [
      "UnassignIpv6Addresses",
      { networkInterfaceId: interfaceId, ipv6Addresses: { items: ["2001:DB8::7"] } },
      { _return: true },
      { added: [], removed: ["2001:db8::7"] },
    ],
  ])("%s of %j", async (eventName, requestParameters, responseElements, changed) => {
    expect(await factsOf(cloudtrailRecord({ eventName, requestParameters, responseElements }))).toMatchObject([
      { type: "addresses-changed", interface: interfaceId, ...changed },
    ]);
  });

  test("whose other attributes change is counted among what changes nothing", async () => {
    const requestParameters = { networkInterfaceId: interfaceId, sourceDestCheck: { value: false } };
    const { events, notes } = await read(
      cloudtrailRecord({ eventName: "ModifyNetworkInterfaceAttribute", requestParameters }),
    );
    expect([events, notes]).toEqual([
      [],
      ["1 record is of EC2 calls that change no rule, interface or list of addresses"],
    ]);
  });
});

describe("a network ACL", () => {
  const networkAclId = "acl-0123456789abcdef0";
  const entry = {
    networkAclId,
    ruleNumber: 100,
    egress: false,
    ruleAction: "deny",
    aclProtocol: "6",
    portRange: { from: 22, to: 22 },
    icmpTypeCode: {},
    cidrBlock: "203.0.113.0/24",
  };
  const rule = { name: "ingress 100", access: "deny", protocol: "tcp", priority: 100 };
  const written = { type: "security-rule-written", group: networkAclId, ruleName: "ingress 100", rule };

  test.each([
    ["CreateNetworkAclEntry", entry, { ...written, effect: "created" }],
    ["ReplaceNetworkAclEntry", entry, { ...written, effect: "updated" }],
    [
      "DeleteNetworkAclEntry",
      { networkAclId, ruleNumber: 110, egress: true },
      { type: "security-rule-deleted", group: networkAclId, ruleName: "egress 110" },
    ],
    ["DeleteNetworkAcl", { networkAclId }, { type: "resource-removed", resource: networkAclId }],
  ])("%s", async (eventName, requestParameters, fact) => {
    expect(await factsOf(cloudtrailRecord({ eventName, requestParameters }))).toMatchObject([fact]);
  });

  test("is made with its last entries", async () => {
    const star = { ruleNumber: 32767, aclProtocol: "-1", ruleAction: "deny", egress: false, cidrBlock: "0.0.0.0/0" };
    const networkAcl = {
      networkAclId,
      vpcId: "vpc-01",
      default: false,
      entrySet: { items: [star] },
      associationSet: {},
    };
    const record = cloudtrailRecord({
      eventName: "CreateNetworkAcl",
      requestParameters: { vpcId: "vpc-01" },
      responseElements: { networkAcl },
    });
    expect(await factsOf(record)).toMatchObject([
      { group: networkAclId, kind: "network-acl", networks: ["vpc-01"], rules: [{ priority: 32_767 }], begins: true },
    ]);
  });

  test("is put before a subnet that only the association's ids name", async () => {
    const record = cloudtrailRecord({
      eventName: "ReplaceNetworkAclAssociation",
      requestParameters: { associationId: "aclassoc-01", networkAclId },
      responseElements: { newAssociationId: "aclassoc-02" },
    });
    expect(await factsOf(record)).toMatchObject([
      {
        type: "association-written",
        gate: "network-acl",
        target: "aclassoc-01",
        replacedBy: "aclassoc-02",
        groups: [networkAclId],
      },
    ]);
  });
});

test("a prefix list is made whole, and changed by what is added and removed", async () => {
  const list = "pl-0123456789abcdef0";
  const facts = await factsOf(
    cloudtrailRecord({
      eventName: "CreateManagedPrefixList",
      requestParameters: {
        CreateManagedPrefixListRequest: { PrefixListName: "office", Entry: { Cidr: "10.0.0.0/16", tag: 1 } },
      },
      responseElements: { CreateManagedPrefixListResponse: { prefixList: { prefixListId: list, version: 1 } } },
    }),
    cloudtrailRecord({
      eventName: "ModifyManagedPrefixList",
      requestParameters: {
        ModifyManagedPrefixListRequest: {
          PrefixListId: list,
          CurrentVersion: 1,
          AddEntry: [{ Cidr: "10.2.0.0/16" }, { Cidr: "10.1.0.0/16" }],
          RemoveEntry: { Cidr: "10.0.0.0/16" },
        },
      },
    }),
  );
  expect(facts).toMatchObject([
    { type: "address-list-seen", list, prefixes: ["10.0.0.0/16"], edition: "1" },
    {
      type: "address-list-changed",
      list,
      added: ["10.1.0.0/16", "10.2.0.0/16"],
      removed: ["10.0.0.0/16"],
      edition: "2",
      phase: "succeeded",
    },
  ]);
});
