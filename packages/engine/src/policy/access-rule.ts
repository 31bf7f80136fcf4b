// The rules that just-in-time access writes into network security groups: how they are named and described, and what
// they say (DOMAIN 3.3).

import { ContentHash } from "../content-hash.js";
import type { ResourceId } from "../event.js";
import { nameOfId } from "../resource-id.js";
import type { Rule, RuleContent, RuleSide } from "./rule.js";

/** `grant`: lets a request in. `policy`: denies the ports of a machine to whoever has no grant. */
export type AccessRuleKind = "grant" | "policy";

/** Defender for Cloud was called Security Center; both names are in logs. */
export type AccessRuleBrand = "SecurityCenter" | "MicrosoftDefenderForCloud";

export type AccessRuleName = {
  readonly brand: AccessRuleBrand;
  readonly kind: AccessRuleKind;
  /** A signed 32-bit number whose meaning no source tells. */
  readonly number: number;
  readonly hash: string;
};

const namePattern = /^(SecurityCenter|MicrosoftDefenderForCloud)-JITRule([_-])(-?\d{1,10})[_-]([0-9A-F]{32})$/i;

/** Null where it is no such name. */
export function readAccessRuleName(name: string): AccessRuleName | null {
  const match = namePattern.exec(name);
  if (match === null) return null;
  const [, brand = "", separator, digits, hash = ""] = match;
  const number = Number(digits);
  if (number !== (number | 0)) return null;
  const security = brand.toLowerCase() === "securitycenter";
  return {
    brand: security ? "SecurityCenter" : "MicrosoftDefenderForCloud",
    kind: separator === "_" ? "policy" : "grant",
    number,
    hash: hash.toUpperCase(),
  };
}

/** What the rule is there for, if its name and its access agree; null where it is no rule of just-in-time access. */
export function accessRuleKind(rule: Rule): AccessRuleKind | null {
  const kind = readAccessRuleName(rule.name)?.kind ?? null;
  return (kind === "grant") === (rule.access === "allow") ? kind : null;
}

export type AccessRuleDescription = {
  readonly kind: AccessRuleKind;
  readonly policyName: string;
  readonly machineName: string;
};

const descriptionPattern =
  /^(?:ASC|MDC) JIT Network Access rule (created by an initiation request )?for policy '(.*)' of VM '(.*)'\.$/i;

export function readAccessRuleDescription(description: string | null): AccessRuleDescription | null {
  const match = descriptionPattern.exec(description ?? "");
  if (match === null) return null;
  const [, initiated, policyName = "", machineName = ""] = match;
  return { kind: initiated === undefined ? "policy" : "grant", policyName, machineName };
}

/** What an access rule is made of; its place among the others is the group's to give. Ports, protocol and sources of a `policy` rule: its ports, any, and anywhere. */
export type AccessRuleParts = {
  readonly kind: AccessRuleKind;
  readonly policy: ResourceId;
  readonly machine: ResourceId;
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  readonly protocol: "tcp" | "udp" | "*";
  readonly sources: readonly string[];
  /** What tells rules of one policy and machine apart. */
  readonly distinction: string;
};

export function accessRule(parts: AccessRuleParts): Omit<RuleContent, "priority"> {
  const { kind, addresses, ports, protocol, sources } = parts;
  return {
    name: nameOf(parts),
    description: descriptionOf(parts),
    direction: "inbound",
    access: kind === "grant" ? "allow" : "deny",
    protocol,
    source: side(sources, ["*"]),
    destination: side(addresses, ports.map(String)),
  };
}

/** Of the rule that denies the machine's ports: one for each policy and machine. */
export function policyRuleName(policy: ResourceId, machine: ResourceId): string {
  return nameOf({ kind: "policy", policy, machine, distinction: "" });
}

function side(addresses: readonly string[], ports: readonly string[]): RuleSide {
  return { addresses, applicationSecurityGroups: [], ports };
}

type NameParts = Pick<AccessRuleParts, "kind" | "policy" | "machine" | "distinction">;

function nameOf({ kind, policy, machine, distinction }: NameParts): string {
  const hashOf = (lane: string) =>
    new ContentHash().text(lane).text(kind).text(policy.toLowerCase()).text(machine.toLowerCase()).text(distinction);
  const number = BigInt.asIntN(32, hashOf("number").bits());
  const hex = ["high", "low"].map((lane) => hashOf(lane).bits().toString(16).padStart(16, "0")).join("");
  const separator = kind === "grant" ? "-" : "_";
  return `MicrosoftDefenderForCloud-JITRule${separator}${number}${separator}${hex.toUpperCase()}`;
}

/** At most 140 characters in a rule (DOMAIN 1.1); the names of policy and machine together have at most 56. */
function descriptionOf({ kind, policy, machine }: AccessRuleParts): string {
  const initiated = kind === "grant" ? "created by an initiation request " : "";
  return `MDC JIT Network Access rule ${initiated}for policy '${nameOfId(policy)}' of VM '${nameOfId(machine)}'.`;
}
