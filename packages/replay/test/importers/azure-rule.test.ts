import { describe, expect, test } from "vitest";
import { readAzureRule } from "../../src/importers/azure-rule.js";

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
