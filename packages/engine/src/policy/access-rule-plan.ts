// Which rules just-in-time access needs, in which groups and at which priorities, and the facts of writing and deleting
// them as Defender for Cloud would.

import type { DatedFact } from "../decide/decided.js";
import type { AccessPolicyMachine, ResourceId } from "../event.js";
import { endOfTime, type Micros } from "../time.js";
import { type AccessRefusal, accessService } from "./access-decision.js";
import type { AccessGrant } from "./access-grant.js";
import { type Guard, guardsOfMachine, interfacesOfMachine } from "./access-machine.js";
import { accessRule } from "./access-rule.js";
import type { AccessState } from "./access-state.js";
import { type RuleContent, ruleKey } from "./rule.js";
import type { RuleVersion } from "./rule-version.js";

export type PlannedRule = { readonly group: ResourceId; readonly rule: RuleContent };

/** What is to be let in, with nothing left open. */
export type PlannedAccess = {
  readonly policy: ResourceId;
  readonly machine: ResourceId;
  readonly port: number;
  readonly protocol: "tcp" | "udp" | "*";
  readonly sources: readonly string[];
  readonly until: Micros;
};

/** Priorities of user rules; grants take the first that is free, policies the last (DOMAIN 1.1 and 3.3). */
const firstPriority = 100;
const lastPriority = 4096;

export class AccessRulePlan {
  readonly refusals: AccessRefusal[] = [];
  readonly #taken = new Map<string, Set<number>>();

  constructor(
    private readonly state: AccessState,
    private readonly time: Micros,
  ) {}

  /** A rule in each group before the machine. */
  letIn({ until, port, ...access }: PlannedAccess): PlannedRule[] {
    const distinction = JSON.stringify([port, access.protocol, access.sources, this.time]);
    return this.#guards(access.machine).flatMap(({ group, addresses }) => {
      const parts = { ...access, kind: "grant", ports: [port], addresses, distinction } as const;
      const rule = accessRule({ ...parts, priority: firstPriority });
      const priority = this.#priorityOf(group, rule.name) ?? this.#first(group, until);
      return priority === null ? [] : { group, rule: { ...rule, priority } };
    });
  }

  /** The rule that denies the machine's ports; where it is there already it keeps its priority. */
  keepOut(policy: ResourceId, { machine, ports }: AccessPolicyMachine): PlannedRule[] {
    const parts = { kind: "policy", policy, machine, protocol: "*", sources: ["*"], distinction: "" } as const;
    const numbers = [...new Set(ports.map(({ port }) => port))].sort((a, b) => a - b);
    return this.#guards(machine).flatMap(({ group, addresses }) => {
      const rule = accessRule({ ...parts, ports: numbers, addresses, priority: lastPriority });
      const priority = this.#priorityOf(group, rule.name) ?? this.#last(group);
      return priority === null ? [] : { group, rule: { ...rule, priority } };
    });
  }

  #guards(machine: ResourceId): Guard[] {
    const { network } = this.state;
    const guards = guardsOfMachine(network, machine, this.time);
    if (interfacesOfMachine(network, machine, this.time).length === 0) {
      this.refusals.push({ refused: "no-interface", machine });
    } else if (guards.length === 0) this.refusals.push({ refused: "no-group", machine });
    return guards;
  }

  #first(group: ResourceId, until: Micros): number | null {
    return this.#take(group, until, (taken) => {
      let priority = firstPriority;
      while (taken.has(priority)) priority++;
      return priority;
    });
  }

  #last(group: ResourceId): number | null {
    return this.#take(group, endOfTime, (taken) => {
      let priority = lastPriority;
      while (taken.has(priority)) priority--;
      return priority;
    });
  }

  #take(group: ResourceId, until: Micros, choose: (taken: ReadonlySet<number>) => number): number | null {
    const key = group.toLowerCase();
    const taken = new Set([...(this.#taken.get(key) ?? []), ...this.#inUse(group, until)]);
    const priority = choose(taken);
    if (priority < firstPriority || priority > lastPriority) {
      this.refusals.push({ refused: "no-free-priority", group });
      return null;
    }
    this.#taken.set(key, new Set([...(this.#taken.get(key) ?? []), priority]));
    return priority;
  }

  /** Of inbound rules in force at any time from now to `until`: priorities are unique in each direction ([A1]). */
  #inUse(group: ResourceId, until: Micros): number[] {
    return this.#versions(group)
      .filter(({ from, to, isDefault }) => !isDefault && from < until && to > this.time)
      .flatMap(saidBy)
      .filter(({ direction }) => direction !== "outbound")
      .map(({ priority }) => priority ?? 0);
  }

  #priorityOf(group: ResourceId, rule: string): number | null {
    const inForce = this.#versions(group).filter(({ from, to }) => from <= this.time && this.time < to);
    const own = inForce.find((version) => ruleKey(version.rule) === ruleKey(rule));
    return own === undefined ? null : (saidBy(own)[0]?.priority ?? null);
  }

  #versions(group: ResourceId): readonly RuleVersion[] {
    return this.state.rules.groups.get(group.toLowerCase())?.versions ?? [];
  }
}

/** What the version says, or may say. */
function saidBy({ content }: RuleVersion) {
  if (content.kind === "known") return [content.rule];
  return content.kind === "unsettled" ? content.candidates.filter((rule) => rule !== null) : [];
}

const done = { phase: "succeeded", operationId: null, effect: null } as const;

export function ruleWritten({ group, rule }: PlannedRule, time: Micros): DatedFact {
  const data = { ...done, group, ruleName: rule.name, rule };
  return { type: "security-rule-written", data, time, by: accessService };
}

export function ruleDeleted(group: ResourceId, ruleName: string, time: Micros): DatedFact {
  return { type: "security-rule-deleted", data: { ...done, group, ruleName }, time, by: accessService };
}

/** Rules that go with their grant by themselves need no deletion; those that evidence showed do. */
export function rulesDeleted({ ties }: AccessState, grant: AccessGrant, time: Micros): DatedFact[] {
  const own = new Set(grant.rules.map(({ ruleName }) => ruleKey(ruleName)));
  const inForce = ties
    .versionsOf(grant)
    .filter(({ from, to, rule }) => from <= time && time < to && !own.has(ruleKey(rule)));
  return inForce.map(({ group, rule }) => ruleDeleted(group, rule, time));
}
