// What Azure refuses in rules and groups (DOMAIN 1.1, 1.2 [A1][A5][A6]). Evidence that shows it nevertheless was altered,
// or written by hand: that is a problem to tell, and the rule is kept all the same.

import { groupBy, isUnreadable, type Rule, type RuleContent, type RuleSide } from "@conntrail/engine";
import { isServiceTag } from "./azure-rule.js";

type Limit<T> = { readonly breaks: (subject: T) => boolean; readonly said: string };

const sidesOf = ({ source, destination }: RuleContent): readonly RuleSide[] => [source, destination];

const ruleLimits: readonly Limit<RuleContent>[] = [
  { breaks: ({ name }) => name.length > 80, said: "its name has more than 80 characters" },
  {
    breaks: ({ name }) => !/^\w([\w.-]*\w)?$/.test(name),
    said: "its name must begin with a letter or digit, end with one or `_`, and hold only those, `.`, `-` and `_`",
  },
  {
    breaks: ({ description }) => (description?.length ?? 0) > 140,
    said: "its description has more than 140 characters",
  },
  {
    breaks: (rule) => sidesOf(rule).some(({ addresses }) => addresses.length > 4000),
    said: "one of its sides has more than 4,000 addresses",
  },
  {
    breaks: (rule) => sidesOf(rule).some(({ applicationSecurityGroups }) => applicationSecurityGroups.length > 10),
    said: "one of its sides has more than 10 application security groups",
  },
  {
    breaks: (rule) => sidesOf(rule).some(({ addresses }) => addresses.filter(isServiceTag).length > 1),
    said: "one of its sides has more than one service tag",
  },
];

const lowestPriority = { "network-security-group": 100, "security-admin": 1 } as const;

/** Limits of single rules that Azure lets users write; its own default rules have other priorities. */
export function brokenRuleLimits(rule: Rule, kind: keyof typeof lowestPriority = "network-security-group"): string[] {
  if (isUnreadable(rule)) return [];
  const broken = ruleLimits.filter(({ breaks }) => breaks(rule)).map(({ said }) => said);
  const lowest = lowestPriority[kind];
  if (rule.priority < lowest || rule.priority > 4096) {
    broken.push(`its priority \`${rule.priority}\` is not ${lowest} to 4096`);
  }
  return broken.map((said) => `rule \`${rule.name}\`: ${said}, which Azure refuses`);
}

/** Limits of all rules of a group together. */
export function brokenGroupLimits(rules: readonly Rule[]): string[] {
  const named = new Set(rules.flatMap(applicationSecurityGroupsOf));
  return [
    ...priorityClashes(rules),
    ...(rules.length > 1000 ? [`the group has ${rules.length} rules; Azure refuses more than 1,000`] : []),
    ...(named.size > 100
      ? [`its rules name ${named.size} application security groups; Azure refuses more than 100`]
      : []),
  ];
}

function applicationSecurityGroupsOf(rule: Rule): string[] {
  if (isUnreadable(rule)) return [];
  return sidesOf(rule).flatMap((side) => side.applicationSecurityGroups.map((id) => id.toLowerCase()));
}

function priorityClashes(rules: readonly Rule[]): string[] {
  const readable = rules.filter((rule) => !isUnreadable(rule));
  const alike = [...groupBy(readable, ({ direction, priority }) => `${direction} ${priority}`).values()];
  return alike.filter((same) => same.length > 1).map((same) => clashText(same.map(({ name }) => `\`${name}\``)));
}

function clashText(names: readonly string[]): string {
  return `rules ${names.join(", ")} have one priority and direction, which Azure refuses`;
}

/** Application security groups at one IP configuration of an interface. */
export const maxGroupsOfAddress = 20;
