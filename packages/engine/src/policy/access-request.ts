// Decides a request for just-in-time access against the policy in force: granted, with the rules that follow, or
// refused with every reason (DOMAIN 3.1 to 3.3).

import { ContentHash } from "../content-hash.js";
import type {
  AccessPolicyMachine,
  AccessPolicyPort,
  Actor,
  GrantedRule,
  RequestedAccess,
  ResourceId,
} from "../event.js";
import { type Micros, microsPerSecond, toMicros } from "../time.js";
import { parsePrefix } from "../wire/address.js";
import { type AccessDecision, type AccessRefusal, type DecidedFact, durationRefusals } from "./access-decision.js";
import { coversSource, grantStatus, replaces } from "./access-grant.js";
import { type AccessPolicyVersion, accessPoliciesAt } from "./access-policy.js";
import { AccessRulePlan, type PlannedRule, rulesDeleted, ruleWritten } from "./access-rule-plan.js";
import type { AccessState } from "./access-state.js";

export type AccessRequest = {
  readonly time: Micros;
  readonly who: string | null;
  /** The address that the request comes from. */
  readonly from: string | null;
  /** Null: the one that covers the machines. */
  readonly policy: ResourceId | null;
  /** `sources` null: the address the request comes from; `until` null: as long as the policy allows. */
  readonly asked: readonly RequestedAccess[];
  readonly justification: string | null;
};

export function decideAccess(state: AccessState, request: AccessRequest): AccessDecision {
  const policy = policyFor(state, request);
  if ("type" in policy) return { is: "refused", because: [policy], follows: [] };
  const settled = request.asked.map((asked) => settle(asked, policy, request));
  const because = settled.flatMap(({ refusals }) => refusals);
  if (request.asked.length === 0) because.push({ type: "nothing-asked" });
  if (because.length > 0) return refused(policy, request, because);
  return grant(
    state,
    request,
    policy,
    settled.map(({ access }) => access),
  );
}

type KnownPolicy = { readonly policy: ResourceId; readonly machines: readonly AccessPolicyMachine[] };

function policyFor(state: AccessState, request: AccessRequest): KnownPolicy | AccessRefusal {
  const inForce = accessPoliciesAt(state.policies, request.time);
  const wanted = request.policy;
  const machine = request.asked[0]?.machine ?? "";
  const candidates =
    wanted === null
      ? inForce.filter((version) => machinesOf(version).some((own) => sameId(own.machine, machine)))
      : inForce.filter(({ policy }) => sameId(policy, wanted));
  if (candidates.length > 1) return { type: "several-policies", policies: candidates.map(({ policy }) => policy) };
  const [found] = candidates;
  if (found === undefined && wanted === null) return { type: "no-policy", machine };
  if (found === undefined) return { type: "unknown-policy", policy: wanted! };
  const { policy, content } = found;
  if (content.is === "unknown") return { type: "policy-not-known", policy, because: content.because };
  return { policy, machines: content.machines };
}

function machinesOf({ content }: AccessPolicyVersion): readonly AccessPolicyMachine[] {
  return content.is === "known" ? content.machines : [];
}

function sameId(a: ResourceId, b: ResourceId): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** One port of one machine with nothing left open, and what speaks against it. */
type Settled = {
  readonly access: Required<RequestedAccess> & { readonly sources: readonly string[]; readonly until: Micros };
  readonly refusals: readonly AccessRefusal[];
};

function settle(asked: RequestedAccess, { policy, machines }: KnownPolicy, request: AccessRequest): Settled {
  const machine = machines.find((own) => sameId(own.machine, asked.machine));
  const ports = machine?.ports.filter(({ port }) => port === asked.port) ?? [];
  const port = ports.find(({ protocol }) => covers(protocol, asked.protocol)) ?? ports[0];
  const until = asked.until ?? untilAllowed(request.time, port);
  const sources = asked.sources ?? (request.from === null ? [] : [request.from]);
  const protocol = asked.protocol ?? port?.protocol ?? "*";
  const access = { machine: machine?.machine ?? asked.machine, port: asked.port, sources, until, protocol, rules: [] };
  if (machine === undefined) {
    return { access, refusals: [{ type: "unknown-machine", machine: asked.machine, policy }] };
  }
  if (port === undefined) {
    const allowed = machine.ports.map((own) => own.port);
    return { access, refusals: [{ type: "unknown-port", port: asked.port, allowed }] };
  }
  const seconds = (until - request.time) / microsPerSecond;
  const refusals = [
    ...protocolRefusals(asked, ports),
    ...sourceRefusals(asked.port, sources, port),
    ...spanRefusals(seconds, port),
  ];
  return { access, refusals };
}

function covers(allowed: AccessPolicyPort["protocol"], asked: RequestedAccess["protocol"]): boolean {
  return asked === undefined || allowed === "*" || allowed === asked;
}

function untilAllowed(time: Micros, port: AccessPolicyPort | undefined): Micros {
  return toMicros(time + (port?.maxDurationSeconds ?? defaultDurationSeconds) * microsPerSecond);
}

/** What the portal offers where a policy says nothing ([A11]). */
const defaultDurationSeconds = 3 * 3600;

function protocolRefusals({ protocol }: RequestedAccess, ports: readonly AccessPolicyPort[]): AccessRefusal[] {
  if (protocol === undefined || ports.some((port) => covers(port.protocol, protocol))) return [];
  return [{ type: "protocol-outside-policy", protocol, allowed: ports.map((port) => port.protocol) }];
}

function sourceRefusals(port: number, sources: readonly string[], { sources: allowed }: AccessPolicyPort) {
  if (sources.length === 0) return [{ type: "no-source", port } as const];
  return sources.flatMap((source): AccessRefusal[] => {
    if (source !== "*" && parsePrefix(source) === null) return [{ type: "bad-source", source }];
    const inside = allowed.some((wide) => coversSource(wide, source));
    return inside ? [] : [{ type: "source-outside-policy", source, allowed }];
  });
}

function spanRefusals(seconds: number, { maxDurationSeconds }: AccessPolicyPort): AccessRefusal[] {
  const outside = durationRefusals(seconds);
  if (outside.length > 0 || maxDurationSeconds === null || seconds <= maxDurationSeconds) return outside;
  return [{ type: "longer-than-policy", seconds, maxDurationSeconds }];
}

function refused({ policy }: KnownPolicy, request: AccessRequest, because: readonly AccessRefusal[]): AccessDecision {
  const { justification, asked } = request;
  const refusal = [...new Set(because.map(({ type }) => type))].join(", ");
  const data = { ...operation("failed"), policy, justification, grants: asked, refusal };
  const actor = actorOf(request, policy);
  return { is: "refused", because, follows: [{ type: "access-requested", data, time: request.time, actor }] };
}

function operation<P extends "succeeded" | "failed">(phase: P) {
  return { phase, operationId: null, effect: null } as const;
}

/** One correlation id ties the request and its rules, and is made of what was asked. */
function actorOf({ who, from, time, asked }: AccessRequest, policy: ResourceId): Actor {
  const hash = new ContentHash()
    .text(policy.toLowerCase())
    .number(time)
    .text(who ?? "")
    .text(JSON.stringify(asked));
  return { who, from, correlationId: `jit-${hash.base32()}` };
}

type Access = Settled["access"];

function grant(state: AccessState, request: AccessRequest, known: KnownPolicy, accesses: Access[]): AccessDecision {
  const { time, justification } = request;
  const { policy } = known;
  const plan = new AccessRulePlan(state, time);
  const rules = accesses.map((access) => plan.letIn({ ...access, policy }));
  if (plan.refusals.length > 0) return refused(known, request, plan.refusals);
  const actor = actorOf(request, policy);
  const grants = accesses.map((access, index) => ({ ...access, rules: rules[index]!.map(nameOfRule) }));
  const follows: DecidedFact[] = [
    { type: "access-requested", data: { ...operation("succeeded"), policy, justification, grants }, time, actor },
    ...rules.flat().map((rule) => ruleWritten(rule, time, actor)),
    ...replacedBy(accesses, policy, state, time).flatMap((older) => rulesDeleted(state, older, time, actor)),
  ];
  return { is: "decided", follows };
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
