// Just-in-time access that was granted: to whom, for what, from when until when, and how it ended (DOMAIN 3). Which
// rules were made for it: `access-tie`.

import type { ControlEvent } from "../event.js";
import type { Micros } from "../time.js";
import { type AccessEnd, accessEnds } from "./access-end.js";
import { type GrantedAccess, grantedAccess } from "./granted-access.js";
import type { Edit } from "./operation.js";

/** `end`: when and how it ended, or will; null where nothing tells. */
export type AccessGrant = GrantedAccess & { readonly end: AccessEnd | null };

export type GrantStatus = "active" | AccessEnd["because"];

/** Of a grant that had begun by then. */
export function grantStatus({ end }: AccessGrant, time: Micros): GrantStatus {
  return end !== null && end.time <= time ? end.because : "active";
}

/** Every access that was granted, in order of time. */
export function accessGrants(events: readonly ControlEvent[]): AccessGrant[] {
  const granted = grantedAccess(events);
  const ends = accessEnds(granted, events);
  return granted.map((own) => ({ ...own, end: ends.get(own) ?? null }));
}

/** What policy history is to know of the rules that end with their grants. */
export function accessLapses(events: readonly ControlEvent[]): Edit[] {
  return accessGrants(events).flatMap(({ cause, end, rules }) => {
    if (end === null) return [];
    const ending = end.cause ?? { ...cause, time: end.time, actor: null };
    return rules.map(({ group, ruleName }) => ({ kind: "rule-lapsed" as const, group, ruleName, cause: ending }));
  });
}
