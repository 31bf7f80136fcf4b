// Writing and deleting one rule of a group. A write makes the rule or changes it; what is left out of a change keeps its
// value.

import type { SecurityRuleWritten } from "../event.js";
import { azureLimits } from "../policy/azure-limits.js";
import { equalRules, isUnreadable, type Rule, type RuleContent, ruleKey } from "../policy/rule.js";
import type { RuleVersion } from "../policy/rule-version.js";
import { alreadySo, type ControlState, type Decided, decided, refused } from "./decided.js";
import { done } from "./group-command.js";
import type { KnownGroup } from "./inventory.js";
import { isRefusal, type Refusal } from "./refusal.js";
import { resolve } from "./resolve.js";
import { type RuleText, ruleLimitRefusal, tooMany } from "./rule-text.js";
import { isDefaultName, knownContent, writtenRule } from "./written-rule.js";

export type SetRule = { readonly group: string; readonly rule: string; readonly text: RuleText };

export function setRule(state: ControlState, { group: groupName, rule: name, text }: SetRule): Decided {
  const group = resolve(state.inventory.groups, "group", groupName);
  if (isRefusal(group)) return refused(group);
  const others = rulesOf(state, group);
  const before = others.find((version) => ruleKey(version.rule) === ruleKey(name)) ?? null;
  const rule = writtenRule(state, { group, name, text, before });
  if (isRefusal(rule)) return refused(rule);
  const refusal = ruleRefusal(
    rule,
    group,
    others.filter((version) => version !== before),
  );
  if (refusal !== null) return refused(refusal);
  if (before !== null && saysAlready(before, rule)) return alreadySo;
  return decided(state, [ruleWritten(group, rule, before)]);
}

function ruleWritten(group: KnownGroup, rule: RuleContent, before: RuleVersion | null): SecurityRuleWritten {
  const effect = before === null ? "created" : "updated";
  return { type: "security-rule-written", data: { ...done, effect, group: group.id, ruleName: rule.name, rule } };
}

/** In force at the instant, those that may be included. */
function rulesOf({ policy, at }: ControlState, { id }: KnownGroup): readonly RuleVersion[] {
  const versions = policy.groups.get(id.toLowerCase())?.ruleSetAt(at).versions ?? [];
  return versions.filter(({ isDefault }) => !isDefault);
}

function saysAlready({ content }: RuleVersion, rule: RuleContent): boolean {
  if (content.kind !== "known" || isUnreadable(content.rule)) return false;
  return equalRules(content.rule, rule) && content.rule.description === rule.description;
}

/** What the rule itself or the rules beside it forbid. */
function ruleRefusal(rule: RuleContent, group: KnownGroup, others: readonly RuleVersion[]): Refusal | null {
  switch (group.kind) {
    case "security-group":
      return rule.access === "allow" ? null : { refused: "deny-in-security-group", group: group.name };
    case "network-security-group":
      return (
        ruleLimitRefusal(rule) ??
        priorityRefusal(rule, others) ??
        tooMany("rules in a group", others.length + 1, azureLimits.rulesInGroup) ??
        applicationGroupsRefusal(rule, others)
      );
    default:
      return { refused: "wrong-kind", group: group.name, kind: group.kind };
  }
}

/** One rule for each priority and direction [A1]; a rule that may be there may have it. */
function priorityRefusal({ priority, direction }: RuleContent, others: readonly RuleVersion[]): Refusal | null {
  const has = (rule: Rule) => rule.priority === priority && (rule.direction === direction || rule.direction === null);
  const by = others.find((version) => possibleRules(version).some(has));
  return by === undefined ? null : { refused: "priority-taken", priority, direction, by: by.rule };
}

function possibleRules({ content }: RuleVersion): readonly Rule[] {
  if (content.kind === "known") return [content.rule];
  return content.kind === "unsettled" ? content.candidates.filter((rule) => rule !== null) : [];
}

function applicationGroupsRefusal(rule: RuleContent, others: readonly RuleVersion[]): Refusal | null {
  const rules = [rule, ...others.flatMap((version) => knownContent(version) ?? [])];
  const named = rules.flatMap(({ source, destination }) => [
    ...source.applicationSecurityGroups,
    ...destination.applicationSecurityGroups,
  ]);
  const count = new Set(named.map((id) => id.toLowerCase())).size;
  return tooMany("application security groups in the rules of a group", count, azureLimits.applicationGroupsInGroup);
}

export type DeleteRule = { readonly group: string; readonly rule: string };

export function deleteRule(state: ControlState, { group: groupName, rule: name }: DeleteRule): Decided {
  const group = resolve(state.inventory.groups, "group", groupName);
  if (isRefusal(group)) return refused(group);
  if (isDefaultName(name) && group.kind === "network-security-group") {
    return refused({ refused: "default-rule", rule: name });
  }
  const before = rulesOf(state, group).find((version) => ruleKey(version.rule) === ruleKey(name));
  if (before === undefined) return deletedAlready(state, group, name);
  const data = { ...done, group: group.id, ruleName: before.rule };
  return decided(state, [{ type: "security-rule-deleted", data }]);
}

/** The same deletion at the same instant is no mistake. */
function deletedAlready({ events, at }: ControlState, group: KnownGroup, name: string): Decided {
  const same = events.some(
    ({ type, data, time }) =>
      type === "security-rule-deleted" &&
      time === at &&
      data.group.toLowerCase() === group.id.toLowerCase() &&
      ruleKey(data.ruleName) === ruleKey(name),
  );
  return same ? alreadySo : refused({ refused: "unknown-rule", rule: name, group: group.name });
}
