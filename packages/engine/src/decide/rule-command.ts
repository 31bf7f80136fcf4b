// Writing and deleting one rule of a group. A write makes the rule or changes it; what is left out of a change keeps its
// value.

import type { SecurityRuleWritten } from "../event.js";
import { azureLimits, isAzureName } from "../policy/azure-limits.js";
import { azureDefaultRules } from "../policy/default-rules.js";
import { equalRules, isUnreadable, type Rule, type RuleContent, ruleKey } from "../policy/rule.js";
import type { RuleVersion } from "../policy/rule-version.js";
import { alreadySo, type ControlState, type Decided, decided, refused } from "./decided.js";
import { done } from "./group-command.js";
import type { KnownGroup } from "./inventory.js";
import { isRefusal, type Refusal } from "./refusal.js";
import { resolve } from "./resolve.js";
import {
  type RuleText,
  readAccess,
  readAddresses,
  readDirection,
  readPorts,
  readPriority,
  readProtocol,
  ruleLimitRefusal,
  tooMany,
} from "./rule-text.js";

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

type Written = {
  readonly group: KnownGroup;
  readonly name: string;
  readonly text: RuleText;
  readonly before: RuleVersion | null;
};

/** What the rule says after the command. */
function writtenRule({ inventory }: ControlState, written: Written): RuleContent | Refusal {
  const { group, name, text, before } = written;
  if (!isAzureName(name)) return { refused: "bad-name", name };
  if (isDefaultName(name) && group.kind === "network-security-group") return { refused: "default-rule", rule: name };
  const known = before === null ? null : knownContent(before);
  const base = known ?? newRule(group);
  const missing = missingFields(written);
  if (missing.length > 0) {
    const because = before === null || before.content.kind === "known" ? null : before.content.because;
    return { refused: "fields-missing", rule: name, fields: missing, because };
  }
  const source = sideAfter(base.source, { addresses: text.from, ports: text.fromPorts }, inventory);
  if (isRefusal(source)) return source;
  const destination = sideAfter(base.destination, { addresses: text.to, ports: text.toPorts }, inventory);
  if (isRefusal(destination)) return destination;
  const head = headAfter(base, text, group);
  if (isRefusal(head)) return head;
  const description = text.description === undefined ? base.description : text.description || null;
  const { icmp: _, ...kept } = base;
  const icmp = base.icmp !== undefined && text.protocol === undefined ? { icmp: base.icmp } : {};
  return { ...kept, ...icmp, ...head, name: known?.name ?? name, description, source, destination };
}

function isDefaultName(name: string): boolean {
  return azureDefaultRules.some((rule) => ruleKey(rule.name) === ruleKey(name));
}

function knownContent({ content }: RuleVersion): RuleContent | null {
  return content.kind === "known" && !isUnreadable(content.rule) ? content.rule : null;
}

const anywhere = { addresses: ["*"], applicationSecurityGroups: [], ports: ["*"] } as const;

/** AWS security groups have no priorities and only allow (DOMAIN 2.5). */
function newRule({ kind }: KnownGroup): Omit<RuleContent, "name"> {
  const priority = kind === "security-group" ? 0 : azureLimits.highestPriority;
  return {
    description: null,
    direction: "inbound",
    access: "allow",
    priority,
    protocol: "*",
    source: anywhere,
    destination: anywhere,
  };
}

/** What has no value of its own; of a rule whose content is not known, all that a change would otherwise keep. */
function missingFields({ group, text, before }: Written): (keyof RuleText)[] {
  if (before !== null && knownContent(before) !== null) return [];
  const needed: readonly (keyof RuleText)[] = group.kind === "security-group" ? ["direction"] : basicFields;
  const wanted = before === null ? needed : [...needed, ...contentFields];
  return wanted.filter((field) => text[field] === undefined);
}

const basicFields = ["priority", "direction", "access"] as const;
const contentFields = ["protocol", "from", "fromPorts", "to", "toPorts"] as const;

type SideText = { readonly addresses: readonly string[] | undefined; readonly ports: readonly string[] | undefined };

function sideAfter(
  side: RuleContent["source"],
  text: SideText,
  inventory: ControlState["inventory"],
): RuleContent["source"] | Refusal {
  const addresses = text.addresses === undefined ? side : readAddresses(text.addresses, inventory);
  if (isRefusal(addresses)) return addresses;
  const ports = text.ports === undefined ? side.ports : readPorts(text.ports);
  if (isRefusal(ports)) return ports;
  return { addresses: addresses.addresses, applicationSecurityGroups: addresses.applicationSecurityGroups, ports };
}

type Head = Pick<RuleContent, "priority" | "direction" | "access" | "protocol">;

function headAfter(base: Head, text: RuleText, group: KnownGroup): Head | Refusal {
  const direction = text.direction === undefined ? base.direction : readDirection(text.direction);
  const access = text.access === undefined ? base.access : readAccess(text.access);
  const priority = text.priority === undefined ? base.priority : readPriority(text.priority);
  const protocol = text.protocol === undefined ? base.protocol : readProtocol(text.protocol, group.kind);
  for (const field of [direction, access, priority, protocol]) if (isRefusal(field)) return field;
  return { direction, access, priority, protocol } as Head;
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
