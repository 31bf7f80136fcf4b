// Decides to set the ports of one machine in a just-in-time policy, and the rule that denies them to whoever has no
// grant (DOMAIN 3.1 and 3.3). The policy's other machines stay as they are.

import { ContentHash } from "../content-hash.js";
import { nameOfId } from "../decide/inventory.js";
import type { AccessPolicyMachine, AccessPolicyPort, ResourceId } from "../event.js";
import type { Micros } from "../time.js";
import { parsePrefix } from "../wire/address.js";
import { type AccessDecision, type AccessRefusal, type DecidedFact, durationRefusals } from "./access-decision.js";
import { type AccessPolicyVersion, accessPoliciesAt } from "./access-policy.js";
import { AccessRulePlan, type PlannedRule, ruleDeleted, ruleWritten } from "./access-rule-plan.js";
import type { AccessState } from "./access-state.js";
import { equalRules, ruleKey } from "./rule.js";
import type { RuleVersion } from "./rule-version.js";

export type AccessPolicyChange = {
  readonly time: Micros;
  readonly who: string | null;
  readonly policy: ResourceId;
  readonly machine: ResourceId;
  /** All of the machine's; empty: it leaves the policy. */
  readonly ports: readonly AccessPolicyPort[];
};

/** Of the names of policy and machine together ([A11]). */
const longestNames = 56;

export function decidePolicy(state: AccessState, change: AccessPolicyChange): AccessDecision {
  const inForce = accessPoliciesAt(state.policies, change.time).find(({ policy }) => sameId(policy, change.policy));
  const before = machinesOf(inForce);
  if ("type" in before) return { is: "refused", because: [before], follows: [] };
  const because = [...nameRefusals(change), ...change.ports.flatMap(portRefusals), ...repeated(change.ports)];
  if (change.ports.length === 0 && !before.some(({ machine }) => sameId(machine, change.machine))) {
    because.push({ type: "nothing-asked" });
  }
  const plan = new AccessRulePlan(state, change.time);
  const rules = plan.keepOut(change.policy, change);
  because.push(...plan.refusals);
  if (because.length > 0) return { is: "refused", because, follows: [] };
  return { is: "decided", follows: factsOf(state, change, before, rules) };
}

function sameId(a: ResourceId, b: ResourceId): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The other machines of the policy must be known: writing it writes them, too. */
function machinesOf(version: AccessPolicyVersion | undefined): readonly AccessPolicyMachine[] | AccessRefusal {
  if (version === undefined) return [];
  const { policy, content } = version;
  return content.is === "known" ? content.machines : { type: "policy-not-known", policy, because: content.because };
}

function nameRefusals({ policy, machine }: AccessPolicyChange): AccessRefusal[] {
  const [policyName, machineName] = [nameOfId(policy), nameOfId(machine)];
  return policyName.length + machineName.length > longestNames
    ? [{ type: "names-too-long", policyName, machineName }]
    : [];
}

function portRefusals({ port, sources, maxDurationSeconds }: AccessPolicyPort): AccessRefusal[] {
  const valid = Number.isInteger(port) && port >= 0 && port <= 65_535;
  const bad = sources.filter((source) => source !== "*" && parsePrefix(source) === null);
  return [
    ...(valid ? [] : [{ type: "bad-port", port } as const]),
    ...(sources.length === 0 ? [{ type: "no-source", port } as const] : []),
    ...bad.map((source) => ({ type: "bad-source", source }) as const),
    ...(maxDurationSeconds === null ? [] : durationRefusals(maxDurationSeconds)),
  ];
}

function repeated(ports: readonly AccessPolicyPort[]): AccessRefusal[] {
  const isSame = (a: AccessPolicyPort, b: AccessPolicyPort) => a.port === b.port && a.protocol === b.protocol;
  return ports
    .filter((own, index) => ports.findIndex((other) => isSame(own, other)) < index)
    .map(({ port, protocol }) => ({ type: "port-twice", port, protocol }));
}

function factsOf(
  state: AccessState,
  change: AccessPolicyChange,
  before: readonly AccessPolicyMachine[],
  rules: readonly PlannedRule[],
): DecidedFact[] {
  const { time, who, policy, machine, ports } = change;
  const hash = new ContentHash().text(policy.toLowerCase()).text(machine.toLowerCase()).number(time);
  const actor = { who, from: null, correlationId: `jit-${hash.text(JSON.stringify(ports)).base32()}` };
  const machines = [
    ...before.filter((own) => !sameId(own.machine, machine)),
    ...(ports.length > 0 ? [{ machine, ports }] : []),
  ];
  const effect = before.length > 0 ? "updated" : "created";
  const data = { phase: "succeeded", operationId: null, effect, policy, machines } as const;
  return [
    { type: "access-policy-written", data, time, actor },
    ...rules.flatMap((planned): DecidedFact[] => {
      const held = inForceAt(state, planned, time);
      if (ports.length === 0) return held === null ? [] : [ruleDeleted(planned.group, planned.rule.name, time, actor)];
      const same = held?.content.kind === "known" && equalRules(held.content.rule, planned.rule);
      return same ? [] : [ruleWritten(planned, time, actor)];
    }),
  ];
}

function inForceAt({ rules }: AccessState, { group, rule }: PlannedRule, time: Micros): RuleVersion | null {
  const versions = rules.groups.get(group.toLowerCase())?.versions ?? [];
  const own = versions.find(
    ({ from, to, rule: name }) => from <= time && time < to && ruleKey(name) === ruleKey(rule.name),
  );
  return own ?? null;
}
