// The rules of a group as evidence shows them: one of each name, and what is told of those that can't be read.

import { equalRules, groupBy, isUnreadable, type Rule, ruleKey } from "@conntrail/engine";

/** One of each name, in the order of names. */
export function settledRules(rules: readonly Rule[]): Rule[] {
  const settled = [...groupBy(rules, (rule) => ruleKey(rule.name)).values()].map(onlyOne);
  return settled.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A group has one rule of a name; of several nobody knows which holds. */
function onlyOne(same: readonly Rule[]): Rule {
  const [rule] = same;
  if (same.length === 1 || same.every((other) => equalRules(other, rule!))) return rule!;
  const unreadable = `${same.length} rules have this name`;
  return { name: rule!.name, unreadable, direction: null, access: null, priority: null };
}

export function unreadableRules(rules: readonly Rule[]): string[] {
  return rules
    .filter(isUnreadable)
    .map(({ name, unreadable }) => `rule \`${name}\`: ${unreadable}; what it might match is answered as unknown`);
}
