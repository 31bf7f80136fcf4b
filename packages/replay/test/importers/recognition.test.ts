import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { allImporters, importerFor } from "../../src/importers/all-importers.js";

const evidence = fileURLToPath(new URL("../../../../../shared/evidence", import.meta.url));
const nsg = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg";
const vpc = "vpc-0123456789abcdef0";

const call = {
  eventVersion: "1.08",
  eventSource: "ec2.amazonaws.com",
  eventName: "AuthorizeSecurityGroupIngress",
  requestParameters: { groupId: "sg-0123456789abcdef0" },
};

const rows: readonly (readonly [format: string | null, content: unknown])[] = [
  ["azure-resource", { id: nsg, securityRules: [] }],
  ["azure-resource", [{ id: nsg, properties: { securityRules: [] } }]],
  ["azure-resource", { value: [{ networkSecurityGroup: { id: nsg }, effectiveSecurityRules: [] }] }],
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
  [
    null,
    { records: [{ category: "FlowLogFlowEvent", operationName: "FlowLogFlowEvent", flowTuples: [], resourceId: nsg }] },
  ],
  [null, { some: "thing" }],
  [null, "VpcId vpc-0123456789abcdef0"],
];

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
