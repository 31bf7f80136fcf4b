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
    ["[A6] Tcp", { protocol: "Tcp" }, { protocol: "tcp" }],
    ["[A6] Udp", { protocol: "Udp" }, { protocol: "udp" }],
    ["[A6] Icmp", { protocol: "Icmp" }, { protocol: "icmp" }],
    ["[A6] Esp", { protocol: "Esp" }, { protocol: "esp" }],
    ["[A6] Ah", { protocol: "Ah" }, { protocol: "ah" }],
    ["[A6] *", { protocol: "*" }, { protocol: "*" }],
    ["OBS: TCP", { protocol: "TCP" }, { protocol: "tcp" }],
    ["OBS: UDP", { protocol: "UDP" }, { protocol: "udp" }],
    ["[A26] All", { protocol: "All" }, { protocol: "*" }],
    ["[A6] Deny", { access: "Deny" }, { access: "deny" }],
    ["[A6] in any case", { access: "DENY" }, { access: "deny" }],
    ["[A6] Outbound", { direction: "Outbound" }, { direction: "outbound" }],
    ["[A6] in any case", { direction: "outBound" }, { direction: "outbound" }],
    ["[A6] the least priority", { priority: 100 }, { priority: 100 }],
    ["[A6] the greatest priority", { priority: 4096 }, { priority: 4096 }],
    ["a priority as text", { priority: "300" }, { priority: 300 }],
    ["[A6] a description", { description: "for the office" }, { description: "for the office" }],
    ["[A6] nothing of provisioningState", { provisioningState: "Succeeded", etag: "W/1" }, { name: "allow-ssh" }],
  ])("reads %s: %j", (_, change, read) => {
    expect(readAzureRule({ ...rule, ...change })).toMatchObject(read);
  });

  test.each([
    ["[A6] a port", { destinationPortRange: "22" }, ["22"]],
    ["[A6] a range", { destinationPortRange: "10000-10005" }, ["10000-10005"]],
    ["[A6] any port", { destinationPortRange: "*" }, ["*"]],
    ["[A6] 0 to 65535 is any", { destinationPortRange: "0-65535" }, ["*"]],
    ["[A26] a range of one", { destinationPortRange: "456-456" }, ["456"]],
    ["OBS: the plural is empty beside the singular", { destinationPortRange: "22", destinationPortRanges: [] }, ["22"]],
    ["OBS: the singular is absent beside the plural", { destinationPortRanges: ["443", "22"] }, ["22", "443"]],
    [
      "the singular is null or blank beside the plural",
      { destinationPortRange: "", destinationPortRanges: ["22"] },
      ["22"],
    ],
    [
      "[A6] source ports alike",
      { sourcePortRange: undefined, sourcePortRanges: ["1-9"], destinationPortRange: "*" },
      ["*"],
    ],
  ])("reads ports: %s", (_, change, ports) => {
    const read = readAzureRule({ ...rule, destinationPortRanges: undefined, ...change });
    expect(read).toMatchObject({ destination: { ports } });
    if ("sourcePortRanges" in change) expect(read).toMatchObject({ source: { ports: change.sourcePortRanges } });
  });

  const group = (name: string) => ({ id: `/subscriptions/s/applicationSecurityGroups/${name}` });
  test.each([
    ["[A6] an address", { sourceAddressPrefix: "10.0.0.4" }, { addresses: ["10.0.0.4"] }],
    ["[A6] a prefix", { sourceAddressPrefix: "10.0.0.0/8" }, { addresses: ["10.0.0.0/8"] }],
    ["[A6] IPv6", { sourceAddressPrefix: "FD00::/8" }, { addresses: ["fd00::/8"] }],
    ["[A6] any", { sourceAddressPrefix: "*" }, { addresses: ["*"] }],
    ["OBS: Any", { sourceAddressPrefix: "Any" }, { addresses: ["*"] }],
    ["[A6] a service tag", { sourceAddressPrefix: "Storage.WestUS" }, { addresses: ["Storage.WestUS"] }],
    [
      "OBS: the plural is empty beside the singular",
      { sourceAddressPrefix: "10.0.0.4", sourceAddressPrefixes: [] },
      { addresses: ["10.0.0.4"] },
    ],
    [
      "OBS: the singular is absent beside the plural",
      { sourceAddressPrefixes: ["10.0.0.4", "10.0.0.9"] },
      { addresses: ["10.0.0.4", "10.0.0.9"] },
    ],
    [
      "[A5] several application security groups",
      { sourceApplicationSecurityGroups: [group("b"), group("a")] },
      { addresses: [], applicationSecurityGroups: [group("a").id, group("b").id] },
    ],
  ])("reads addresses: %s", (_, change, source) => {
    expect(readAzureRule({ ...rule, sourceAddressPrefix: undefined, ...change })).toMatchObject({ source });
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
