import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { azureActivityLog } from "../../src/importers/azure-activity-log.js";
import { azureResource } from "../../src/importers/azure-resource.js";
import { readAzureRule } from "../../src/importers/azure-rule.js";
import { readWith } from "../support/importing.js";

const evidence = fileURLToPath(new URL("../../../../../shared/evidence", import.meta.url));
const group = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg-web";

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

describe("a rule in Azure's JSON", () => {
  test("reads alike flattened and with properties", () => {
    const { name, ...properties } = rule;
    expect(readAzureRule({ name, properties })).toEqual(readAzureRule(rule));
    expect(readAzureRule(rule)).toEqual({
      name: "allow-ssh",
      description: null,
      direction: "inbound",
      access: "allow",
      priority: 100,
      protocol: "tcp",
      source: { addresses: ["203.0.113.7"], applicationSecurityGroups: [], ports: ["*"] },
      destination: { addresses: ["VirtualNetwork"], applicationSecurityGroups: [], ports: ["22", "8000-8010"] },
    });
  });

  test.each([
    [{ destinationPortRanges: ["70000"] }, /`70000` is no port/],
    [{ destinationPortRanges: ["90-80"] }, /`90-80` is no port/],
    [{ priority: "high" }, /priority `high`/],
    [{ sourceAddressPrefix: "10.0.0.300" }, /`10.0.0.300` is no address/],
    [{ sourceAddressPrefix: "10.0.0.0/33" }, /`10.0.0.0\/33` is no address/],
    [{ protocol: "ospf" }, /protocol `ospf`/],
    [{ access: undefined }, /access ``/],
    [{ sourceAddressPrefix: undefined }, /no source address/],
  ])("with %j is kept as unreadable, with what is still known", (change, because) => {
    expect(readAzureRule({ ...rule, ...change })).toMatchObject({
      name: "allow-ssh",
      unreadable: expect.stringMatching(because),
      direction: "inbound",
    });
  });
});

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
  test("gives an event for each record of an operation, with actor, phase and effect", async () => {
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

  test("reads REST's shape as it reads storage's", async () => {
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

describe.skipIf(!existsSync(evidence))("real exports", () => {
  const read = (name: string) => readFileSync(`${evidence}/${name}`, "utf8");

  test.each([
    ["azure-topology/subnet-nsg.json", "security-group-seen"],
    ["azure-topology/VM1-nsg.json", "security-group-seen"],
    ["azure-topology/VM2-nsg.json", "security-group-seen"],
    ["azure-topology/vm1346.json", "interface-seen"],
    ["azure-topology/vm235.json", "interface-seen"],
    ["azure-topology/VM-vnet.json", "virtual-network-seen"],
  ])("%s loads without loss", async (name, type) => {
    const text = read(name);
    const { events, problems } = await readWith(azureResource, text);
    expect(azureResource.recognise(Buffer.from(text))).toBeGreaterThan(0.5);
    expect(problems).toEqual([]);
    expect(events.map((event) => event.type)).toEqual([type]);
    if (events[0]?.type !== "security-group-seen") return;
    const { properties } = JSON.parse(text) as {
      properties: { securityRules: unknown[]; defaultSecurityRules: unknown[] };
    };
    expect(events[0].data.rules).toHaveLength(properties.securityRules.length);
    expect(events[0].data.defaultRules).toHaveLength(properties.defaultSecurityRules.length);
  });

  test("the documented Activity Log sample is a write of a group without a body", async () => {
    const text = read("azure-activity-log/rest-nsg-write-doc.json");
    expect(azureActivityLog.recognise(Buffer.from(text))).toBeGreaterThan(0.5);
    const { events, problems } = await readWith(azureActivityLog, text);
    expect(problems).toEqual([]);
    expect(events).toMatchObject([
      { type: "security-group-written", data: { phase: "succeeded", rules: null, effect: "created" } },
    ]);
  });
});
