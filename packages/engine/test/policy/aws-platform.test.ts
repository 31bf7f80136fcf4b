import { describe, expect, it } from "vitest";
import { crossesSubnetEdge, evaluate, neverFiltered, parsePrefix, type RuleDirection } from "../../src/index.js";
import { setOf } from "../support/group-sets.js";
import { noNames, tuple } from "../support/tuples.js";

const subnetPrefixes = ["10.0.3.0/24", "2001:db8:3::/64"].map((text) => parsePrefix(text)!);
const network = { primaryPrefix: parsePrefix("10.0.0.0/16"), subnetPrefixes };

describe("[W1] [W5] neither groups nor ACLs filter", () => {
  it.each([
    ["udp 10.0.3.4 5000 -> 10.0.0.2 53", "dns"],
    ["udp 10.0.0.2 53 -> 10.0.3.4 5000", "dns"],
    ["udp 10.0.3.4 5000 -> 169.254.169.253 53", "dns"],
    ["tcp 10.0.3.4 5000 -> 169.254.169.254 80", "metadata"],
    ["tcp fd00::4 5000 -> fd00:ec2::254 80", "metadata"],
    ["tcp 10.0.3.4 5000 -> 169.254.170.2 80", "task-metadata"],
    ["udp 10.0.3.4 123 -> 169.254.169.123 123", "time"],
    ["tcp 10.0.3.4 5000 -> 169.254.169.250 1688", "licence"],
    ["udp 0.0.0.0 68 -> 255.255.255.255 67", "dhcp"],
    ["udp 10.0.3.1 67 -> 10.0.3.4 68", "dhcp"],
    ["udp fe80::1 547 -> fe80::4 546", "dhcp"],
    ["icmp 10.0.3.1 0 -> 10.0.3.4 0", "router"],
    ["udp 10.0.3.4 5000 -> 10.0.3.2 53", null],
    ["udp 10.0.3.4 68 -> 10.0.3.9 68", null],
    ["tcp 10.0.3.4 5000 -> 10.0.4.1 80", null],
    ["tcp 2001:db8:3::4 5000 -> 2001:db8:3::1 80", null],
    ["tcp 10.0.3.4 5000 -> 169.254.169.1 80", null],
  ])("%s: %s", (packet, expected) => {
    expect(neverFiltered(tuple(packet), network)).toBe(expected);
  });
});

describe("a network ACL", () => {
  it("[W5] is asked where traffic enters or leaves the subnet, and not within it", () => {
    expect(crossesSubnetEdge("subnet-a", "SUBNET-A")).toBe(false);
    expect(crossesSubnetEdge("subnet-a", "subnet-b")).toBe(true);
    expect(crossesSubnetEdge("subnet-a", null)).toBe(true);
  });

  const acl = setOf(
    ["200 late inbound deny tcp 0.0.0.0/0 * -> * 22", "100 early inbound allow tcp 0.0.0.0/0 * -> * 22"],
    { group: "acl-1", kind: "network-acl" },
  );
  const said = (packet: string, direction: RuleDirection) => {
    const verdict = evaluate(acl, direction, tuple(packet), noNames);
    return verdict.decision === "unknown" ? "unknown" : `${verdict.decision} ${verdict.decidedBy.rule}`;
  };

  it.each([
    ["[W5] the lowest number that matches decides", "inbound", "tcp 203.0.113.7 5000 -> 10.0.3.4 22", "allow early"],
    ["[W5] replies need a rule of their own", "outbound", "tcp 10.0.3.4 22 -> 203.0.113.7 5000", "deny egress *"],
    ["[W5] the final rule denies the rest", "inbound", "udp 203.0.113.7 5000 -> 10.0.3.4 53", "deny ingress *"],
    ["[W5] IPv6 has a final rule too", "inbound", "tcp 2001:db8::7 5000 -> 2001:db8::4 22", "deny ingress * IPv6"],
  ] as const)("%s", (_, direction, packet, expected) => {
    expect(said(packet, direction)).toBe(expected);
  });

  it("[W5] is by default one that allows all, both ways and of both families", () => {
    const rules = ["inbound", "outbound"].flatMap((direction) => {
      const from = (all: string) => (direction === "inbound" ? `${all} * -> * *` : `* * -> ${all} *`);
      return [
        `100 ${direction}4 ${direction} allow * ${from("0.0.0.0/0")}`,
        `101 ${direction}6 ${direction} allow * ${from("::/0")}`,
      ];
    });
    const byDefault = setOf(rules, { group: "acl-1", kind: "network-acl" });
    const packets = ["tcp 203.0.113.7 5 -> 10.0.3.4 22", "esp 2001:db8::7 0 -> 2001:db8::4 0"].map(tuple);
    const decided = (["inbound", "outbound"] as const).flatMap((direction) =>
      packets.map((packet) => evaluate(byDefault, direction, packet, noNames).decision),
    );
    expect(decided).toEqual(["allow", "allow", "allow", "allow"]);
  });

  it("[W5] shows its final rules itself, where a snapshot has them", () => {
    const shown = setOf(["32767 final inbound deny * 0.0.0.0/0 * -> * *"], { group: "acl-1", kind: "network-acl" });
    const names = shown.versions.map(({ rule, isDefault }) => `${rule}${isDefault ? " (default)" : ""}`);
    expect(names.sort()).toEqual([
      "egress * (default)",
      "egress * IPv6 (default)",
      "final",
      "ingress * IPv6 (default)",
    ]);
  });
});
