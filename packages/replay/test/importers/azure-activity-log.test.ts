import { describe, expect, test } from "vitest";
import { azureActivityLog } from "../../src/importers/azure-activity-log.js";
import { readWith } from "../support/importing.js";

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
