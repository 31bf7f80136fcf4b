import { describe, expect, test } from "vitest";
import { azureResource } from "../../src/importers/azure-resource.js";
import { parseDurationSeconds } from "../../src/importers/duration.js";
import { readWith } from "../support/importing.js";

const scope = "/subscriptions/s1/resourceGroups/rg/providers";
const policyId = `${scope}/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default`;
const machine = `${scope}/Microsoft.Compute/virtualMachines/vm1`;
const port = { number: 22, protocol: "TCP", allowedSourceAddressPrefix: "*", maxRequestAccessDuration: "PT3H" };

const policy = (ports: readonly object[], requests: readonly object[] = []) => ({
  id: policyId,
  name: "default",
  kind: "Basic",
  type: "Microsoft.Security/locations/jitNetworkAccessPolicies",
  virtualMachines: [{ id: machine, ports }],
  requests,
});

const load = (resource: object) => readWith(azureResource, JSON.stringify([resource]));
const at = (text: string) => Date.parse(`2026-03-18T${text}:00Z`) * 1000;

test.each([
  ["PT3H", 10_800],
  ["P1D", 86_400],
  ["PT1H30M", 5400],
  ["PT300.5S", 300],
  ["3:00:00", 10_800],
  ["1 day, 0:00:00", 86_400],
  ["P", null],
  ["PT", null],
  ["3 hours", null],
])("the duration %s is %s seconds", (text, seconds) => {
  expect(parseDurationSeconds(text)).toBe(seconds);
});

describe("a just-in-time policy", () => {
  test("[A12] has machines and ports with protocol, sources and longest access", async () => {
    const rdp = {
      number: 3389,
      protocol: "*",
      allowedSourceAddressPrefixes: ["10.0.0.0/8", "192.0.2.1"],
      maxRequestAccessDuration: "P1D",
    };
    const { events, problems } = await load(policy([rdp, port]));
    expect(problems).toEqual([]);
    expect(events).toMatchObject([
      {
        type: "access-policy-seen",
        data: {
          policy: policyId,
          name: "default",
          machines: [
            {
              machine,
              ports: [
                { port: 22, protocol: "tcp", sources: ["*"], maxDurationSeconds: 10_800 },
                { port: 3389, protocol: "*", sources: ["10.0.0.0/8", "192.0.2.1"], maxDurationSeconds: 86_400 },
              ],
            },
          ],
        },
      },
    ]);
  });

  test("[A12] reads alike with `properties`, as REST gives it", async () => {
    const { id, name, type, kind, ...properties } = policy([port]);
    const [flat, rest] = await Promise.all([load(policy([port])), load({ id, name, type, kind, properties })]);
    expect(rest.events).toEqual(flat.events);
  });

  test.each([
    [{ maxRequestAccessDuration: "PT4M" }, /5 minutes to 1 day/],
    [{ maxRequestAccessDuration: "P2D" }, /5 minutes to 1 day/],
    [{ maxRequestAccessDuration: null }, /no `maxRequestAccessDuration`/],
    [{ number: 65_536 }, /`65536` is no port; the port is left out/],
    [{ protocol: "SCTP" }, /protocol `sctp` of port 22 is none of TCP, UDP/],
  ])("with %j at a port is a problem that names the machine", async (change, because) => {
    const { events, problems } = await load(policy([{ ...port, ...change }]));
    expect(problems).toMatchObject([{ record: 1, message: expect.stringMatching(because) }]);
    expect(problems[0]!.message).toContain("machine `vm1`");
    expect(events).toHaveLength(1);
  });
});

describe("the requests that a policy lists", () => {
  const request = (from: string, until: string, outcome: object) => ({
    startTimeUtc: `2026-03-18T${from}:00Z`,
    requestor: "alice@x.example",
    justification: "incident 7",
    virtualMachines: [
      {
        id: machine,
        ports: [
          { number: 22, allowedSourceAddressPrefix: "203.0.113.7", endTimeUtc: `2026-03-18T${until}:00Z`, ...outcome },
        ],
      },
    ],
  });
  const factsOf = async (...requests: object[]) => {
    const { events, problems, notes } = await load(policy([port], requests));
    expect(problems).toEqual([]);
    return { events: events.filter(({ type }) => type !== "access-policy-seen"), notes };
  };

  test("[A12] were granted when they began, to whom they name", async () => {
    const { events } = await factsOf(request("09:00", "12:00", { status: "Initiated" }));
    expect(events).toMatchObject([
      {
        type: "access-requested",
        time: at("09:00"),
        actor: { who: "alice@x.example", from: null, correlationId: null },
        data: {
          policy: policyId.toLowerCase(),
          phase: "succeeded",
          justification: "incident 7",
          grants: [{ machine, port: 22, sources: ["203.0.113.7"], until: at("12:00") }],
        },
      },
    ]);
  });

  test("[A12] ended by time, or when a newer request began", async () => {
    const { events } = await factsOf(
      request("09:00", "12:00", { status: "Revoked", statusReason: "NewerRequestInitiated" }),
      request("10:00", "11:00", { status: "Revoked", statusReason: "Expired" }),
    );
    expect(events.filter(({ type }) => type === "access-ended")).toMatchObject([
      { time: at("10:00"), data: { because: "renewed", granted: at("09:00"), machine, port: 22 } },
      { time: at("11:00"), data: { because: "expired", granted: at("10:00") } },
    ]);
  });

  test("[A12] that somebody revoked don't say when: only the grant is kept", async () => {
    const { events, notes } = await factsOf(
      request("09:00", "12:00", { status: "Revoked", statusReason: "UserRequested" }),
    );
    expect(events.map(({ type }) => type)).toEqual(["access-requested"]);
    expect(notes).toEqual([expect.stringContaining("don't say when they were revoked")]);
  });

  test("[A12] of an unknown status, or without a beginning, are problems", async () => {
    const wrong = [request("09:00", "12:00", { status: "Perhaps" }), { virtualMachines: [] }];
    const { problems } = await load(policy([port], wrong));
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("have no `startTimeUtc`"),
      expect.stringContaining("the status `perhaps`"),
    ]);
  });
});
