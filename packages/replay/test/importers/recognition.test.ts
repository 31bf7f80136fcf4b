import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { allImporters, importerFor, recognise } from "../../src/importers/all-importers.js";

const evidence = fileURLToPath(new URL("../../../../../shared/evidence", import.meta.url));
const nsg = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg";
const vpc = "vpc-0123456789abcdef0";

const call = {
  eventVersion: "1.08",
  eventSource: "ec2.amazonaws.com",
  eventName: "AuthorizeSecurityGroupIngress",
  requestParameters: { groupId: "sg-0123456789abcdef0" },
};

const flowLogLine =
  "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1700000010 1700000070 ACCEPT OK";

const rows: readonly (readonly [format: string | null, content: unknown])[] = [
  ["azure-resource", { id: nsg, securityRules: [] }],
  ["azure-resource", [{ id: nsg, properties: { securityRules: [] } }]],
  ["azure-resource", { value: [{ networkSecurityGroup: { id: nsg }, effectiveSecurityRules: [] }] }],
  ["azure-resource", { count: 1, total_records: 1, data: [{ id: nsg, properties: { securityRules: [] } }] }],
  ["azure-resource", { $schema: "https://x/deploymentTemplate.json#", resources: [] }],
  ["azure-activity-log", [{ operationName: "X/write", resourceId: nsg, correlationId: "c", resultType: "Success" }]],
  [
    "azure-service-tags",
    { changeNumber: 1, values: [{ name: "Sql", properties: { addressPrefixes: ["10.0.0.0/8"] } }] },
  ],
  ["azure-service-tags", { id: `${nsg}/x`, values: [{ name: "Sql", properties: { addressPrefixes: [] } }] }],
  ["aws-resource", { SecurityGroups: [] }],
  ["aws-resource", [{ GroupId: "sg-0123456789abcdef0", IpPermissions: [], VpcId: vpc }]],
  ["aws-resource", { VpcId: vpc, CidrBlock: "10.0.0.0/16" }],
  ["aws-resource", { status_code: 200, data: { Vpcs: [] } }],
  ["aws-resource", { Entries: [{ Cidr: "10.0.0.0/8" }] }],
  ["aws-ip-ranges", { syncToken: "1", createDate: "x", prefixes: [{ ip_prefix: "10.0.0.0/8" }] }],
  ["aws-cloudtrail", { Records: [call] }],
  ["aws-cloudtrail", call],
  ["aws-cloudtrail", { Events: [{ EventId: "e", CloudTrailEvent: JSON.stringify(call) }] }],
  ["aws-cloudtrail", { Records: [] }],
  ["zeek-conn-log", "#separator \\x09\n#path\tconn\n"],
  ["zeek-conn-log", "ts\tuid\tid.orig_h\tid.orig_p\n1\tC\t10.1.0.4\t1\n"],
  ["zeek-conn-log", { ts: 1, uid: "C", "id.orig_h": "10.1.0.4", proto: "tcp" }],
  ["zeek-conn-log", { ts: 1, id: { orig_h: "10.1.0.4" }, proto: "tcp" }],
  ["suricata-eve", { timestamp: "2026-03-18T10:05:00", event_type: "flow", src_ip: "10.1.0.4" }],
  ["suricata-eve", { timestamp: "2026-03-18T10:05:00", event_type: "stats" }],
  ["conntrack-events", '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n'],
  ["conntrack-events", "[1773828300.000085]\t    [NEW] udp      17 30 src=10.1.0.4 dst=10.1.0.5 sport=1 dport=2"],
  ["conntrack-events", "tcp      6 431999 ESTABLISHED src=10.1.0.4 dst=10.1.0.5 sport=1 dport=2 [UNREPLIED]"],
  ["azure-vnet-flow-log", { records: [{ category: "FlowLogFlowEvent", operationName: "FlowLogFlowEvent" }] }],
  ["azure-vnet-flow-log", { flowRecords: { flows: [] }, macAddress: "00224871C205", time: "2026-03-18T10:00:00Z" }],
  ["azure-nsg-flow-log", { records: [{ category: "NetworkSecurityGroupFlowEvent", resourceId: nsg }] }],
  ["azure-nsg-flow-log", [{ resourceId: nsg, properties: { Version: 2, flows: [] } }]],
  ["azure-nsg-flow-log", "\n1487282421,192.0.2.95,2001:db8::4,51529,5358,T,I,D\n"],
  ["azure-nsg-flow-log", "1708978215,203.0.113.105,10.0.0.5,35370,443,T,I,A,B,,,,"],
  [null, "1708978215,203.0.113.105,10.0.0.5,35370,443,T,I,X"],
  ["aws-vpc-flow-log", flowLogLine],
  ["aws-vpc-flow-log", "srcaddr dstaddr srcport dstport protocol start end"],
  ["aws-vpc-flow-log", { events: [{ logStreamName: "eni-1-all", timestamp: 1, message: flowLogLine }] }],
  [null, { some: "thing" }],
  [null, "VpcId vpc-0123456789abcdef0"],
];

const wide = "x".repeat(60_000);

/** None of them is evidence that conntrail reads, though many have fields of it. */
const foreign: readonly (readonly [what: string, content: unknown])[] = [
  [
    "a flow of a GCP network",
    {
      insertId: "1",
      jsonPayload: { connection: { src_ip: "10.0.0.1", dest_port: 22 }, src_vpc: { subnetwork_name: "s" } },
      logName: "projects/p/logs/compute.googleapis.com%2Fvpc_flows",
    },
  ],
  [
    "a Kubernetes audit event",
    { kind: "Event", apiVersion: "audit.k8s.io/v1", verb: "get", responseStatus: { status: "Success" } },
  ],
  ["package.json", { name: "x", version: "1.0.0", scripts: { test: "vitest" }, dependencies: {} }],
  [
    "findings of GuardDuty",
    {
      Findings: [
        {
          AccountId: "123456789012",
          Resource: {
            InstanceDetails: {
              InstanceId: "i-0123456789abcdef0",
              InstanceType: "t3.micro",
              NetworkInterfaces: [{ SecurityGroups: [{ GroupId: "sg-0123456789abcdef0" }], VpcId: vpc }],
            },
          },
        },
      ],
    },
  ],
  [
    "a finding of GuardDuty as an event",
    { detail: { resource: { instanceDetails: { networkInterfaces: [{ subnetId: "subnet-0123456789abcdef0" }] } } } },
  ],
  [
    "a sign-in of Microsoft Entra",
    {
      time: "2026-03-18T10:00:00Z",
      resourceId: "/tenants/t/providers/Microsoft.aadiam",
      operationName: "Sign-in activity",
      category: "SignInLogs",
      resultType: "0",
      correlationId: "c",
    },
  ],
  [
    "an audit event of Microsoft Entra",
    {
      time: "2026-03-18T10:00:00Z",
      resourceId: "/tenants/t/providers/Microsoft.aadiam",
      operationName: "Authentication Methods Policy Update",
      category: "Policy",
      correlationId: "c",
    },
  ],
  [
    "a key vault's audit event",
    { operationName: "SecretGet", category: "AuditEvent", resultType: "Success", correlationId: "c", resourceId: nsg },
  ],
  ["a load balancer of AWS", { LoadBalancers: [{ VpcId: vpc, SecurityGroups: ["sg-0123456789abcdef0"] }] }],
  ["an event of an S3 bucket", { Records: [{ eventVersion: "2.1", eventSource: "aws:s3", eventName: "Put" }] }],
  ["address ranges of GCP", { syncToken: "1", creationTime: "x", prefixes: [{ ipv4Prefix: "34.1.0.0/16" }] }],
  ["parameters of a template", { $schema: "https://x/deploymentParameters.json#", parameters: {} }],
  [
    "an access log of a load balancer",
    'http 2026-03-18T10:00:00.1Z app/lb/1 10.0.0.1:2817 10.0.0.2:80 "GET / HTTP/1.1"',
  ],
  ["an access log of nginx", '10.0.0.1 - - [18/Mar/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 612 "-" "curl"'],
  ["syslog", "Mar 18 10:00:00 host sshd[1]: Accepted publickey for alice from 203.0.113.7 port 51514"],
  ["CSV", "id,operationName,resourceId\n1,x,/subscriptions/s1"],
  [
    "flows of nfdump as CSV",
    "ts,te,td,sa,da,sp,dp,pr,flg\n2026-03-18 10:00:00,2026-03-18 10:00:01,1,10.0.0.1,10.0.0.2",
  ],
  ["records of a transit gateway", "6 TransitGateway 123456789012 tgw-1 tgw-attach-1 123456789012"],
  [
    "a flow log of Alibaba Cloud",
    "version vswitch-id vm-id vpc-id account-id eni-id srcaddr srcport dstaddr dstport protocol direction packets bytes start end tcp-flags log-status action",
  ],
  ["an HTML page", "<!DOCTYPE html><html><head><title>Sign in</title></head></html>"],
  ["brackets alone", "[".repeat(60_000)],
  ["a number", "17"],
  ["a list of numbers", [1, 2, 3]],
];

test.each(foreign)("%s is none of ours", (_, content) => {
  const head = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  expect(allImporters.map((importer) => [importer.format, importer.recognise(head)])).toEqual(
    allImporters.map(({ format }) => [format, 0]),
  );
});

/** What is JSON. */
const known = rows.filter(([format, content]) => format !== null && typeof content !== "string");

test.each(known)("%s is recognised behind what does not matter: %j", (format, content) => {
  const text = JSON.stringify(content);
  const before = ["\uFEFF", "\r\n \t", "// exported by hand\n", "/* exported\nby hand */ "];
  const heads = before.map((prefix) => Buffer.from(prefix + text));
  expect(heads.map((head) => importerFor(head)?.format)).toEqual(before.map(() => format));
});

test.each(known)("%s is recognised behind a wide field, and where the head ends inside a record", (format, content) => {
  const wideFirst = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(wideFirst);
    return typeof value === "object" && value !== null ? { note: wide, ...value } : value;
  };
  const [list] = Object.values(content as object).filter(Array.isArray);
  const isList = list !== undefined && list.length === 1 && Object.keys(content as object).length === 1;
  const text = isList
    ? JSON.stringify({ [Object.keys(content as object)[0]!]: wideFirst(list) })
    : JSON.stringify(Array.isArray(content) ? wideFirst(content) : content);
  const cut = Buffer.from(`${text.replace(/[\]}]+$/, "")}`).subarray(0, 65_536);
  expect(importerFor(cut)?.format).toBe(format);
});

test("of two that are about equally sure, both are named", () => {
  const both = [
    { id: nsg, securityRules: [] },
    { eventSource: "ec2.amazonaws.com", eventName: "CreateVpc" },
  ];
  const recognition = recognise(Buffer.from(both.map((value) => JSON.stringify(value)).join("\n")))!;
  expect([recognition.importer.format, recognition.rival?.importer.format].sort()).toEqual([
    "aws-cloudtrail",
    "azure-resource",
  ]);
});

test("fields of a wide group alone leave doubt", () => {
  const head = `{"SecurityGroups":[{"Description":"d","IpPermissions":[{"IpRanges":[{"CidrIp":"10.0.0.0/8"},`;
  expect(recognise(Buffer.from(head))).toMatchObject({ importer: { format: "aws-resource" }, confidence: 0.6 });
});

test.each(rows)("%s reads %j, and no other format claims it as surely", (format, content) => {
  const head = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  expect(importerFor(head)?.format ?? null).toBe(format);
  const surest = allImporters.map((importer) => importer.recognise(head)).sort((a, b) => b - a);
  if (format !== null) expect(surest[0]).toBeGreaterThan(surest[1]!);
});

test("formats have names of their own", () => {
  expect(new Set(allImporters.map(({ format }) => format)).size).toBe(allImporters.length);
});

// That folder is no part of the repository.
describe.skipIf(!existsSync(evidence))("evidence of other kinds (where the folder of public evidence is)", () => {
  test.each(["aws-cloudtrail", "aws-vpc-flow-logs", "azure-flow-logs"])(
    "%s is taken for no export of resources",
    (folder) => {
      for (const name of readdirSync(`${evidence}/${folder}`)) {
        const head = readFileSync(`${evidence}/${folder}/${name}`).subarray(0, 65_536);
        expect(`${name}: ${importerFor(head)?.format ?? "none"}`).not.toMatch(
          /: (azure-resource|azure-service|aws-resource|aws-ip)/,
        );
      }
    },
  );
});
