// What requests for just-in-time access granted, however it ended: one for each port of each machine. A request may be in
// the evidence twice, in the Activity Log and in the list that its policy keeps.

import { ContentHash } from "../content-hash.js";
import type { AccessRequested, ControlEvent, GrantedRule, ResourceId } from "../event.js";
import { groupBy } from "../grouping.js";
import { type Micros, microsPerMinute } from "../time.js";
import { bodyOf, joinOperations, type Operation, type OperationEvent } from "./operation.js";
import { type Cause, causeOf } from "./rule-version.js";

export type GrantedAccess = {
  /** `g-` and 13 characters of base 32, the same in every rebuild. */
  readonly id: string;
  readonly policy: ResourceId;
  readonly machine: ResourceId;
  readonly port: number;
  /** Null: as the policy says. */
  readonly protocol: "tcp" | "udp" | "*" | null;
  /** As requested; the requestor's own address where the request named none. Empty: not known. */
  readonly sources: readonly string[];
  readonly justification: string | null;
  /** The earliest record of the request. */
  readonly requested: Micros;
  readonly from: Micros;
  /** As requested. */
  readonly until: Micros | null;
  /** The request; its actor is the requestor. */
  readonly cause: Cause;
  /** Rules that go with the grant, where whoever recorded it says so. */
  readonly rules: readonly GrantedRule[];
};

/** The port of a machine that a policy opens. */
export type OpenedPort = Pick<GrantedAccess, "policy" | "machine" | "port">;

/** Equal for the same port; ids are compared without case. */
export function portKey({ policy, machine, port }: OpenedPort): string {
  return `${policy} ${machine} ${port}`.toLowerCase();
}

/** In order of time. */
export function grantedAccess(events: readonly ControlEvent[]): GrantedAccess[] {
  const requests = events.filter(({ type }) => type === "access-requested");
  const told = joinOperations(requests).flatMap(toldBy);
  const byEnd = groupBy(told, (access) => `${portKey(access)} ${access.until}`);
  return [...byEnd.values()].flatMap(mergeTold).sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
}

function toldBy(operation: Operation): GrantedAccess[] {
  const { outcome, records } = operation;
  const requested = bodyOf(operation, (data) => requestData(data)?.grants ?? null) ?? [];
  const cause = causeOf(outcome);
  const own = cause.actor?.from ?? null;
  const shared = {
    policy: requestData(outcome.data)?.policy ?? "",
    justification: bodyOf(operation, (data) => requestData(data)?.justification ?? null),
    requested: records[0]!.time,
    from: outcome.time,
    cause,
  };
  return requested.map(({ machine, port, sources, until, protocol = null, rules = [] }) => ({
    ...shared,
    id: grantId(cause.event, machine, port),
    machine,
    port,
    protocol,
    sources: sources ?? (own === null ? [] : [own]),
    until,
    rules,
  }));
}

function grantId(event: string, machine: ResourceId, port: number): string {
  return `g-${new ContentHash().text(event).text(machine.toLowerCase()).number(port).base32()}`;
}

function requestData(data: OperationEvent["data"]): AccessRequested["data"] | null {
  return "grants" in data ? data : null;
}

/** A policy lists when a request was made, the Activity Log when it had succeeded: they may differ by so much. */
export const requestSpanMicros = 5 * microsPerMinute;

/** Of accesses to one port that end at the same instant: those that tell of one request become one. */
function mergeTold(told: readonly GrantedAccess[]): GrantedAccess[] {
  const merged: GrantedAccess[] = [];
  for (const access of told) {
    const index = merged.findIndex((known) => isSameRequest(known, access));
    if (index < 0) merged.push(access);
    else merged[index] = mergeTwo(merged[index]!, access);
  }
  return merged;
}

/** The Activity Log has a correlation id, and the list has none: two of a kind are two requests. */
function isSameRequest(a: GrantedAccess, b: GrantedAccess): boolean {
  const [whoA, whoB] = [whoOf(a), whoOf(b)];
  const samePerson = whoA === null || whoB === null || whoA === whoB;
  const twoKinds = isListed(a) !== isListed(b);
  return a.until !== null && twoKinds && samePerson && Math.abs(a.from - b.from) <= requestSpanMicros;
}

function whoOf({ cause }: GrantedAccess): string | null {
  return cause.actor?.who?.toLowerCase() ?? null;
}

function isListed({ cause }: GrantedAccess): boolean {
  return (cause.actor?.correlationId ?? null) === null;
}

/** The list may know sources and a justification that the log leaves out. */
function mergeTwo(a: GrantedAccess, b: GrantedAccess): GrantedAccess {
  const [logged, listed] = isListed(a) ? [b, a] : [a, b];
  const requested = Math.min(logged.requested, listed.requested) as Micros;
  const sources = logged.sources.length > 0 ? logged.sources : listed.sources;
  return { ...logged, requested, sources, justification: logged.justification ?? listed.justification };
}
