// Just-in-time access that was granted: to whom, for what, from when until when, and how it ended (DOMAIN 3). Which
// rules were made for it: `access-tie`.

import { ContentHash } from "../content-hash.js";
import {
  type AccessEnded,
  type AccessRequested,
  type ControlEvent,
  compareControlEvents,
  type GrantedRule,
  type RecordedEvent,
  type ResourceId,
} from "../event.js";
import { groupBy } from "../grouping.js";
import { type Micros, microsPerMinute } from "../time.js";
import { contains, type Prefix, parsePrefix } from "../wire/address.js";
import { bodyOf, type Edit, joinOperations, type Operation, type OperationEvent } from "./operation.js";
import { type Cause, causeOf } from "./rule-version.js";

export type AccessGrant = {
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
  /** When and how it ended, or will; null where nothing tells. */
  readonly end: AccessEnd | null;
  /** The request; its actor is the requestor. */
  readonly cause: Cause;
  /** Rules that go with the grant, where whoever recorded it says so. */
  readonly rules: readonly GrantedRule[];
};

export type AccessEnd = {
  readonly time: Micros;
  readonly because: AccessEnded["data"]["because"];
  /** What ended it; null where its time was up. */
  readonly cause: Cause | null;
};

export type GrantStatus = "active" | AccessEnd["because"];

/** Of a grant that had begun by then. */
export function grantStatus({ end }: AccessGrant, time: Micros): GrantStatus {
  return end !== null && end.time <= time ? end.because : "active";
}

/** Every access that was granted, in order of time. */
export function accessGrants(events: readonly ControlEvent[]): AccessGrant[] {
  const requests = events.filter(({ type }) => type === "access-requested");
  const granted = joinOperations(requests).flatMap(grantsOf);
  const endings = events
    .filter((event): event is ControlEvent & Ending => event.type === "access-ended")
    .sort(compareControlEvents);
  const byPort = groupBy(granted, portKey);
  const endedBy = groupBy(endings, (ending) => grantEndedBy(ending, byPort.get(portKey(ending.data)) ?? []));
  return granted.map((grant) => {
    const others = byPort.get(portKey(grant)) ?? [];
    return { ...grant, end: endOf(grant, others, endedBy.get(grant) ?? []) };
  });
}

/** What policy history is to know of the rules that end with their grants. */
export function accessLapses(events: readonly ControlEvent[]): Edit[] {
  return accessGrants(events).flatMap(({ cause, end, rules }) => {
    if (end === null) return [];
    const ending = end.cause ?? { ...cause, time: end.time, actor: null };
    return rules.map(({ group, ruleName }) => ({ kind: "rule-lapsed" as const, group, ruleName, cause: ending }));
  });
}

type Granted = Omit<AccessGrant, "end">;
type Ending = RecordedEvent<AccessEnded>;

function grantsOf(operation: Operation): Granted[] {
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

/** The earliest of: its time is up, somebody ended it, a newer request took its place. */
function endOf(grant: Granted, others: readonly Granted[], endings: readonly Ending[]): AccessEnd | null {
  const newer = others.find((other) => replaces(other, grant));
  const ends: AccessEnd[] = [
    ...endings.map((event) => ({ time: event.time, because: event.data.because, cause: causeOf(event) })),
    ...(newer === undefined ? [] : [{ time: newer.from, because: "renewed" as const, cause: newer.cause }]),
    ...(grant.until === null ? [] : [{ time: grant.until, because: "expired" as const, cause: null }]),
  ];
  return ends.sort((a, b) => a.time - b.time)[0] ?? null;
}

/** Same machine and port, and the older grant lets nobody in whom the newer does not. */
export function replaces(newer: Access, older: Access & Pick<AccessGrant, "until">): boolean {
  const running = older.until === null || newer.from < older.until;
  return newer.from > older.from && running && portKey(newer) === portKey(older) && coversSources(newer, older);
}

type Port = Pick<AccessGrant, "policy" | "machine" | "port">;
type Access = Port & Pick<AccessGrant, "sources" | "from">;

/** Ids are compared without case. */
function portKey({ policy, machine, port }: Port): string {
  return `${policy} ${machine} ${port}`.toLowerCase();
}

function coversSources({ sources: newer }: Access, { sources: older }: Access): boolean {
  return older.length > 0 && older.every((source) => newer.some((wide) => coversSource(wide, source)));
}

/** Whether all that `narrow` names is in `wide`; both are `*`, addresses or prefixes. */
export function coversSource(wide: string, narrow: string): boolean {
  if (wide === "*" || wide.toLowerCase() === narrow.toLowerCase()) return true;
  const [outer, inner] = [parsePrefix(wide), parsePrefix(narrow)];
  return outer !== null && inner !== null && holds(outer, inner);
}

function holds(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && contains(outer, inner.address);
}

/** A policy lists when a request was made, the Activity Log when it had succeeded: they may differ by so much. */
const requestSpanMicros = 5 * microsPerMinute;

/** Of the grants of its port: the one nearest to the time that the ending names. */
function grantEndedBy({ data, time }: Ending, granted: readonly Granted[]): Granted | null {
  const apart = ({ from }: Granted) => Math.abs(data.granted - from);
  const near = granted.filter((grant) => grant.from <= time && apart(grant) <= requestSpanMicros);
  return near.sort((a, b) => apart(a) - apart(b) || a.from - b.from)[0] ?? null;
}
