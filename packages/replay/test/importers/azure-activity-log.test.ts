import { describe, expect, test } from "vitest";
import { azureActivityLog } from "../../src/importers/azure-activity-log.js";
import { type Read, readWith } from "../support/importing.js";

const network = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network";
const group = `${network}/networkSecurityGroups/nsg-web`;

const rule = {
  name: "allow-ssh",
  protocol: "TCP",
  access: "Allow",
  direction: "Inbound",
  priority: 100,
  sourcePortRange: "*",
  sourceAddressPrefix: "203.0.113.7",
  destinationAddressPrefix: "VirtualNetwork",
  destinationPortRanges: ["22", "8000-8010"],
};

type Row = { resultType: string; resultSignature?: string; properties?: object; time?: string; operationId?: string };

function storageRecord({ resultType, resultSignature, properties = {}, time = "2026-03-18T10:00:00.1234567Z" }: Row) {
  return {
    time,
    resourceId: `${group}/securityRules/allow-ssh`.toUpperCase(),
    operationName: "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE",
    category: "Administrative",
    resultType,
    resultSignature: resultSignature ?? `${resultType}.`,
    callerIpAddress: "198.51.100.9",
    correlationId: "C1",
    identity: {
      claims: { name: "Alice", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "alice@x.example" },
    },
    properties,
  };
}

describe("the Activity Log", () => {
  test("[A14] gives an event for each record of an operation, with actor, phase and effect", async () => {
    const body = JSON.stringify({ name: "allow-ssh", properties: rule });
    const lines = [
      storageRecord({ resultType: "Start", properties: { requestbody: body } }),
      storageRecord({ resultType: "Success", resultSignature: "Succeeded.Created" }),
      storageRecord({ resultType: "Failure", resultSignature: "Failed.Forbidden" }),
    ];
    const { events, problems } = await readWith(azureActivityLog, lines.map((line) => JSON.stringify(line)).join("\n"));
    expect(problems).toEqual([]);
    expect(events.map(({ data }) => data)).toMatchObject([
      { phase: "started", ruleName: "allow-ssh", rule: { name: "allow-ssh", priority: 100 }, effect: null },
      { phase: "succeeded", rule: null, effect: "created" },
      { phase: "failed", rule: null },
    ]);
    expect(events[0]).toMatchObject({
      time: Date.UTC(2026, 2, 18, 10) * 1000 + 123_456,
      actor: { who: "alice@x.example", from: "198.51.100.9", correlationId: "c1" },
      source: { sha256: "ab", record: 1 },
    });
  });

  test("[A14] reads REST's shape as it reads storage's", async () => {
    const rest = {
      eventTimestamp: "2026-03-18T10:00:00.1234567Z",
      resourceId: `${group}/securityRules/allow-ssh`,
      operationName: { value: "Microsoft.Network/networkSecurityGroups/securityRules/write" },
      status: { value: "Succeeded" },
      subStatus: { value: "Created" },
      caller: "alice@x.example",
      httpRequest: { clientIpAddress: "198.51.100.9" },
      correlationId: "c1",
      properties: {},
    };
    const storage = storageRecord({ resultType: "Success", resultSignature: "Succeeded.Created" });
    const [fromRest, fromStorage] = await Promise.all(
      [rest, storage].map((one) => readWith(azureActivityLog, JSON.stringify([one]))),
    );
    expect(fromRest!.events).toEqual(fromStorage!.events);
  });

  test.each([
    ["an event hub's messages in an array", (one: object) => [{ records: [one] }, { records: [one] }]],
    ["an event hub's message", (one: object) => ({ records: [one] })],
  ])("reads %s", async (_, wrapped) => {
    const one = storageRecord({ resultType: "Success" });
    const [alone, together] = await Promise.all(
      [one, wrapped(one)].map((content) => readWith(azureActivityLog, JSON.stringify(content))),
    );
    const said = ({ events }: Read) => new Set(events.map(({ source: __, ...event }) => JSON.stringify(event)));
    expect(said(together!)).toEqual(said(alone!));
    expect(together!.problems).toEqual([]);
  });

  test("reads what PowerShell prints as JSON", async () => {
    const record = {
      EventTimestamp: "/Date(1773828000123)/",
      SubmissionTimestamp: "/Date(1773828060000)/",
      ResourceId: `${group}/securityRules/allow-ssh`,
      OperationName: { Value: "Microsoft.Network/networkSecurityGroups/securityRules/write" },
      Status: { Value: "Succeeded" },
      Caller: "alice@x.example",
      CorrelationId: "c1",
      Properties: { Content: { requestbody: JSON.stringify({ name: "allow-ssh", properties: rule }) } },
    };
    const { events, problems } = await readWith(azureActivityLog, JSON.stringify([record]));
    expect(problems).toEqual([]);
    expect(events).toMatchObject([{ time: 1773828000_123_000, data: { rule: { name: "allow-ssh" } } }]);
  });

  test.each([
    ["3/18/2026 10:00:00 AM", 0],
    ["03/18/2026 10:00:00", 0],
    ["3/18/2026 10:00:00 PM", 12],
    ["3/18/2026 12:00:00 AM +01:00", -11],
  ])("reads %s with the month first, and says so", async (time, hours) => {
    const { events, notes } = await readWith(
      azureActivityLog,
      JSON.stringify(storageRecord({ resultType: "Success", time })),
    );
    expect(events).toMatchObject([{ time: (Date.UTC(2026, 2, 18, 10) + hours * 3_600_000) * 1000 }]);
    expect(notes).toEqual([expect.stringContaining("read with the month first, as UTC")]);
  });

  test.each(["Accept", "Accepted", "In Progress"])("takes %s for an operation that goes on", async (resultType) => {
    const { events } = await readWith(azureActivityLog, JSON.stringify(storageRecord({ resultType })));
    expect(events).toMatchObject([{ data: { phase: "accepted" } }]);
  });

  test("says which time it can't read", async () => {
    const record = storageRecord({ resultType: "Success", time: "18.3.2026 10:00" });
    const { problems } = await readWith(azureActivityLog, JSON.stringify(record));
    expect(problems).toMatchObject([{ kind: "missing-field", message: expect.stringContaining("`18.3.2026 10:00`") }]);
  });

  test("names the records it can't read, and counts those that change nothing", async () => {
    const lines = [
      storageRecord({ resultType: "Success", time: "soon" }),
      storageRecord({ resultType: "Perhaps" }),
      { operationName: "Microsoft.Compute/virtualMachines/start/action", resultType: "Success", correlationId: "x" },
      { something: "else" },
    ];
    const { events, problems, notes } = await readWith(azureActivityLog, JSON.stringify({ records: lines }));
    expect(events).toEqual([]);
    expect(problems.map(({ record }) => record)).toEqual([1, 2, 4]);
    expect(notes).toEqual(["1 record is of operations that change no rule, network or access"]);
  });
});

type Operation = { name: string; target: string; resultType: string; properties?: object };

function operationRecord({ name, target, resultType, properties = {} }: Operation) {
  const base = { time: "2026-03-18T10:00:00Z", category: "Administrative", correlationId: "c1", operationId: "o1" };
  return { ...base, resourceId: target, operationName: name, resultType, properties };
}

async function factsOf(...operations: Operation[]) {
  const { events, problems } = await readWith(azureActivityLog, JSON.stringify(operations.map(operationRecord)));
  expect(problems).toEqual([]);
  return events.map(({ type, data }) => ({ type, ...data }));
}

const body = (content: object) => ({ requestbody: JSON.stringify(content) });

describe("a write of a subnet", () => {
  const write = (properties: object) => ({
    name: "Microsoft.Network/virtualNetworks/subnets/write",
    target: `${network}/virtualNetworks/VNet/subnets/A`,
    resultType: "Success",
    properties,
  });

  test.each([
    [
      "with a group puts it there",
      body({ properties: { addressPrefix: "10.0.0.0/24", networkSecurityGroup: { id: group } } }),
      [group],
    ],
    ["without a group leaves none", body({ properties: { addressPrefix: "10.0.0.0/24" } }), []],
    ["without a body leaves that to another record", {}, null],
  ])("%s", async (_, properties, groups) => {
    const target = `${network}/virtualNetworks/vnet/subnets/a`.toLowerCase();
    expect(await factsOf(write(properties))).toMatchObject([
      { type: "association-written", gate: "subnet", target, groups, phase: "succeeded", operationId: "o1" },
    ]);
  });
});

describe("a write of an interface", () => {
  const asg = `${network}/applicationSecurityGroups/web`;
  const target = `${network}/networkInterfaces/nic`;
  const name = "Microsoft.Network/networkInterfaces/write";
  const configuration = (more: object) => ({ properties: { applicationSecurityGroups: [{ id: asg }], ...more } });
  const asked = body({
    properties: {
      networkSecurityGroup: { id: group },
      disableTcpStateTracking: true,
      ipConfigurations: [configuration({ privateIPAddress: "10.0.0.4" })],
    },
  });

  test("[A14] [A25] puts its group, members and switch in place, in each record of the operation", async () => {
    const started = { name, target, resultType: "Start", properties: asked };
    const succeeded = { name, target, resultType: "Success" };
    for (const order of [
      [started, succeeded],
      [succeeded, started],
    ]) {
      const facts = await factsOf(...order);
      const of = (phase: string) => facts.filter((fact) => "phase" in fact && fact.phase === phase);
      expect(of("started")).toMatchObject([
        { type: "association-written", gate: "interface", groups: [group] },
        { type: "membership-written", address: "10.0.0.4", applicationSecurityGroups: [asg] },
        { type: "setting-written", setting: "disableTcpStateTracking", value: true },
      ]);
      expect(of("succeeded")).toMatchObject([
        { type: "association-written", groups: null },
        { type: "membership-written", address: "10.0.0.4", applicationSecurityGroups: null },
        { type: "setting-written", value: true },
      ]);
    }
  });

  test("takes the address from the answer where Azure chose it", async () => {
    const answered = {
      responseBody: JSON.stringify({
        properties: { ipConfigurations: [configuration({ privateIPAddress: "10.0.0.9" })] },
      }),
    };
    const properties = { ...body({ properties: { ipConfigurations: [configuration({})] } }), ...answered };
    expect(await factsOf({ name, target, resultType: "Success", properties })).toMatchObject([
      { type: "association-written" },
      { type: "membership-written", address: "10.0.0.9", applicationSecurityGroups: [asg] },
    ]);
  });

  test("without any address is told", async () => {
    const properties = body({ properties: { ipConfigurations: [configuration({})] } });
    const { notes } = await readWith(
      azureActivityLog,
      JSON.stringify([operationRecord({ name, target, resultType: "Success", properties })]),
    );
    expect(notes).toEqual([expect.stringContaining("record 1 writes interface `nic` without an address")]);
  });
});

test("[A8] a write of a network sets its flow timeout and the groups of its subnets", async () => {
  const subnets = [{ name: "a", properties: { addressPrefix: "10.0.0.0/24", networkSecurityGroup: { id: group } } }];
  const properties = body({ properties: { addressSpace: {}, flowTimeoutInMinutes: 10, subnets } });
  const target = `${network}/virtualNetworks/vnet`;
  expect(
    await factsOf({ name: "Microsoft.Network/virtualNetworks/write", target, resultType: "Success", properties }),
  ).toMatchObject([
    { type: "association-written", gate: "subnet", target: `${target}/subnets/a`.toLowerCase(), groups: [group] },
    { type: "setting-written", resource: target.toLowerCase(), setting: "flowTimeoutMinutes", value: 10 },
  ]);
});

test("[A6] a write of a group sets its flush switch", async () => {
  const properties = body({ properties: { securityRules: [], flushConnection: true } });
  const operation = {
    name: "Microsoft.Network/networkSecurityGroups/write",
    target: group,
    resultType: "Success",
    properties,
  };
  expect(await factsOf(operation)).toMatchObject([
    { type: "security-group-written", rules: [] },
    { type: "setting-written", resource: group.toLowerCase(), setting: "flushConnection", value: true },
  ]);
});

test.each([
  ["Microsoft.Network/networkSecurityGroups/delete", group],
  ["Microsoft.Network/networkInterfaces/delete", `${network}/networkInterfaces/nic`],
  ["Microsoft.Network/virtualNetworks/subnets/delete", `${network}/virtualNetworks/vnet/subnets/a`],
  ["MICROSOFT.NETWORK/VIRTUALNETWORKS/DELETE", `${network}/virtualNetworks/vnet`],
])("%s removes the resource", async (name, target) => {
  expect(await factsOf({ name, target, resultType: "Success" })).toMatchObject([
    { type: "resource-removed", resource: target.toLowerCase(), phase: "succeeded" },
  ]);
});

test("a write of an application security group shows it once it succeeded, a deletion ends it", async () => {
  const target = `${network}/applicationSecurityGroups/Web`;
  const name = "Microsoft.Network/applicationSecurityGroups";
  const facts = await factsOf(
    { name: `${name}/write`, target, resultType: "Start" },
    { name: `${name}/write`, target, resultType: "Success" },
    { name: `${name}/delete`, target, resultType: "Success" },
  );
  expect(facts).toMatchObject([
    { type: "application-security-group-seen", group: target.toLowerCase(), name: "Web", instant: "stated" },
    { type: "resource-removed", resource: target.toLowerCase(), phase: "succeeded" },
  ]);
});

test("two records of an operation find each other across some thousands of others, and in either order", async () => {
  const target = (name: string) => `${network}/virtualNetworks/${name}`;
  const written = { name: "Microsoft.Network/virtualNetworks/write", properties: {} };
  const asked = body({ properties: { addressSpace: {}, flowTimeoutInMinutes: 10 } });
  const between = Array.from({ length: 9000 }, (_, index) => ({
    ...written,
    target: target(`other-${index}`),
    resultType: "Success",
  }));
  for (const [first, second] of [
    ["Start", "Success"],
    ["Success", "Start"],
  ]) {
    const step = (resultType: string, name: string) => {
      return { ...written, target: target(name), resultType, properties: resultType === "Start" ? asked : {} };
    };
    const facts = await factsOf(
      step(first!, "early"),
      ...between.slice(0, 4000),
      step(second!, "early"),
      ...between.slice(4000),
      step(first!, "late"),
      step(second!, "late"),
    );
    const settings = facts.map((fact) => ("setting" in fact ? `${fact.resource.split("/").at(-1)} ${fact.phase}` : ""));
    expect(settings.filter((text) => text !== "").sort()).toEqual([
      "early started",
      "early succeeded",
      "late started",
      "late succeeded",
    ]);
  }
});

describe("just-in-time access in the log", () => {
  const policy =
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default";
  const machine = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1";
  const operations = "Microsoft.Security/locations/jitNetworkAccessPolicies";

  test("[A11] a policy is written whole, and deleted", async () => {
    const port = { number: 22, protocol: "TCP", allowedSourceAddressPrefix: "*", maxRequestAccessDuration: "PT3H" };
    const properties = body({ kind: "Basic", properties: { virtualMachines: [{ id: machine, ports: [port] }] } });
    const facts = await factsOf(
      { name: `${operations}/write`, target: policy, resultType: "Success", properties },
      { name: `${operations}/delete`, target: policy, resultType: "Success" },
    );
    expect(facts).toMatchObject([
      {
        type: "access-policy-written",
        policy: policy.toLowerCase(),
        machines: [{ machine, ports: [{ port: 22, maxDurationSeconds: 10_800 }] }],
      },
      { type: "resource-removed", resource: policy.toLowerCase() },
    ]);
  });

  test.each([
    [
      "an error in JSON",
      { statusMessage: JSON.stringify({ error: { code: "Forbidden", message: "over the policy's 3 hours" } }) },
      "over the policy's 3 hours",
    ],
    ["a text", { statusMessage: "not allowed" }, "not allowed"],
    ["a code alone", { statusMessage: { error: { code: "Forbidden" } } }, "Forbidden"],
  ])("a refused request keeps its reason from %s", async (_, properties, refusal) => {
    const facts = await factsOf({
      name: `${operations}/initiate/action`,
      target: policy,
      resultType: "Failure",
      properties,
    });
    expect(facts).toMatchObject([{ type: "access-requested", phase: "failed", grants: null, refusal }]);
  });

  test("[A11] a granted request has no refusal", async () => {
    const properties = body({
      virtualMachines: [{ id: machine, ports: [{ number: 22, endTimeUtc: "2026-03-18T11:00:00Z" }] }],
    });
    const [fact] = await factsOf({
      name: `${operations}/initiate/action`,
      target: policy,
      resultType: "Success",
      properties,
    });
    expect(fact).toMatchObject({ grants: [{ machine, port: 22, sources: null }] });
    expect(fact).not.toHaveProperty("refusal");
  });
});
