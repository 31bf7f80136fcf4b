// Rules as flow logs name them, held against the rule versions that we know (DOMAIN 1.3, 3.3, 4.1, 4.2).

import type { ResourceId } from "../event.js";
import { readAccessRuleName } from "../policy/access-rule.js";
import { type GroupHistory, groupNamed, type PolicyHistory } from "../policy/policy-history.js";
import type { RuleVersion } from "../policy/rule-version.js";
import { nameOfId } from "../resource-id.js";
import type { ReportedRule } from "./reported-flow.js";

/** Whose rule it is stands before its name: `UserRule_ssh`, `DefaultRule_DenyAllInBound`, `securityRules/ssh` [A8] [A26]. */
export function ruleName(logged: string): string {
  return logged.replace(/^(UserRule_|DefaultRule_|securityRules\/|defaultSecurityRules\/)/i, "").toLowerCase();
}

/** The platform's own rule, of no group [A9]. */
export function isPlatformRule(rule: ReportedRule | null): boolean {
  return rule !== null && (rule.rule?.toLowerCase() === "platformrule" || rule.group === noGroup);
}

const noGroup = "00000000-0000-0000-0000-000000000000";

/** Names beyond this may be cut off [A8]. */
const wholeNameLength = 65;

/** Whether the log names this version's rule. */
export function namesRule(logged: string, { rule }: RuleVersion): boolean {
  const [name, own] = [ruleName(logged), rule.toLowerCase()];
  if (name === own || (logged.length >= wholeNameLength && own.startsWith(name))) return true;
  const [access, ownAccess] = [readAccessRuleName(name), readAccessRuleName(own)];
  if (access === null || ownAccess === null) return false;
  const { kind, number, hash } = ownAccess;
  return access.kind === kind && access.number === number && access.hash === hash;
}

const found = new WeakMap<PolicyHistory, Map<ResourceId, GroupHistory | null>>();

/** The group that a log names by its id, or by its name alone where only one is called so. */
export function loggedGroup(policy: PolicyHistory, rule: ReportedRule | null): GroupHistory | null {
  const id = rule?.group ?? null;
  if (id === null || isPlatformRule(rule)) return null;
  const ofPolicy = found.get(policy) ?? new Map<ResourceId, GroupHistory | null>();
  const known = ofPolicy.get(id);
  if (known !== undefined) return known;
  const group = groupNamed(policy, id) ?? onlyGroupCalled(policy, nameOfId(id));
  found.set(policy, ofPolicy.set(id, group));
  return group;
}

function onlyGroupCalled(policy: PolicyHistory, name: string): GroupHistory | null {
  const called = [...policy.groups.values()].filter((group) => group.name.toLowerCase() === name.toLowerCase());
  return called.length === 1 ? called[0]! : null;
}
