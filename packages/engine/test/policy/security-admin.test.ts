import { describe, expect, it } from "vitest";
import {
  type AdminScope,
  adminOutcome,
  adminRulesApply,
  adminVerdictOf,
  evaluate,
  type RuleSet,
} from "../../src/index.js";
import { setOf } from "../support/group-sets.js";
import { noNames, tuple } from "../support/tuples.js";

const ssh = tuple("tcp 203.0.113.7 50000 -> 10.0.0.4 22");
const admin = (group: string, ...rules: string[]): RuleSet => setOf(rules, { group, kind: "security-admin" });
const outcome = (...sets: RuleSet[]) =>
  adminOutcome(adminVerdictOf(sets.map((set) => evaluate(set, "inbound", ssh, noNames)))!);

describe("security admin rules", () => {
  it.each([
    ["[A18] Allow: the network security groups go on", "allow", "go-on"],
    ["[A18] AlwaysAllow: they are not asked", "always-allow", "skip-groups"],
    ["[A18] Deny: nothing passes", "deny", "stop"],
  ])("%s", (_, access, expected) => {
    expect(outcome(admin("a", `10 r inbound ${access} tcp * * -> * 22`))).toBe(expected);
  });

  it("[A18] without one that matches, leave it to the network security groups", () => {
    expect(outcome(admin("a", "10 r inbound deny tcp * * -> * 3389"))).toBe("go-on");
    expect(outcome(admin("a"))).toBe("go-on");
  });

  it("[A18] of several collections are tried by priority", () => {
    const deny = admin("a", "20 r inbound deny tcp * * -> * 22");
    const always = admin("b", "10 r inbound always-allow tcp * * -> * 22");
    expect(outcome(deny, always)).toBe("skip-groups");
    expect(outcome(always, deny)).toBe("skip-groups");
    expect(outcome(admin("c"), deny)).toBe("stop");
    const allow = admin("d", "20 r inbound allow tcp * * -> * 22");
    expect([outcome(allow, deny), outcome(deny, allow)]).toEqual(["stop", "stop"]);
  });

  it("leave it open where one can't be read", () => {
    const odd = { name: "odd", unreadable: "?", direction: "inbound", access: "deny", priority: 1 } as const;
    expect(outcome(setOf([odd], { group: "a", kind: "security-admin" }))).toBe("unsettled");
  });
});

describe("security admin rules bind a subnet (concept-security-admins)", () => {
  const scope: AdminScope = { subnetName: "web", inSubnet: [], inNetwork: [], privateEndpoint: false };

  it.each<[string, Partial<AdminScope>, boolean]>([
    ["of machines", {}, true],
    ["not of Azure Firewall", { subnetName: "AzureFirewallSubnet" }, false],
    ["not of Bastion", { subnetName: "azurebastionsubnet" }, false],
    ["not of gateways", { subnetName: "GatewaySubnet" }, false],
    ["not of Route Server", { subnetName: "RouteServerSubnet" }, false],
    ["not of an application gateway", { inSubnet: ["application-gateway"] }, false],
    ["also beside an application gateway's", { inNetwork: ["application-gateway"] }, true],
    ["not in a network of SQL managed instances", { inNetwork: ["sql-managed-instance"] }, false],
    ["not in a network of Databricks", { inNetwork: ["databricks"] }, false],
    ["not its private endpoints", { privateEndpoint: true }, false],
  ])("%s", (_, more, expected) => {
    expect(adminRulesApply({ ...scope, ...more })).toBe(expected);
  });
});
