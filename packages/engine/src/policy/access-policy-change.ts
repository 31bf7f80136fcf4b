// Decides to set the ports of one machine in a just-in-time policy, and the rule that denies them to whoever has no
// grant (DOMAIN 3.1 and 3.3). The policy's other machines stay as they are.

import type { ControlState, DatedFact } from "../decide/decided.js";
import { isRefusal } from "../decide/refusal.js";
import { newId, resolve } from "../decide/resolve.js";
import type { AccessPolicyMachine, AccessPolicyPort, ResourceId } from "../event.js";
import { nameOfId, sameId } from "../resource-id.js";
import type { Micros } from "../time.js";
import { parsePrefix } from "../wire/address.js";
import { type AccessDecision, type AccessRefusal, durationRefusals } from "./access-decision.js";
import { type PolicyInForce, policiesInForce, sameMachines } from "./access-policy.js";
import { policyRuleName } from "./access-rule.js";
import { AccessRulePlan, type PlannedRule, ruleDeleted, ruleWritten } from "./access-rule-plan.js";
import { type AccessState, accessStateOf } from "./access-state.js";
import { equalRules, ruleKey } from "./rule.js";

export type AccessPolicyChange = {
  /** Name or id; a name that there is not yet makes a policy. */
  readonly policy: string;
  /** Name or id. */
  readonly machine: string;
  /** All of the machine's; empty: it leaves the policy. */
  readonly ports: readonly AccessPolicyPort[];
};

export function decidePolicy(control: ControlState, change: AccessPolicyChange): AccessDecision {
  const policy = policyCalled(policiesInForce(control), change.policy);
  if ("refused" in policy) return { is: "refused", refusal: [policy] };
  const state = accessStateOf(control);
  const machine = machineCalled(state, policy, change.machine, control.at);
  if (typeof machine !== "string") return { is: "refused", refusal: [machine] };
  return decide({ ...change, state, policy, machine, time: control.at });
}

function policyCalled(inForce: readonly PolicyInForce[], name: string): PolicyInForce | AccessRefusal {
  const known = resolve(inForce, "just-in-time policy", name);
  if (!isRefusal(known)) {
    // The other machines of the policy must be known: writing it writes them, too.
    return known.because === null ? known : { refused: "policy-not-known", policy: known.id, because: known.because };
  }
  if (known.refused !== "unknown-resource") return known;
  return { id: newId("just-in-time policy", name), name, machines: [], because: null };
}

function machineCalled(state: AccessState, { machines }: PolicyInForce, name: string, time: Micros) {
  const placed = state.network.topologyAt(time).interfaces.flatMap((place) => place.machine ?? []);
  const all = [...machines.map(({ machine }) => machine), ...placed].map((id) => ({ id, name: nameOfId(id) }));
  const unique = all.filter(({ id }, index) => all.findIndex((other) => sameId(other.id, id)) === index);
  const known = resolve(unique, "machine", name);
  return isRefusal(known) ? known : known.id;
}

type Change = {
  readonly state: AccessState;
  readonly policy: PolicyInForce;
  readonly machine: ResourceId;
  readonly ports: readonly AccessPolicyPort[];
  readonly time: Micros;
};

function decide(change: Change): AccessDecision {
  const { state, policy, machine, ports, time } = change;
  if (ports.length === 0) return leave(change);
  const plan = new AccessRulePlan(state, time);
  const rules = plan.keepOut(policy.id, { machine, ports });
  const because = [
    ...nameRefusals(policy.id, machine),
    ...ports.flatMap(portRefusals),
    ...repeated(ports),
    ...plan.refusals,
  ];
  if (because.length > 0) return { is: "refused", refusal: because };
  const changed = rules.filter((planned) => !isInForce(state, planned, time));
  const facts = [...policyFacts(change), ...changed.map((planned) => ruleWritten(planned, time))];
  return { is: "decided", facts, remarks: facts.length === 0 ? [{ remark: "already-so" }] : [] };
}

/** The machine leaves the policy, and its deny goes, wherever it stands. */
function leave(change: Change): AccessDecision {
  const { state, policy, machine, time } = change;
  if (!policy.machines.some((own) => sameId(own.machine, machine))) {
    return { is: "refused", refusal: [{ refused: "machine-outside-policy", machine, policy: policy.id }] };
  }
  const name = ruleKey(policyRuleName(policy.id, machine));
  const denies = [...state.rules.groups.values()].flatMap(({ versions }) =>
    versions.filter(({ rule, from, to }) => ruleKey(rule) === name && from <= time && time < to),
  );
  const facts = denies.map(({ group, rule }) => ruleDeleted(group, rule, time));
  return { is: "decided", facts: [...policyFacts(change), ...facts], remarks: [] };
}

/** Of the names of policy and machine together ([A11]). */
const longestNames = 56;

function nameRefusals(policy: ResourceId, machine: ResourceId): AccessRefusal[] {
  const [policyName, machineName] = [nameOfId(policy), nameOfId(machine)];
  const fits = policyName.length + machineName.length <= longestNames;
  return fits ? [] : [{ refused: "names-too-long", policyName, machineName }];
}

function portRefusals({ port, sources, maxDurationSeconds }: AccessPolicyPort): AccessRefusal[] {
  const valid = Number.isInteger(port) && port >= 0 && port <= 65_535;
  const bad = sources.filter((source) => source !== "*" && parsePrefix(source) === null);
  return [
    ...(valid ? [] : [{ refused: "bad-port", port } as const]),
    ...(sources.length === 0 ? [{ refused: "no-source", port } as const] : []),
    ...bad.map((source) => ({ refused: "bad-source", source }) as const),
    ...(maxDurationSeconds === null ? [] : durationRefusals(maxDurationSeconds)),
  ];
}

function repeated(ports: readonly AccessPolicyPort[]): AccessRefusal[] {
  const isSame = (a: AccessPolicyPort, b: AccessPolicyPort) => a.port === b.port && a.protocol === b.protocol;
  const again = ports.filter((own, index) => ports.findIndex((other) => isSame(own, other)) < index);
  return again.map(({ port, protocol }) => ({ refused: "port-twice", port, protocol }));
}

function policyFacts({ policy, machine, ports, time }: Change): DatedFact[] {
  const others = policy.machines.filter((own) => !sameId(own.machine, machine));
  const machines: AccessPolicyMachine[] = ports.length === 0 ? others : [...others, { machine, ports }];
  if (sameMachines(policy.machines, machines)) return [];
  const effect = policy.machines.length > 0 ? "updated" : "created";
  const data = { phase: "succeeded", operationId: null, effect, policy: policy.id, machines } as const;
  return [{ type: "access-policy-written", data, time }];
}

function isInForce({ rules }: AccessState, { group, rule }: PlannedRule, time: Micros): boolean {
  const versions = rules.groups.get(group.toLowerCase())?.versions ?? [];
  const inForce = versions.filter(({ from, to }) => from <= time && time < to);
  const held = inForce.find((version) => ruleKey(version.rule) === ruleKey(rule.name))?.content;
  return held?.kind === "known" && equalRules(held.rule, rule);
}
