// Decides a request for just-in-time access against the policy in force: granted, with the rules that follow, or
// refused with every reason (DOMAIN 3.1 to 3.3).

import type { ControlState, DatedFact } from "../decide/decided.js";
import { isRefusal } from "../decide/refusal.js";
import { resolve } from "../decide/resolve.js";
import type { AccessPolicyMachine, AccessPolicyPort, GrantedRule, RequestedAccess, ResourceId } from "../event.js";
import { type Micros, microsPerSecond, toMicros } from "../time.js";
import { parsePrefix } from "../wire/address.js";
import { type AccessDecision, type AccessRefusal, durationRefusals } from "./access-decision.js";
import { coversSource, replaces } from "./access-end.js";
import { grantStatus } from "./access-grant.js";
import { type PolicyInForce, policiesInForce } from "./access-policy.js";
import { AccessRulePlan, type PlannedRule, rulesDeleted, ruleWritten } from "./access-rule-plan.js";
import { type AccessState, accessStateOf, namedMachines } from "./access-state.js";

export type AccessRequest = {
  /** Name or id; null: the one that covers the machine. */
  readonly policy: string | null;
  /** Machines by name or id; `sources` null: `from`; `until` null: as long as the policy allows. */
  readonly asked: readonly RequestedAccess[];
  /** The address that the request comes from. */
  readonly from: string | null;
  readonly justification: string | null;
};

export function decideAccess(control: ControlState, request: AccessRequest): AccessDecision {
  const found = policyFor(policiesInForce(control), request);
  if ("refused" in found) return { is: "refused", refusal: [found] };
  const settled = request.asked.map((asked) => settle(asked, found, request.from, control.at));
  const because = settled.flatMap((own) => ("refusals" in own ? own.refusals : [own]));
  if (because.length > 0) return refuse(control, request, found, because);
  const accesses = settled.flatMap((own) => ("access" in own ? own.access : []));
  return grant(control, request, found, accesses);
}

function policyFor(inForce: readonly PolicyInForce[], { policy, asked }: AccessRequest): KnownPolicy | AccessRefusal {
  const machine = asked[0]?.machine;
  if (machine === undefined) return { refused: "nothing-asked" };
  if (policy !== null) {
    const named = resolve(inForce, "just-in-time policy", policy);
    return isRefusal(named) ? named : known(named);
  }
  const covering = inForce.filter((own) => mayCover(own, machine));
  if (covering.length > 1) return { refused: "several-policies", policies: covering.map(({ id }) => id) };
  return covering[0] === undefined ? { refused: "no-policy", machine } : known(covering[0]);
}

/** A policy of which it is not known what it says may cover any machine. */
function mayCover({ machines, because }: PolicyInForce, machine: string): boolean {
  const found = resolve(namedMachines(machines), "machine", machine);
  return because !== null || !isRefusal(found) || found.refused !== "unknown-resource";
}

type KnownPolicy = { readonly policy: ResourceId; readonly machines: readonly AccessPolicyMachine[] };

function known({ id, machines, because }: PolicyInForce): KnownPolicy | AccessRefusal {
  return because === null ? { policy: id, machines } : { refused: "policy-not-known", policy: id, because };
}

/** One port of one machine with nothing left open. */
type Access = {
  readonly machine: ResourceId;
  readonly port: number;
  readonly protocol: "tcp" | "udp" | "*";
  readonly sources: readonly string[];
  readonly until: Micros;
};

/** What would be let in, and what speaks against it; or why it is not even clear what is asked for. */
type Settled = { readonly access: Access; readonly refusals: readonly AccessRefusal[] } | AccessRefusal;

function settle(asked: RequestedAccess, { policy, machines }: KnownPolicy, from: string | null, at: Micros): Settled {
  const machine = resolve(namedMachines(machines), "machine", asked.machine);
  if (isRefusal(machine)) {
    const outside = { refused: "machine-outside-policy", machine: asked.machine, policy } as const;
    return machine.refused === "unknown-resource" ? outside : machine;
  }
  const ports = machine.ports.filter(({ port }) => port === asked.port);
  const port = ports.find(({ protocol }) => covers(protocol, asked.protocol)) ?? ports[0];
  if (port === undefined) {
    return { refused: "port-outside-policy", port: asked.port, allowed: machine.ports.map((own) => own.port) };
  }
  const access = {
    machine: machine.id,
    port: asked.port,
    protocol: asked.protocol ?? port.protocol,
    sources: asked.sources ?? (from === null ? [] : [from]),
    until: asked.until ?? toMicros(at + (port.maxDurationSeconds ?? defaultDurationSeconds) * microsPerSecond),
  };
  const seconds = (access.until - at) / microsPerSecond;
  const refusals = [...protocolRefusals(asked, ports), ...sourceRefusals(access, port), ...spanRefusals(seconds, port)];
  return { access, refusals };
}

/** What the portal offers where a policy says nothing ([A11]). */
const defaultDurationSeconds = 3 * 3600;

function covers(allowed: AccessPolicyPort["protocol"], asked: RequestedAccess["protocol"]): boolean {
  return asked === undefined || allowed === "*" || allowed === asked;
}

function protocolRefusals({ protocol }: RequestedAccess, ports: readonly AccessPolicyPort[]): AccessRefusal[] {
  if (protocol === undefined || ports.some((port) => covers(port.protocol, protocol))) return [];
  return [{ refused: "protocol-outside-policy", protocol, allowed: ports.map((port) => port.protocol) }];
}

function sourceRefusals({ port, sources }: Access, { sources: allowed }: AccessPolicyPort): AccessRefusal[] {
  if (sources.length === 0) return [{ refused: "no-source", port }];
  return sources.flatMap((source): AccessRefusal[] => {
    if (source !== "*" && parsePrefix(source) === null) return [{ refused: "bad-source", source }];
    const inside = allowed.some((wide) => coversSource(wide, source));
    return inside ? [] : [{ refused: "source-outside-policy", source, allowed }];
  });
}

function spanRefusals(seconds: number, { maxDurationSeconds }: AccessPolicyPort): AccessRefusal[] {
  const outside = durationRefusals(seconds);
  if (outside.length > 0 || maxDurationSeconds === null || seconds <= maxDurationSeconds) return outside;
  return [{ refused: "longer-than-policy", seconds, maxDurationSeconds }];
}

function operation<P extends "succeeded" | "failed">(phase: P) {
  return { phase, operationId: null, effect: null } as const;
}

/** A request that was refused is a fact, too. */
function refuse(
  { at }: ControlState,
  { justification, asked }: AccessRequest,
  { policy }: KnownPolicy,
  because: readonly AccessRefusal[],
): AccessDecision {
  const refusal = [...new Set(because.map(({ refused }) => refused))].join(", ");
  const data = { ...operation("failed"), policy, justification, grants: asked, refusal };
  return { is: "refused", refusal: because, facts: [{ type: "access-requested", data, time: at }] };
}

function grant(
  control: ControlState,
  request: AccessRequest,
  found: KnownPolicy,
  accesses: readonly Access[],
): AccessDecision {
  const { policy } = found;
  const time = control.at;
  const state = accessStateOf(control);
  const plan = new AccessRulePlan(state, time);
  const rules = accesses.map((access) => plan.letIn({ ...access, policy }));
  if (plan.refusals.length > 0) return refuse(control, request, found, plan.refusals);
  const grants = accesses.map((access, index) => ({ ...access, rules: rules[index]!.map(nameOfRule) }));
  const replaced = replacedBy(accesses, policy, state, time);
  const data = { ...operation("succeeded"), policy, justification: request.justification, grants };
  const facts: DatedFact[] = [
    { type: "access-requested", data, time },
    ...rules.flat().map((rule) => ruleWritten(rule, time)),
    ...replaced.flatMap((older) => rulesDeleted(state, older, time)),
  ];
  return { is: "decided", facts, remarks: replaced.map((older) => ({ remark: "renews", grant: older })) };
}

function nameOfRule({ group, rule }: PlannedRule): GrantedRule {
  return { group, ruleName: rule.name };
}

/** Running grants whose place these take: `NewerRequestInitiated` in Azure's words. */
function replacedBy(accesses: readonly Access[], policy: ResourceId, { grants }: AccessState, time: Micros) {
  return grants.filter((older) => {
    const running = older.from < time && grantStatus(older, time) === "active";
    return running && accesses.some((access) => replaces({ ...access, policy, from: time }, older));
  });
}
