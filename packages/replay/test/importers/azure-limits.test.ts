import { describe, expect, test } from "vitest";
import { azureActivityLog } from "../../src/importers/azure-activity-log.js";
import { azureResource } from "../../src/importers/azure-resource.js";
import { readWith } from "../support/importing.js";

const network = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network";
const base = {
  name: "allow-ssh",
  protocol: "Tcp",
  access: "Allow",
  direction: "Inbound",
  priority: 100,
  sourcePortRange: "*",
  sourceAddressPrefix: "203.0.113.7",
  destinationAddressPrefix: "*",
  destinationPortRange: "22",
};

const asgs = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ id: `${network}/applicationSecurityGroups/asg-${from + index}` }));
const addresses = (count: number) =>
  Array.from({ length: count }, (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);

function readRules(rules: readonly object[]) {
  const group = { id: `${network}/networkSecurityGroups/nsg`, name: "nsg", securityRules: rules };
  return readWith(azureResource, JSON.stringify(group));
}

async function problemsOf(rules: readonly object[]): Promise<string[]> {
  return (await readRules(rules)).problems.map(({ message }) => message);
}

// DOMAIN 1.1 [A1][A6] and 1.2 [A5].
describe("limits of a rule [A1] [A5] [A6]", () => {
  test.each([
    ["a name of 80 characters", { name: "a".repeat(80) }, { name: "a".repeat(81) }, /80 characters/],
    ["a name that ends with `_`", { name: "a-b.c_" }, { name: "a-b-" }, /end with one or `_`/],
    ["a name of word characters", { name: "9lives" }, { name: "allow ssh" }, /hold only those/],
    ["a description of 140", { description: "x".repeat(140) }, { description: "x".repeat(141) }, /140 characters/],
    ["priority 100", { priority: 100 }, { priority: 99 }, /priority `99` is not 100 to 4096/],
    ["priority 4096", { priority: 4096 }, { priority: 4097 }, /priority `4097` is not 100 to 4096/],
    [
      "10 application security groups a side",
      { sourceAddressPrefix: null, sourceApplicationSecurityGroups: asgs(10) },
      { sourceAddressPrefix: null, sourceApplicationSecurityGroups: asgs(11) },
      /more than 10 application security groups/,
    ],
    [
      "one service tag a side",
      { sourceAddressPrefix: "Storage", destinationAddressPrefix: "Sql" },
      { sourceAddressPrefix: null, sourceAddressPrefixes: ["Storage", "Sql"] },
      /more than one service tag/,
    ],
    [
      "several addresses a side",
      { sourceAddressPrefix: null, sourceAddressPrefixes: ["10.0.0.4", "10.0.0.0/8"] },
      { sourceAddressPrefix: null, sourceAddressPrefixes: ["10.0.0.4", "Storage"] },
      /two of these together/,
    ],
    [
      "an application security group alone on a side",
      { sourceAddressPrefix: null, sourceApplicationSecurityGroups: asgs(1) },
      { sourceAddressPrefix: "10.0.0.4", sourceApplicationSecurityGroups: asgs(1) },
      /two of these together/,
    ],
    [
      "4,000 addresses a side",
      { sourceAddressPrefix: null, sourceAddressPrefixes: addresses(4000) },
      { sourceAddressPrefix: null, sourceAddressPrefixes: addresses(4001) },
      /more than 4,000 addresses/,
    ],
  ])("%s is taken, and more is a problem that names the rule, which is kept", async (_, within, beyond, because) => {
    expect(await problemsOf([{ ...base, ...within }])).toEqual([]);
    const { events, problems } = await readRules([{ ...base, ...beyond }]);
    expect(problems).toMatchObject([{ record: 1, message: expect.stringMatching(because) }]);
    expect(problems[0]!.message).toContain(`rule \`${"name" in beyond ? beyond.name : base.name}\``);
    expect(events).toMatchObject([{ data: { rules: [{ access: "allow" }] } }]);
    expect(events[0]!.data).not.toHaveProperty("rules.0.unreadable");
  });
});

describe("limits of a group [A1] [A5]", () => {
  const rules = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...base, name: `r${index}`, priority: 100 + index }));

  test("two rules of one direction and priority are told; of two directions they are not", async () => {
    expect(await problemsOf([base, { ...base, name: "other", direction: "Outbound" }])).toEqual([]);
    expect(await problemsOf([base, { ...base, name: "other" }])).toEqual([
      "rules `allow-ssh`, `other` have one priority and direction, which Azure refuses",
    ]);
  });

  test("1,000 rules are taken, 1,001 are told", async () => {
    expect(await problemsOf(rules(1000))).toEqual([]);
    expect(await problemsOf(rules(1001))).toEqual(["the group has 1001 rules; Azure refuses more than 1,000"]);
  });

  test("100 application security groups are taken, 101 are told", async () => {
    const naming = (count: number) =>
      Array.from({ length: Math.ceil(count / 10) }, (_, index) => ({
        ...base,
        name: `r${index}`,
        priority: 100 + index,
        sourceAddressPrefix: undefined,
        sourceApplicationSecurityGroups: asgs(Math.min(10, count - index * 10), index * 10),
      }));
    expect(await problemsOf(naming(100))).toEqual([]);
    expect(await problemsOf(naming(101))).toEqual([expect.stringContaining("name 101 application security groups")]);
  });

  test("default rules have priorities of their own", async () => {
    const group = {
      id: `${network}/networkSecurityGroups/nsg`,
      securityRules: [],
      defaultSecurityRules: [{ ...base, name: "DenyAllInBound", priority: 65_500 }],
    };
    expect((await readWith(azureResource, JSON.stringify(group))).problems).toEqual([]);
  });
});

test("[A5] an address may be a member of 20 application security groups", async () => {
  const problems = async (count: number) => {
    const address = { privateIPAddress: "10.0.0.4", applicationSecurityGroups: asgs(count) };
    const nic = { id: `${network}/networkInterfaces/nic`, ipConfigurations: [address] };
    return (await readWith(azureResource, JSON.stringify(nic))).problems.map(({ message }) => message);
  };
  expect(await problems(20)).toEqual([]);
  expect(await problems(21)).toEqual([expect.stringContaining("`10.0.0.4` is a member of 21")]);
});

describe("rules that the Activity Log writes", () => {
  const record = (resultType: string, properties: object = {}) => ({
    time: "2026-03-18T10:00:00Z",
    resourceId: `${network}/networkSecurityGroups/nsg/securityRules/allow-ssh`,
    operationName: "Microsoft.Network/networkSecurityGroups/securityRules/write",
    resultType,
    correlationId: "c1",
    properties,
  });
  const started = record("Start", { requestbody: JSON.stringify({ properties: { ...base, priority: 50 } }) });
  const problems = async (...records: object[]) =>
    (await readWith(azureActivityLog, JSON.stringify(records))).problems.map((problem) => problem);

  test("are checked where the operation succeeded, whichever record has the body", async () => {
    const told = {
      kind: "over-limit",
      record: 2,
      offset: expect.any(Number),
      message: expect.stringContaining("rule `allow-ssh`: its priority `50`"),
    };
    expect(await problems(started, record("Success"))).toEqual([told]);
  });

  test("are no problem where Azure refused them", async () => {
    expect(await problems(started, record("Failure"))).toEqual([]);
  });
});
