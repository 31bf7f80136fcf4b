// A session in a VPC flow log that outlives its rule: what moved since counts each window once, and no rejected one.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { conntrail, newCase, temporaryDirectory } from "../support/conntrail.js";

const directory = temporaryDirectory();
const minute = (at: number) => Date.parse("2026-03-18T10:00:00Z") / 1000 + at * 60;

function written(name: string, content: unknown): string {
  const path = join(directory, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const network = [
  written("groups.json", {
    SecurityGroups: [
      { GroupId: "sg-0a1b2c3d", GroupName: "web", VpcId: "vpc-0a1b2c3d", IpPermissions: [], IpPermissionsEgress: [] },
    ],
  }),
  written("interfaces.json", {
    NetworkInterfaces: [
      {
        NetworkInterfaceId: "eni-0a1b2c3d",
        VpcId: "vpc-0a1b2c3d",
        SubnetId: "subnet-0a1b2c3d",
        PrivateIpAddress: "10.0.0.5",
        PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: "10.0.0.5" }],
        Groups: [{ GroupId: "sg-0a1b2c3d", GroupName: "web" }],
      },
    ],
  }),
];

const call = (eventName: string, eventTime: string) => ({
  eventSource: "ec2.amazonaws.com",
  eventName,
  eventTime,
  eventID: eventName,
  userIdentity: { arn: "arn:aws:iam::123456789012:user/alice" },
  requestParameters: {
    groupId: "sg-0a1b2c3d",
    ipPermissions: {
      items: [{ ipProtocol: "tcp", fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: "203.0.113.7/32" }] } }],
    },
  },
  responseElements: { _return: true },
});
const trail = written("trail.json", {
  Records: [
    call("AuthorizeSecurityGroupIngress", "2026-03-18T09:55:00Z"),
    call("RevokeSecurityGroupIngress", "2026-03-18T10:05:30Z"),
  ],
});

const window = (at: number, [packets, bytes]: readonly [number, number], action = "ACCEPT") =>
  `eni-0a1b2c3d 203.0.113.7 10.0.0.5 50122 22 6 ${packets} ${bytes} ${minute(at)} ${minute(at) + 59} ${action} OK`;
const windows = Array.from({ length: 11 }, (_, at) => window(at, [10, 1000]));
const names = "interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
const narrow = written("narrow.log", [names, ...windows, window(8, [7, 70], "REJECT")].join("\n"));
const flagged = written(
  "flagged.log",
  [`${names} tcp-flags`, ...windows.map((own, at) => `${own} ${at === 0 ? 2 : 0}`)].join("\n"),
);

test.each([
  ["one export", [narrow]],
  ["two exports, of which one has the flags", [narrow, flagged]],
])("of %s", (_, logs) => {
  const into = newCase();
  conntrail(["import", ...network, trail, ...logs, "--taken-at", "2026-03-18T12:00:00Z", "--case", into]);
  const { out } = conntrail(["why", "203.0.113.7", "10.0.0.5:22/tcp", "--at", "2026-03-18T10:08:00Z", "--case", into]);
  expect(out).toContain("In short: the connection was opened while a rule allowed it.");
  expect(out).toContain(
    "from then to the end of the evidence 50 packets: 5.0 kB (5,000 bytes) from the opener, 0 bytes to it",
  );
});
