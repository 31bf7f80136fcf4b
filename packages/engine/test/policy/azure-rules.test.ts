import { describe, expect, it } from "vitest";
import {
  AddressSet,
  evaluate,
  type NameContents,
  parseAddress,
  parsePrefix,
  type RuleContent,
  type RuleDirection,
  serviceTagContents,
} from "../../src/index.js";
import { setOf } from "../support/group-sets.js";
import { tuple } from "../support/tuples.js";

const members = AddressSet.ofAddresses([parseAddress("10.0.0.4")!]);
const names: NameContents = {
  serviceTag: (tag) => serviceTagContents(tag, { prefixes: [parsePrefix("10.0.0.0/16")!], whole: true }),
  group: (id) => ({ inside: id === "web-servers" ? members : AddressSet.none, doubtful: AddressSet.none }),
};

function said(rules: readonly string[], packet: string, direction: RuleDirection = "inbound"): string {
  const verdict = evaluate(setOf(rules), direction, tuple(packet), names);
  return verdict.decision === "unknown" ? "unknown" : `${verdict.decision} ${verdict.decidedBy.rule}`;
}

describe("[A1] OBS: the default rules, as real exports name them", () => {
  const known = setOf([]).versions.map(({ content }) => (content as { readonly rule: RuleContent }).rule);

  it.each([
    ["inbound", 65_000, "AllowVnetInBound", "VirtualNetwork", "VirtualNetwork", "allow"],
    ["inbound", 65_001, "AllowAzureLoadBalancerInBound", "AzureLoadBalancer", "*", "allow"],
    ["inbound", 65_500, "DenyAllInBound", "*", "*", "deny"],
    ["outbound", 65_000, "AllowVnetOutBound", "VirtualNetwork", "VirtualNetwork", "allow"],
    ["outbound", 65_001, "AllowInternetOutBound", "*", "Internet", "allow"],
    ["outbound", 65_500, "DenyAllOutBound", "*", "*", "deny"],
  ])("%s %i %s", (direction, priority, name, source, destination, access) => {
    const rule = known.find((candidate) => candidate.name === name)!;
    const { addresses } = rule.source;
    expect([rule.direction, rule.priority, addresses, rule.destination.addresses, rule.access, rule.protocol]).toEqual([
      direction,
      priority,
      [source],
      [destination],
      access,
      "*",
    ]);
  });
});

describe("rules of a network security group", () => {
  const ssh = "tcp 203.0.113.7 50000 -> 10.0.0.4 22";
  const allow = "300 allow inbound allow tcp * * -> * 22";

  it.each([
    [
      "[A1] the lower number is first, and processing stops there",
      ["200 deny inbound deny * * * -> * *", allow],
      "deny deny",
    ],
    ["[A1] a default rule is overridden by any user's", ["4096 allow inbound allow * * * -> * *"], "allow allow"],
    ["[A1] one number serves both directions", ["300 out outbound deny tcp * * -> * 22", allow], "allow allow"],
    [
      "[A1] several prefixes and ranges in one rule",
      ["300 many inbound allow tcp 198.51.100.0/24,203.0.113.0/24 * -> * 80,20-25"],
      "allow many",
    ],
    ["[A1] the source port counts", ["300 from inbound allow tcp * 1-1024 -> * 22"], "deny DenyAllInBound"],
    [
      "[A3] a rule for a group applies to its members",
      ["300 asg inbound allow tcp * * -> asg:web-servers 22"],
      "allow asg",
    ],
    ["[A3] and to nobody else", ["300 asg inbound allow tcp * * -> asg:other 22"], "deny DenyAllInBound"],
    ["[A3] nor as a source", ["300 asg inbound allow tcp asg:web-servers * -> * 22"], "deny DenyAllInBound"],
  ])("%s", (_, rules, expected) => {
    expect(said(rules, ssh)).toBe(expected);
  });

  it.each([
    ["[A1] any is TCP", "tcp 10.0.0.9 1 -> 10.0.0.4 22"],
    ["[A1] any is UDP", "udp 10.0.0.9 1 -> 10.0.0.4 22"],
    ["[A1] any is ICMP", "icmp 10.0.0.9 0 -> 10.0.0.4 0"],
    ["NS: any is taken to be ESP too", "esp 10.0.0.9 0 -> 10.0.0.4 0"],
    ["NS: any is taken to be AH too", "ah 10.0.0.9 0 -> 10.0.0.4 0"],
  ])("%s", (_, packet) => {
    expect(said([], packet)).toBe("allow AllowVnetInBound");
  });

  it.each(["icmp", "esp", "ah"])("NS: of %s have no ports, whatever they name", (protocol) => {
    expect(said([`300 r inbound allow ${protocol} * * -> * 22`], `${protocol} 203.0.113.7 0 -> 10.0.0.4 0`)).toBe(
      "allow r",
    );
  });
});
