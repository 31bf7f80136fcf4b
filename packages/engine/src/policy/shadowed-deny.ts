// A policy's deny that never comes to decide for some ports, because a rule before it lets somebody in. Defender for
// Cloud leaves rules that were there before in their place (DOMAIN 3.3: sources disagree, so the actual rules count).

import { parsePrefix } from "../wire/address.js";
import { coversSource } from "./access-end.js";
import { accessRuleKind } from "./access-rule.js";
import { parsePortRange, type RuleContent } from "./rule.js";
import { ruleOf } from "./rule-life.js";
import type { RuleVersion } from "./rule-version.js";

export type ShadowedDeny = {
  readonly deny: RuleVersion;
  readonly by: RuleVersion;
  /** Of the deny. */
  readonly ports: readonly string[];
};

type Read = { readonly version: RuleVersion; readonly rule: RuleContent };

/** Of one group's versions: each deny with each rule that was in force before it at the same time. */
export function shadowedDenies(versions: readonly RuleVersion[]): ShadowedDeny[] {
  const read = versions.flatMap((version): Read[] => {
    const rule = ruleOf(version);
    return rule === null || rule.direction !== "inbound" ? [] : [{ version, rule }];
  });
  const denies = read.filter(({ rule }) => accessRuleKind(rule) === "policy");
  return denies.flatMap((deny) =>
    read
      .filter((by) => isOpening(by.rule, deny.rule) && overlap(by.version, deny.version))
      .map((by) => ({ deny: deny.version, by: by.version, ports: openPorts(by, deny, read) }))
      .filter(({ ports }) => ports.length > 0),
  );
}

/** An allow before the deny, for its machine, that no grant made. */
function isOpening(rule: RuleContent, deny: RuleContent): boolean {
  const before = rule.access === "allow" && rule.priority < deny.priority;
  return before && accessRuleKind(rule) === null && mayReach(rule, deny);
}

function overlap(a: RuleVersion, b: RuleVersion): boolean {
  return a.from < b.to && b.from < a.to;
}

/** Names of which it is not known here what they stand for may hold the machine. */
function mayReach({ destination }: RuleContent, deny: RuleContent): boolean {
  const named = destination.addresses.some((address) => address !== "*" && parsePrefix(address) === null);
  return named || destination.applicationSecurityGroups.length > 0 || reaches(destination.addresses, deny);
}

function reaches(addresses: readonly string[], { destination }: RuleContent): boolean {
  return destination.addresses.some((machine) => addresses.some((address) => coversSource(address, machine)));
}

/** Ports of the deny that the allow lets in to, unless a deny of everybody comes before the allow. */
function openPorts(by: Read, { version, rule: deny }: Read, others: readonly Read[]): string[] {
  const closed = others.filter(({ version: other, rule }) => {
    const outlasts =
      other.from <= Math.max(by.version.from, version.from) && other.to >= Math.min(by.version.to, version.to);
    return outlasts && rule.access === "deny" && rule.priority < by.rule.priority && isForAll(rule, by.rule, deny);
  });
  const isOpen = (port: string) => meets(by.rule, port) && !closed.some(({ rule }) => covers(rule, port));
  return deny.destination.ports.filter(isOpen);
}

function isForAll({ protocol, source, destination }: RuleContent, by: RuleContent, deny: RuleContent): boolean {
  const everybody = source.addresses.includes("*") && source.ports.includes("*");
  return everybody && (protocol === "*" || protocol === by.protocol) && reaches(destination.addresses, deny);
}

function rangesOf({ destination }: RuleContent) {
  return destination.ports.map(parsePortRange).filter((range) => range !== null);
}

function meets(rule: RuleContent, port: string): boolean {
  const own = parsePortRange(port);
  return own !== null && rangesOf(rule).some(({ first, last }) => first <= own.last && own.first <= last);
}

function covers(rule: RuleContent, port: string): boolean {
  const own = parsePortRange(port);
  return own !== null && rangesOf(rule).some(({ first, last }) => first <= own.first && own.last <= last);
}
