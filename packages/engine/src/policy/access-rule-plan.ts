// Which rules just-in-time access needs, in which groups and at which priorities, and the facts of writing and deleting
// them as Defender for Cloud would.

import type { DatedFact } from "../decide/decided.js";
import type { AccessPolicyMachine, ResourceId } from "../event.js";
import type { Micros } from "../time.js";
import { type AccessRefusal, accessService } from "./access-decision.js";
import type { AccessGrant } from "./access-grant.js";
import { type Guard, guardsOfMachine, interfacesOfMachine } from "./access-machine.js";
import { accessRule } from "./access-rule.js";
import type { AccessState } from "./access-state.js";
import { type RuleContent, ruleKey } from "./rule.js";
import { RuleRoom } from "./rule-room.js";

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

export class AccessRulePlan {
  readonly #refusals: AccessRefusal[] = [];
  readonly #room: RuleRoom;

  constructor(
    private readonly state: AccessState,
    private readonly time: Micros,
  ) {
    this.#room = new RuleRoom(state.rules, time);
  }

  get refusals(): readonly AccessRefusal[] {
    return [...this.#refusals, ...this.#room.refusals];
  }

  /** A rule in each group before the machine, at the first free priority. */
  letIn({ until, port, ...access }: PlannedAccess): PlannedRule[] {
    const distinction = JSON.stringify([port, access.protocol, access.sources, this.time, until]);
    return this.#guards(access.machine).flatMap(({ group, addresses }) => {
      const rule = accessRule({ ...access, kind: "grant", ports: [port], addresses, distinction });
      return atPriority(group, rule, this.#room.first(group, rule.name, until));
    });
  }

  /** The rule that denies the machine's ports, at the last free priority. */
  keepOut(policy: ResourceId, { machine, ports }: AccessPolicyMachine): PlannedRule[] {
    const parts = { kind: "policy", policy, machine, protocol: "*", sources: ["*"], distinction: "" } as const;
    const numbers = [...new Set(ports.map(({ port }) => port))].sort((a, b) => a - b);
    return this.#guards(machine).flatMap(({ group, addresses }) => {
      const rule = accessRule({ ...parts, ports: numbers, addresses });
      return atPriority(group, rule, this.#room.last(group, rule.name));
    });
  }

  /** On AWS a grant is a group of its own (DOMAIN 3.3): no rule of ours has a place there. */
  #guards(machine: ResourceId): Guard[] {
    const { network, rules } = this.state;
    const guards = guardsOfMachine(network, machine, this.time);
    if (interfacesOfMachine(network, machine, this.time).length === 0) {
      this.#refusals.push({ refused: "no-interface", machine });
    } else if (guards.length === 0) this.#refusals.push({ refused: "no-group", machine });
    for (const { group } of guards) {
      const kind = rules.groups.get(group.toLowerCase())?.kind ?? "network-security-group";
      if (kind !== "network-security-group") this.#refusals.push({ refused: "wrong-kind", group, kind });
    }
    return guards;
  }
}

function atPriority(group: ResourceId, rule: Omit<RuleContent, "priority">, priority: number | null): PlannedRule[] {
  return priority === null ? [] : [{ group, rule: { ...rule, priority } }];
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
