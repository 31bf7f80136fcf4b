// A rule's life: its versions that follow each other without a gap, from its making to its deletion.

import { groupBy } from "../grouping.js";
import { isUnreadable, type RuleContent, ruleKey } from "./rule.js";
import type { RuleVersion } from "./rule-version.js";

/** In order of time; never empty. */
export type RuleLife = readonly RuleVersion[];

/** Of all rules but default ones; by beginning, group and name. */
export function ruleLives(versions: readonly RuleVersion[]): RuleLife[] {
  const own = versions.filter(({ isDefault }) => !isDefault);
  const byRule = groupBy(own, ({ group, rule }) => `${group.toLowerCase()} ${ruleKey(rule)}`);
  return [...byRule.values()].flatMap(livesOf).sort(([a], [b]) => compareBeginnings(a!, b!));
}

function livesOf(versions: readonly RuleVersion[]): RuleVersion[][] {
  const lives: RuleVersion[][] = [];
  for (const version of versions.toSorted((a, b) => a.from - b.from)) {
    const last = lives.at(-1);
    if (last?.at(-1)?.to === version.from) last.push(version);
    else lives.push([version]);
  }
  return lives;
}

function compareBeginnings(a: RuleVersion, b: RuleVersion): number {
  return a.from - b.from || compareTexts(a.group, b.group) || compareTexts(a.rule, b.rule);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What the version says; null where that is not known, or could not be read. */
export function ruleOf({ content }: RuleVersion): RuleContent | null {
  return content.kind === "known" && !isUnreadable(content.rule) ? content.rule : null;
}
