// The Activity Log as Log Analytics keeps it, beside REST's shape of the same records.

import { describe, expect, test } from "vitest";
import { importerFor } from "../../src/importers/all-importers.js";
import { azureActivityLog } from "../../src/importers/azure-activity-log.js";
import type { Draft } from "../../src/importers/importer.js";
import { readWith } from "../support/importing.js";

const target =
  "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg-web/securityRules/allow-ssh";
const operation = "Microsoft.Network/networkSecurityGroups/securityRules/write";
const body = JSON.stringify({
  name: "allow-ssh",
  properties: {
    protocol: "Tcp",
    access: "Allow",
    direction: "Inbound",
    priority: 100,
    sourceAddressPrefix: "203.0.113.7",
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: "22",
  },
});
const upn = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";

type Step = { readonly time: string; readonly status: string; readonly subStatus: string; readonly properties: object };

const steps: readonly Step[] = [
  { time: "2026-03-18T10:00:00.123Z", status: "Started", subStatus: "", properties: { requestbody: body } },
  { time: "2026-03-18T10:00:04.5Z", status: "Succeeded", subStatus: "Created", properties: { statusCode: "Created" } },
];

const rest = steps.map(({ time, status, subStatus, properties }) => ({
  eventTimestamp: time,
  submissionTimestamp: "2026-03-18T10:02:00Z",
  resourceId: target,
  operationName: { value: operation, localizedValue: "Create or Update Security Rule" },
  operationId: "o1",
  status: { value: status },
  subStatus: { value: subStatus },
  caller: "alice@x.example",
  httpRequest: { clientIpAddress: "198.51.100.9" },
  correlationId: "c1",
  properties,
}));

const words = new Map([
  ["Started", "Start"],
  ["Succeeded", "Success"],
]);

/** `az monitor log-analytics query` prints every cell as text. */
const rows = steps.map(({ time, status, subStatus, properties }) => ({
  TableName: "PrimaryResult",
  TimeGenerated: time,
  EventSubmissionTimestamp: "2026-03-18T10:02:00Z",
  OperationName: "Create or Update Security Rule",
  OperationNameValue: operation.toUpperCase(),
  ActivityStatus: null,
  ActivityStatusValue: words.get(status),
  ActivitySubstatusValue: subStatus,
  Caller: "alice@x.example",
  CallerIpAddress: "198.51.100.9",
  Claims: JSON.stringify({ [upn]: "alice@x.example" }),
  Claims_d: JSON.stringify({ [upn]: "alice@x.example" }),
  CorrelationId: "C1",
  OperationId: "o1",
  HTTPRequest: JSON.stringify({ clientIpAddress: "198.51.100.9", method: "PUT" }),
  Properties: JSON.stringify(properties),
  Properties_d: JSON.stringify(properties),
  ResourceId: "",
  _ResourceId: target.toLowerCase(),
}));

const names = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
const answer = {
  tables: [
    {
      name: "PrimaryResult",
      columns: names.map((name) => ({ name, type: "string" })),
      rows: rows.map((row) => names.map((name) => row[name])),
    },
  ],
};

const dynamicOnly = rows.map(({ Properties: _, Claims: __, Caller: ___, ...row }) => row);

describe("rows of AzureActivity", () => {
  test.each([
    ["as the command line prints them", rows],
    ["as the query interface answers them", answer],
    ["of a query that leaves out the caller and the columns of text", dynamicOnly],
  ])("%s are the same events as REST's records", async (_, document) => {
    const content = JSON.stringify(document, null, 2);
    expect(importerFor(Buffer.from(content))?.format).toBe("azure-activity-log");
    const [expected, read] = [
      await readWith(azureActivityLog, JSON.stringify(rest)),
      await readWith(azureActivityLog, content),
    ];
    expect(read.events.map(withoutOffset)).toEqual(expected.events.map(withoutOffset));
    expect(read.problems).toEqual([]);
    expect(read.events.map(({ data }) => data)).toMatchObject([
      { phase: "started", rule: { name: "allow-ssh", priority: 100 }, effect: null },
      { phase: "succeeded", rule: null, effect: "created" },
    ]);
  });

  test("of a query that leaves out what happened are named", async () => {
    const { events, problems } = await readWith(
      azureActivityLog,
      JSON.stringify(rows.map(({ ActivityStatusValue: _, ...row }) => row)),
    );
    expect(events).toEqual([]);
    expect(problems.map(({ record }) => record)).toEqual([1, 2]);
  });
});

/** Where a record begins is its file's. */
function withoutOffset({ source: { offset: _, ...source }, ...event }: Draft) {
  return { ...event, source };
}
