// Room for new inbound rules in network security groups: which priorities are free, and whether a group is full. What is
// given out is remembered, so that several rules of one plan never meet.

import type { Refusal } from "../decide/refusal.js";
import type { ResourceId } from "../event.js";
import { endOfTime, type Micros } from "../time.js";
import { azureLimits } from "./azure-limits.js";
import type { PolicyHistory } from "./policy-history.js";
import { ruleKey } from "./rule.js";
import type { RuleVersion } from "./rule-version.js";

export type NoRoom = Refusal | { readonly refused: "no-free-priority"; readonly group: ResourceId };

const { lowestPriority: lowest, highestPriority: highest, rulesInGroup: limit } = azureLimits;

export class RuleRoom {
  readonly refusals: NoRoom[] = [];
  readonly #given = new Map<string, readonly number[]>();

  constructor(
    private readonly rules: PolicyHistory,
    private readonly time: Micros,
  ) {}

  /** The first that is free from now to `until`; of a rule of this name that is there already, its own. */
  first(group: ResourceId, rule: string, until: Micros): number | null {
    return this.#priorityOf(group, rule) ?? this.#give(group, this.#inUse(group, until), (taken) => firstFree(taken));
  }

  /** The last that is free from now on; of a rule of this name that is there already, its own. */
  last(group: ResourceId, rule: string): number | null {
    return (
      this.#priorityOf(group, rule) ?? this.#give(group, this.#inUse(group, endOfTime), (taken) => lastFree(taken))
    );
  }

  #give(group: ResourceId, inUse: readonly number[], choose: (taken: ReadonlySet<number>) => number): number | null {
    const key = group.toLowerCase();
    const given = this.#given.get(key) ?? [];
    const count = this.#inForce(group).length + given.length + 1;
    if (count > limit) {
      this.refusals.push({ refused: "too-many", what: "rules in a group", count, limit });
      return null;
    }
    const priority = choose(new Set([...given, ...inUse]));
    if (priority < lowest || priority > highest) {
      this.refusals.push({ refused: "no-free-priority", group });
      return null;
    }
    this.#given.set(key, [...given, priority]);
    return priority;
  }

  /** Of inbound rules in force at any time from now to `until`: priorities are unique in each direction ([A1]). */
  #inUse(group: ResourceId, until: Micros): number[] {
    return this.#versions(group)
      .filter(({ from, to }) => from < until && to > this.time)
      .flatMap(saidBy)
      .filter(({ direction }) => direction !== "outbound")
      .map(({ priority }) => priority ?? 0);
  }

  #priorityOf(group: ResourceId, rule: string): number | null {
    const own = this.#inForce(group).find((version) => ruleKey(version.rule) === ruleKey(rule));
    return own === undefined ? null : (saidBy(own)[0]?.priority ?? null);
  }

  #inForce(group: ResourceId): RuleVersion[] {
    return this.#versions(group).filter(({ from, to }) => from <= this.time && this.time < to);
  }

  #versions(group: ResourceId): RuleVersion[] {
    const versions = this.rules.groups.get(group.toLowerCase())?.versions ?? [];
    return versions.filter(({ isDefault }) => !isDefault);
  }
}

function firstFree(taken: ReadonlySet<number>): number {
  let priority: number = lowest;
  while (taken.has(priority)) priority++;
  return priority;
}

function lastFree(taken: ReadonlySet<number>): number {
  let priority: number = highest;
  while (taken.has(priority)) priority--;
  return priority;
}

/** What the version says, or may say. */
function saidBy({ content }: RuleVersion) {
  if (content.kind === "known") return [content.rule];
  return content.kind === "unsettled" ? content.candidates.filter((rule) => rule !== null) : [];
}
