// The rules that a group has without anybody writing them, and what holds where no rule of it matches. Names and
// priorities of Azure's six: DOMAIN 1.3; the others: DOMAIN 1.4, 2.5, 2.6.

import type { GroupKind } from "../event.js";
import { unreachable } from "../unreachable.js";
import type { RuleAccess, RuleContent, RuleDirection, RuleSide } from "./rule.js";

const side = (address: string): RuleSide => ({ addresses: [address], applicationSecurityGroups: [], ports: ["*"] });

function rule(
  [direction, priority, access]: readonly [RuleDirection, number, RuleAccess],
  name: string,
  [source, destination]: readonly [string, string],
  description: string | null = null,
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

/** Behind every number that a user's rule can have, so that it is tried last. */
const last = 65_536;

/** A security group holds rules that allow; what none of them allows is denied [W2]. */
const awsImplicitDeny: readonly RuleContent[] = [
  rule(["inbound", last, "deny"], "implicit deny inbound", anywhere),
  rule(["outbound", last, "deny"], "implicit deny outbound", anywhere),
];

/** The final `*` of a network ACL: 32767 for IPv4, 32768 for IPv6 [W5]. */
const aclFinalDeny: readonly RuleContent[] = [
  rule(["inbound", 32_767, "deny"], "ingress *", ["0.0.0.0/0", "*"]),
  rule(["inbound", 32_768, "deny"], "ingress * IPv6", ["::/0", "*"]),
  rule(["outbound", 32_767, "deny"], "egress *", ["*", "0.0.0.0/0"]),
  rule(["outbound", 32_768, "deny"], "egress * IPv6", ["*", "::/0"]),
];

/** Where no security admin rule matches, the network security groups are asked [A18]. */
const adminFallThrough: readonly RuleContent[] = [
  rule(["inbound", last, "allow"], "no admin rule inbound", anywhere),
  rule(["outbound", last, "allow"], "no admin rule outbound", anywhere),
];

export function defaultRulesOf(kind: GroupKind): readonly RuleContent[] {
  switch (kind) {
    case "network-security-group":
      return azureDefaultRules;
    case "security-group":
      return awsImplicitDeny;
    case "network-acl":
      return aclFinalDeny;
    case "security-admin":
      return adminFallThrough;
    default:
      return unreachable(kind);
  }
}
