// Just-in-time access: who asked, for what and until when, and which rules were made for it. Requests and rules are
// tied by correlation id, else by what they say (DOMAIN 3).

import type { AccessRequested, ControlEvent, ResourceId } from "../event.js";
import type { Micros } from "../time.js";
import { microsPerHour } from "../time.js";
import { contains, parseAddress, parsePrefix } from "../wire/address.js";
import { bodyOf, joinOperations, type Operation, type OperationEvent } from "./operation.js";
import { isUnreadable, parsePortRange, type RuleContent } from "./rule.js";
import { type Cause, causeOf, type RuleVersion } from "./rule-version.js";

export type AccessGrant = {
  readonly policy: ResourceId;
  readonly machine: ResourceId;
  readonly port: number;
  /** As requested; the requestor's own address where the request named none. */
  readonly sources: readonly string[];
  readonly justification: string | null;
  readonly from: Micros;
  readonly until: Micros | null;
  /** The request; its actor is the requestor. */
  readonly cause: Cause;
};

/** How a rule was tied to a grant. */
export type GrantMatch = { readonly grant: AccessGrant; readonly by: "correlation id" | "port, source and time" };

/** Every access that was granted, in order of time. */
export function accessGrants(events: readonly ControlEvent[]): AccessGrant[] {
  return joinOperations(events).flatMap((operation) =>
    operation.outcome.type === "access-requested" ? grantsOf(operation) : [],
  );
}

function grantsOf(operation: Operation): AccessGrant[] {
  const { outcome } = operation;
  const requested = bodyOf(operation, (data) => requestData(data)?.grants ?? null) ?? [];
  const justification = bodyOf(operation, (data) => requestData(data)?.justification ?? null);
  const cause = causeOf(outcome);
  const own = cause.actor?.from ?? null;
  return requested.map(({ machine, port, sources, until }) => ({
    policy: requestData(outcome.data)?.policy ?? "",
    machine,
    port,
    sources: sources ?? (own === null ? [] : [own]),
    justification,
    from: outcome.time,
    until,
    cause,
  }));
}

function requestData(data: OperationEvent["data"]): AccessRequested["data"] | null {
  return "grants" in data ? data : null;
}

/** Names of the rules that a grant makes, in both brandings; `_` in place of the first `-` is the policy's own deny. */
const grantRuleName = /^(SecurityCenter|MicrosoftDefenderForCloud)-JITRule-(-?\d+)-([0-9A-F]{32})$/i;

/** A rule follows its request within minutes; an hour is far on the safe side. */
const longestDelayMicros = microsPerHour;

/** The latest grant that this version was made for; null where none fits. */
export function grantOf(version: RuleVersion, grants: readonly AccessGrant[]): GrantMatch | null {
  const { begunBy, content } = version;
  if (begunBy === null || content.kind !== "known" || isUnreadable(content.rule)) return null;
  const rule = content.rule;
  const correlation = begunBy.actor?.correlationId ?? null;
  const earlier = grants.filter(({ from }) => from <= begunBy.time && begunBy.time - from <= longestDelayMicros);
  const tied = earlier.findLast((grant) => correlation !== null && grant.cause.actor?.correlationId === correlation);
  if (tied !== undefined) return { grant: tied, by: "correlation id" };
  if (!grantRuleName.test(rule.name)) return null;
  const fitting = earlier.findLast((grant) => fits(rule, grant));
  return fitting === undefined ? null : { grant: fitting, by: "port, source and time" };
}

function fits(rule: RuleContent, { port, sources }: AccessGrant): boolean {
  const ports = rule.destination.ports.map(parsePortRange).filter((range) => range !== null);
  const samePort = ports.some(({ first, last }) => first <= port && port <= last);
  return samePort && sources.some((source) => admits(rule, source));
}

function admits(rule: RuleContent, source: string): boolean {
  if (rule.source.addresses.includes("*")) return true;
  const address = parseAddress(source.split("/")[0] ?? "");
  const prefixes = rule.source.addresses.map(parsePrefix).filter((prefix) => prefix !== null);
  return address !== null && prefixes.some((prefix) => contains(prefix, address));
}
