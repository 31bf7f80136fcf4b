// Whether a rule says what a grant of just-in-time access would have it say: port, protocol, source and machine.

import type { ResourceId } from "../event.js";
import { nameOfId } from "../resource-id.js";
import { type Address, contains, parsePrefix } from "../wire/address.js";
import { coversSource } from "./access-end.js";
import type { AccessGrant } from "./access-grant.js";
import { readAccessRuleDescription } from "./access-rule.js";
import { parsePortRange, type RuleContent } from "./rule.js";

/** Addresses that the grant's machine had then; empty: not known. */
type Addresses = readonly Address[];

/** What is not known of a grant or its machine speaks against nothing. */
export function fits(rule: RuleContent, grant: AccessGrant, addresses: Addresses): boolean {
  const { protocol, sources } = grant;
  const sameProtocol = protocol === null || rule.protocol === "*" || rule.protocol === protocol;
  const sameSource = sources.length === 0 || sources.some((source) => admits(rule, source));
  return sameProtocol && sameSource && isForPort(rule, grant, addresses);
}

/** Port and machine alone. */
export function isForPort(rule: RuleContent, grant: AccessGrant, addresses: Addresses): boolean {
  return coversPort(rule, grant.port) && isForMachine(rule, grant, addresses) !== "no";
}

export function coversPort({ destination }: RuleContent, port: number): boolean {
  const ranges = destination.ports.map(parsePortRange).filter((range) => range !== null);
  return ranges.some(({ first, last }) => first <= port && port <= last);
}

function admits({ source }: RuleContent, wanted: string): boolean {
  return source.addresses.some((address) => coversSource(address, wanted));
}

/** The description names policy and machine; else the destination is the machine's private address (DOMAIN 3.3). */
export function isForMachine(
  { description, destination }: RuleContent,
  { policy, machine }: AccessGrant,
  addresses: Addresses,
): "yes" | "no" | "not known" {
  const said = readAccessRuleDescription(description);
  if (said !== null) return isCalled(machine, said.machineName) && isCalled(policy, said.policyName) ? "yes" : "no";
  if (addresses.length === 0 || destination.addresses.includes("*")) return "not known";
  const prefixes = destination.addresses.map(parsePrefix).filter((prefix) => prefix !== null);
  return addresses.some((address) => prefixes.some((prefix) => contains(prefix, address))) ? "yes" : "no";
}

function isCalled(id: ResourceId, name: string): boolean {
  return nameOfId(id).toLowerCase() === name.toLowerCase();
}
