// The six rules that every network security group has; they can only be overridden. Names and priorities: DOMAIN 1.3.

import type { RuleAccess, RuleContent, RuleDirection, RuleSide } from "./rule.js";

const side = (address: string): RuleSide => ({ addresses: [address], applicationSecurityGroups: [], ports: ["*"] });

function rule(
  [direction, priority, access]: readonly [RuleDirection, number, RuleAccess],
  name: string,
  [source, destination]: readonly [string, string],
  description: string,
): RuleContent {
  return {
    name,
    description,
    direction,
    access,
    priority,
    protocol: "*",
    source: side(source),
    destination: side(destination),
  };
}

const inNetwork = ["VirtualNetwork", "VirtualNetwork"] as const;
const anywhere = ["*", "*"] as const;

export const azureDefaultRules: readonly RuleContent[] = [
  rule(["inbound", 65_000, "allow"], "AllowVnetInBound", inNetwork, "Allow inbound traffic from all VMs in VNET"),
  rule(
    ["inbound", 65_001, "allow"],
    "AllowAzureLoadBalancerInBound",
    ["AzureLoadBalancer", "*"],
    "Allow inbound traffic from azure load balancer",
  ),
  rule(["inbound", 65_500, "deny"], "DenyAllInBound", anywhere, "Deny all inbound traffic"),
  rule(
    ["outbound", 65_000, "allow"],
    "AllowVnetOutBound",
    inNetwork,
    "Allow outbound traffic from all VMs to all VMs in VNET",
  ),
  rule(
    ["outbound", 65_001, "allow"],
    "AllowInternetOutBound",
    ["*", "Internet"],
    "Allow outbound traffic from all VMs to Internet",
  ),
  rule(["outbound", 65_500, "deny"], "DenyAllOutBound", anywhere, "Deny all outbound traffic"),
];
