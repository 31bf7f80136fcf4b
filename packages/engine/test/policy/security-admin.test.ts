import { describe, expect, it } from "vitest";
import { type AdminScope, adminRulesApply, adminVerdictOf, evaluate, type RuleSet } from "../../src/index.js";
import { setOf } from "../support/group-sets.js";
import { noNames, tuple } from "../support/tuples.js";

const ssh = tuple("tcp 203.0.113.7 50000 -> 10.0.0.4 22");
const admin = (group: string, ...rules: string[]): RuleSet => setOf(rules, { group, kind: "security-admin" });
const decision = (...sets: RuleSet[]) =>
  adminVerdictOf(sets.map((set) => evaluate(set, "inbound", ssh, noNames)))!.decision;

describe("security admin rules", () => {
  it.each([
    ["[A18] Allow: the network security groups go on", "allow"],
    ["[A18] AlwaysAllow: they are not asked", "always-allow"],
    ["[A18] Deny: nothing passes", "deny"],
  ])("%s", (_, access) => {
    expect(decision(admin("a", `10 r inbound ${access} tcp * * -> * 22`))).toBe(access);
  });

  it("[A18] without one that matches, leave it to the network security groups", () => {
    expect(decision(admin("a", "10 r inbound deny tcp * * -> * 3389"))).toBe("allow");
    expect(decision(admin("a"))).toBe("allow");
  });

  it("[A18] of several collections are tried by priority", () => {
    const deny = admin("a", "20 r inbound deny tcp * * -> * 22");
    const always = admin("b", "10 r inbound always-allow tcp * * -> * 22");
    expect(decision(deny, always)).toBe("always-allow");
    expect(decision(always, deny)).toBe("always-allow");
    expect(decision(admin("c"), deny)).toBe("deny");
    const allow = admin("d", "20 r inbound allow tcp * * -> * 22");
    expect([decision(allow, deny), decision(deny, allow)]).toEqual(["deny", "deny"]);
  });

  it("leave it open where one can't be read", () => {
    const odd = { name: "odd", unreadable: "?", direction: "inbound", access: "deny", priority: 1 } as const;
    expect(decision(setOf([odd], { group: "a", kind: "security-admin" }))).toBe("unknown");
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
