// What Azure refuses in rules and groups, told of evidence (DOMAIN 1.1, 1.2 [A1][A5][A6]). Evidence that shows it
// nevertheless was altered, or written by hand: that is a problem, and the rule is kept all the same.

import {
  azureLimits,
  groupBy,
  isAzureName,
  isUnreadable,
  type Rule,
  type RuleContent,
  type RuleSide,
} from "@conntrail/engine";
import { isServiceTag } from "./azure-rule.js";

type Limit = { readonly breaks: (rule: RuleContent) => boolean; readonly said: string };

const { nameLength, descriptionLength, addressesInSide, applicationGroupsInRule } = azureLimits;
const sidesOf = ({ source, destination }: RuleContent): readonly RuleSide[] => [source, destination];

const ruleLimits: readonly Limit[] = [
  { breaks: ({ name }) => name.length > nameLength, said: `its name has more than ${nameLength} characters` },
  {
    breaks: ({ name }) => name.length <= nameLength && !isAzureName(name),
    said: "its name must begin with a letter or digit, end with one or `_`, and hold only those, `.`, `-` and `_`",
  },
  {
    breaks: ({ description }) => (description?.length ?? 0) > descriptionLength,
    said: `its description has more than ${descriptionLength} characters`,
  },
  {
    breaks: (rule) => sidesOf(rule).some(({ addresses }) => addresses.length > addressesInSide),
    said: `one of its sides has more than ${inThousands(addressesInSide)} addresses`,
  },
  {
    breaks: (rule) => sidesOf(rule).some((side) => side.applicationSecurityGroups.length > applicationGroupsInRule),
    said: `one of its sides has more than ${applicationGroupsInRule} application security groups`,
  },
  {
    breaks: (rule) => sidesOf(rule).some(({ addresses }) => addresses.filter(isServiceTag).length > 1),
    said: "one of its sides has more than one service tag",
  },
  {
    breaks: (rule) => sidesOf(rule).some(isMixed),
    said: "one of its sides names two of these together: addresses, a service tag, application security groups",
  },
];

function isMixed({ addresses, applicationSecurityGroups }: RuleSide): boolean {
  const tags = addresses.filter(isServiceTag).length;
  return [tags, addresses.length - tags, applicationSecurityGroups.length].filter((count) => count > 0).length > 1;
}

function inThousands(count: number): string {
  return count.toLocaleString("en");
}

const lowestPriority = { "network-security-group": azureLimits.lowestPriority, "security-admin": 1 } as const;

/** Limits of single rules that Azure lets users write; its own default rules have other priorities. */
export function brokenRuleLimits(rule: Rule, kind: keyof typeof lowestPriority = "network-security-group"): string[] {
  if (isUnreadable(rule)) return [];
  const broken = ruleLimits.filter(({ breaks }) => breaks(rule)).map(({ said }) => said);
  const lowest = lowestPriority[kind];
  const highest = azureLimits.highestPriority;
  if (rule.priority < lowest || rule.priority > highest) {
    broken.push(`its priority \`${rule.priority}\` is not ${lowest} to ${highest}`);
  }
  return broken.map((said) => `rule \`${rule.name}\`: ${said}, which Azure refuses`);
}

/** Limits of all rules of a group together. */
export function brokenGroupLimits(rules: readonly Rule[]): string[] {
  const { rulesInGroup, applicationGroupsInGroup } = azureLimits;
  const { size } = new Set(rules.flatMap(applicationSecurityGroupsOf));
  const tooMany = (most: number) => `Azure refuses more than ${inThousands(most)}`;
  return [
    ...priorityClashes(rules),
    ...(rules.length > rulesInGroup ? [`the group has ${rules.length} rules; ${tooMany(rulesInGroup)}`] : []),
    ...(size > applicationGroupsInGroup
      ? [`its rules name ${size} application security groups; ${tooMany(applicationGroupsInGroup)}`]
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
