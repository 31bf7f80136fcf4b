// Who opened and closed what, from a snapshot of AWS's groups taken afterwards and two files of CloudTrail.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { captured, pcapFile } from "../../../engine/test/support/capture-file.js";
import { ethernet, ipv4, tcp } from "../../../engine/test/support/frames.js";
import { cloudtrailRecord, groupId, interfaceId, permission, ruleItem } from "../support/cloudtrail.js";
import { conntrail, json, ndjson, newCase, temporaryDirectory, verified } from "../support/conntrail.js";

const [network, subnet, networkAcl] = ["vpc-0123456789abcdef0", "subnet-0123456789abcdef0", "acl-0123456789abcdef0"];
const person = (name: string) => ({ userIdentity: { type: "IAMUser", arn: `arn:aws:iam::111122223333:user/${name}` } });
const ssh = permission(22, "203.0.113.7/32");

const opening = [
  cloudtrailRecord({
    ...person("alice"),
    eventTime: "2026-03-18T10:00:00Z",
    eventName: "AuthorizeSecurityGroupIngress",
    requestParameters: { groupId, ipPermissions: { items: [ssh] } },
    responseElements: { _return: true, securityGroupRuleSet: { items: [ruleItem(22, "203.0.113.7/32", "sgr-01")] } },
  }),
  cloudtrailRecord({
    ...person("mallory"),
    eventTime: "2026-03-18T10:30:00Z",
    eventName: "AuthorizeSecurityGroupIngress",
    requestParameters: { groupId, ipPermissions: { items: [permission(3389, "0.0.0.0/0")] } },
    responseElements: null,
    errorCode: "Client.UnauthorizedOperation",
  }),
];

const closing = [
  cloudtrailRecord({
    ...person("bob"),
    eventTime: "2026-03-18T11:00:00Z",
    eventName: "RevokeSecurityGroupIngress",
    requestParameters: {
      groupId,
      ipPermissions: {},
      securityGroupRuleIds: { items: [{ securityGroupRuleId: "sgr-01" }] },
    },
  }),
  cloudtrailRecord({
    ...person("bob"),
    eventTime: "2026-03-18T11:00:05Z",
    eventName: "DescribeSecurityGroups",
    requestParameters: {},
    responseElements: null,
  }),
];

const everything = { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
const shown = {
  SecurityGroups: [
    { GroupId: groupId, GroupName: "web", VpcId: network, IpPermissions: [], IpPermissionsEgress: [everything] },
  ],
  NetworkInterfaces: [
    {
      NetworkInterfaceId: interfaceId,
      MacAddress: "06:00:00:00:00:01",
      SubnetId: subnet,
      VpcId: network,
      PrivateIpAddress: "10.0.0.4",
      Groups: [{ GroupId: groupId }],
    },
  ],
  NetworkAcls: [
    {
      NetworkAclId: networkAcl,
      VpcId: network,
      Associations: [{ NetworkAclAssociationId: "aclassoc-01", NetworkAclId: networkAcl, SubnetId: subnet }],
      Entries: [false, true].map((Egress) => ({
        RuleNumber: 100,
        Protocol: "-1",
        RuleAction: "allow",
        CidrBlock: "0.0.0.0/0",
        Egress,
      })),
    },
  ],
  Subnets: [{ SubnetId: subnet, VpcId: network, CidrBlock: "10.0.0.0/24" }],
  Vpcs: [{ VpcId: network, CidrBlock: "10.0.0.0/16" }],
};

function syn(port: number, time: string) {
  const ends = { source: "203.0.113.7", destination: "10.0.0.4" };
  const frame = ethernet(ipv4(ends, tcp({ sourcePort: port, destinationPort: 22 })));
  return captured(frame, { seconds: Date.parse(time) / 1000 });
}

function writeEvidence(): Record<"opening" | "closing" | "shown" | "capture", string> {
  const directory = temporaryDirectory();
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  return {
    opening: write("opening.json", JSON.stringify({ Records: opening })),
    closing: write("closing.json", JSON.stringify({ Records: closing })),
    shown: write("resources.json", JSON.stringify(shown)),
    capture: write("c.pcap", pcapFile([syn(50_001, "2026-03-18T10:10:00Z"), syn(50_002, "2026-03-18T11:10:00Z")])),
  };
}

type Version = {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
};

describe("a trail and a snapshot taken after it", () => {
  const directory = newCase();
  const files = writeEvidence();
  const importing = (names: readonly (keyof typeof files)[], into: string) =>
    conntrail(["import", ...names.map((name) => files[name]), "--case", into, "--taken-at", "2026-03-18T12:00:00Z"]);

  beforeAll(() => {
    expect(importing(["shown", "opening", "closing", "capture"], directory)).toMatchObject({ code: 0 });
  });

  test("say who opened and closed what, and that a call which failed opened nothing", () => {
    const asked = ["rules", "--history", "--group", groupId, "--case", directory, "-o", "ndjson"];
    const written = ndjson<Version>(conntrail(asked)).filter(({ rule }) => /^(in|e)gress/.test(rule));
    expect(written.map(({ rule }) => rule)).toEqual(["ingress tcp 22 203.0.113.7", "egress all 0.0.0.0/0"]);
    expect(written[0]).toMatchObject({
      from: "2026-03-18T10:00:00.000000Z",
      to: "2026-03-18T11:00:00.000000Z",
      begunBy: { who: "arn:aws:iam::111122223333:user/alice", from: "198.51.100.9" },
      endedBy: { who: "arn:aws:iam::111122223333:user/bob" },
    });
  });

  test.each([
    ["50001", "2026-03-18T10:10:00Z", "allow"],
    ["50002", "2026-03-18T11:10:00Z", "deny"],
  ])("a connection from port %s at %s: %s", (port, at, verdict) => {
    const asked = ["why", `203.0.113.7:${port}`, "10.0.0.4:22/tcp", "--at", at, "--case", directory, "-o", "json"];
    expect(json(conntrail(asked))).toMatchObject({ verdict });
  });

  test("give equal views in any order of import", () => {
    const digest = verified(directory).viewsDigest;
    for (const order of [
      ["capture", "closing", "opening", "shown"],
      ["closing", "shown", "capture", "opening"],
    ] as const) {
      const other = newCase();
      importing(order, other);
      const checked = verified(other);
      expect(checked).toMatchObject({ intact: true, viewsDigest: digest, rebuiltDigest: digest });
    }
  });
});
