// Security admin rules of an Azure virtual network manager: they come before the network security groups, and can let
// traffic pass those unasked (DOMAIN 1.4).

import type { SubnetOccupant } from "../event.js";
import type { GroupVerdict } from "./evaluate.js";

/**
 * Several collections may bind one network: the verdict of the rule with the lowest priority number counts, and of equal
 * ones a denial, since no source says. Null: none binds it.
 */
export function adminVerdictOf(verdicts: readonly GroupVerdict[]): GroupVerdict | null {
  const unknown = verdicts.find(({ decision }) => decision === "unknown");
  if (unknown !== undefined) return unknown;
  const [first = null, ...others] = verdicts;
  return others.reduce((best, verdict) => (best !== null && comesBefore(verdict, best) ? verdict : best), first);
}

function comesBefore(a: GroupVerdict, b: GroupVerdict): boolean {
  const order = priorityOf(a) - priorityOf(b);
  return order < 0 || (order === 0 && a.decision === "deny");
}

function priorityOf(verdict: GroupVerdict): number {
  if (verdict.decision === "unknown" || verdict.decidedBy.content.kind !== "known") return 0;
  return verdict.decidedBy.content.rule.priority ?? 0;
}

/** Subnets that the platform's own services need by name (concept-security-admins, 2025-02). */
const exemptSubnets = new Set(["azurefirewallsubnet", "azurebastionsubnet", "gatewaysubnet", "routeserversubnet"]);

/** Services that free the whole network, unless its manager was told otherwise (concept-security-admins, 2025-02). */
const freeingNetwork: readonly SubnetOccupant[] = ["sql-managed-instance", "databricks"];

export type AdminScope = {
  readonly subnetName: string;
  readonly inSubnet: readonly SubnetOccupant[];
  readonly inNetwork: readonly SubnetOccupant[];
  readonly privateEndpoint: boolean;
};

/** Whether admin rules bind what is there. An application gateway is taken to be without network isolation. */
export function adminRulesApply({ subnetName, inSubnet, inNetwork, privateEndpoint }: AdminScope): boolean {
  if (privateEndpoint || exemptSubnets.has(subnetName.toLowerCase())) return false;
  return !inSubnet.includes("application-gateway") && !freeingNetwork.some((service) => inNetwork.includes(service));
}
