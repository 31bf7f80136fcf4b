import { describe, expect, it } from "vitest";
import {
  askPlatformRules,
  bindsPrivateEndpoints,
  evaluate,
  type NameContents,
  notCarried,
  parsePrefix,
  platformServiceOf,
  type Rule,
  serviceTagContents,
} from "../../src/index.js";
import { setOf } from "../support/group-sets.js";
import { noNames, tuple } from "../support/tuples.js";

const space = { prefixes: [parsePrefix("10.0.0.0/16")!], whole: true };
const names: NameContents = { ...noNames, serviceTag: (tag) => serviceTagContents(tag, space) };

describe("the platform's own services", () => {
  it.each([
    ["[A1] [A15]", "outbound", "udp 10.0.0.4 5000 -> 168.63.129.16 53", "dns"],
    ["[A1] [A15]", "outbound", "tcp 10.0.0.4 5000 -> 168.63.129.16 53", "dns"],
    ["[A15]", "outbound", "tcp 10.0.0.4 5000 -> 168.63.129.16 80", "host"],
    ["[A15]", "outbound", "tcp 10.0.0.4 5000 -> 168.63.129.16 443", "host"],
    ["[A15]", "outbound", "tcp 10.0.0.4 5000 -> 168.63.129.16 32526", "host"],
    ["[A1]", "outbound", "tcp 10.0.0.4 5000 -> 169.254.169.254 80", "metadata"],
    ["[A1]", "outbound", "tcp 10.0.0.4 5000 -> 23.102.135.246 1688", "licence"],
    ["[A1]", "outbound", "tcp 10.0.0.4 5000 -> 23.102.135.246 443", null],
    ["[A15]", "outbound", "udp 0.0.0.0 68 -> 255.255.255.255 67", "dhcp"],
    ["[A15]", "inbound", "udp 168.63.129.16 67 -> 10.0.0.4 68", "dhcp"],
    ["[A15]", "inbound", "udp 10.0.0.9 67 -> 10.0.0.4 68", null],
    ["probes are not exempt", "inbound", "tcp 168.63.129.16 5000 -> 10.0.0.4 80", null],
    ["[A1]", "outbound", "tcp 10.0.0.4 5000 -> 203.0.113.7 443", null],
    ["not offered by machines", "inbound", "tcp 10.0.0.9 5000 -> 169.254.169.254 80", null],
  ] as const)("%s %s %s: %s", (_, direction, packet, expected) => {
    expect(platformServiceOf({ direction, tuple: tuple(packet), defaultRouted: false })).toBe(expected);
  });

  it("[A1] licences are not the platform's where a route takes all traffic elsewhere", () => {
    const packet = tuple("tcp 10.0.0.4 5000 -> 20.118.99.224 1688");
    expect(platformServiceOf({ direction: "outbound", tuple: packet, defaultRouted: true })).toBeNull();
  });

  it("neighbour discovery passes, and other ICMPv6 of the link does not", () => {
    const packet = (type: number) => ({ ...tuple("icmpv6 fe80::4 0 -> fe80::1 0"), icmp: type << 8 });
    const service = (type: number) =>
      platformServiceOf({ direction: "outbound", tuple: packet(type), defaultRouted: false });
    expect([133, 134, 135, 136, 137].map(service)).toEqual(["link", "link", "link", "link", "link"]);
    expect([128, 132, 138].map(service)).toEqual([null, null, null]);
  });
});

describe("[A1] a rule binds a platform service", () => {
  const dns = tuple("udp 10.0.0.4 5000 -> 168.63.129.16 53");
  const ask = (rules: readonly (string | Rule)[], tag = "AzurePlatformDNS", packet = dns) =>
    askPlatformRules(tag, { set: setOf(rules), direction: "outbound", tuple: packet, names })?.decision ?? "passes";

  it.each([
    ["where it names its tag", ["100 no-dns outbound deny * * * -> AzurePlatformDNS *"], "deny"],
    ["in any case", ["100 no-dns outbound deny udp * * -> azureplatformdns 53"], "deny"],
    ["not where it names another service's", ["100 no-imds outbound deny * * * -> AzurePlatformIMDS *"], "passes"],
    ["not where it denies everything", ["100 no outbound deny * * * -> * *"], "passes"],
    ["not where it names the address", ["100 no outbound deny * * * -> 168.63.129.16 *"], "passes"],
    ["not for another port", ["100 no-dns outbound deny udp * * -> AzurePlatformDNS 54"], "passes"],
    [
      "by the first that does",
      ["100 dns outbound allow * * * -> AzurePlatformDNS *", "200 no outbound deny * * * -> AzurePlatformDNS *"],
      "allow",
    ],
  ])("%s", (_, rules, expected) => {
    expect(ask(rules)).toBe(expected);
  });

  it.each([
    ["AzurePlatformIMDS", "tcp 10.0.0.4 5000 -> 169.254.169.254 80"],
    ["AzurePlatformLKM", "tcp 10.0.0.4 5000 -> 40.83.235.53 1688"],
  ])("%s", (tag, packet) => {
    expect(ask([`100 no outbound deny * * * -> ${tag} *`], tag, tuple(packet))).toBe("deny");
  });

  it("or may, where a rule can't be read", () => {
    const odd = { name: "odd", unreadable: "?", direction: "outbound", access: "deny", priority: 100 } as const;
    expect(ask([odd])).toBe("unknown");
  });
});

describe("a probe of a load balancer", () => {
  const probe = (...rules: string[]) =>
    evaluate(setOf(rules), "inbound", tuple("tcp 168.63.129.16 5000 -> 10.0.0.4 80"), names).decision;

  it("[A4] passes by the default rules", () => expect(probe()).toBe("allow"));
  it.each(["*", "AzureLoadBalancer"])(
    "fails where a rule denies %s (load-balancer-custom-probe-overview)",
    (source) => {
      expect(probe(`4096 no inbound deny * ${source} * -> * *`)).toBe("deny");
    },
  );
});

describe("[A17] virtual networks do not carry", () => {
  it.each([
    ["udp 10.0.0.4 5000 -> 224.0.0.251 5353", "multicast"],
    ["udp 10.0.0.4 5000 -> 255.255.255.255 9", "broadcast"],
    ["gre 10.0.0.4 0 -> 10.0.0.9 0", "gre"],
    ["4 10.0.0.4 0 -> 10.0.0.9 0", "ip-in-ip"],
    ["udp 10.0.0.4 68 -> 10.0.0.9 67", "unicast-dhcp"],
    ["udp 10.0.0.4 65330 -> 10.0.0.9 53", "reserved-port"],
    ["tcp 10.0.0.4 65330 -> 10.0.0.9 53", null],
    ["udp 10.0.0.4 53 -> 10.0.0.9 65330", null],
    ["esp 10.0.0.4 0 -> 10.0.0.9 0", null],
  ])("%s: %s", (packet, expected) => {
    expect(notCarried(tuple(packet))).toBe(expected);
  });
});

describe("groups bind private endpoints (disable-private-endpoint-network-policy)", () => {
  it.each([
    [null, false],
    ["Disabled", false],
    ["RouteTableEnabled", false],
    ["Enabled", true],
    ["NetworkSecurityGroupEnabled", true],
  ])("%s: %s", (policies, expected) => {
    expect(bindsPrivateEndpoints(policies)).toBe(expected);
  });
});
