// Just-in-time access: who was let in to what and why, which rules that made, which sessions it admitted, and how long
// they outlived it.

import {
  type AccessFinding,
  type AccessGrant,
  type AccessRequested,
  type AccessSetUp,
  type AccessState,
  accessFindings,
  accessSetUps,
  accessState,
  type ControlEvent,
  endOfTime,
  type GrantMatch,
  type GrantStatus,
  grantStatus,
  type Micros,
  type Position,
  type RecordedEvent,
  type RuleVersion,
} from "@conntrail/engine";
import { readControl } from "@conntrail/store";
import type { Case } from "../case.js";
import {
  countBytesAfter,
  flowsAdmittedBy,
  overstay,
  ruleKey,
  type Session,
  sumBytesReportedAfter,
  toldOnce,
} from "./jit-session.js";
import { positionsOf } from "./rules.js";

export type JitQuestion = {
  /** Included; grants that had ended before it are left out. */
  readonly since: Micros | null;
  /** Excluded; grants that begin later are left out. */
  readonly until: Micros | null;
  /** As things stood at this instant, itself included. */
  readonly at: Micros;
  readonly knownAt: Position | null;
};

export type GrantRule = { readonly version: RuleVersion; readonly by: GrantMatch["by"] };

export type GrantAnswer = {
  readonly grant: AccessGrant;
  /** When the access was over, newer grants that replace this one included; null where nothing tells. */
  readonly over: Micros | null;
  readonly status: GrantStatus;
  readonly rules: readonly GrantRule[];
  readonly sessions: readonly Session[];
};

export type RefusedRequest = RecordedEvent<AccessRequested>;

export type JitAnswer = {
  readonly at: Micros;
  readonly grants: readonly GrantAnswer[];
  readonly refused: readonly RefusedRequest[];
  /** Rules that went when a policy was set up. */
  readonly setUps: readonly AccessSetUp[];
  readonly findings: readonly AccessFinding[];
  readonly positions: ReadonlyMap<string, Position>;
};

export async function jit(kase: Case, question: JitQuestion): Promise<JitAnswer> {
  const control = await readControl(kase.log, question.knownAt);
  const state = accessState(control);
  const grants = grantAnswers(kase, state, question);
  await countBytesAfter(kase, grants, { ...question, control });
  await sumBytesReportedAfter(kase, grants);
  return {
    at: question.at,
    grants,
    refused: control.events.filter(isRefused).filter(({ time }) => isIn({ from: time, to: time }, question)),
    setUps: accessSetUps(state).filter(({ policy }) => isIn(policy, question)),
    findings: accessFindings(state, question.at).filter((finding) => isIn(finding, question)),
    positions: positionsOf(control.events),
  };
}

function isIn(
  { from, to }: { readonly from: Micros; readonly to: Micros },
  { since, until, at }: JitQuestion,
): boolean {
  return from <= at && (until === null || from < until) && (since === null || to >= since);
}

function isRefused(event: ControlEvent): event is ControlEvent & RefusedRequest {
  return event.type === "access-requested" && event.data.phase === "failed";
}

function grantAnswers(kase: Case, { grants, ties }: AccessState, question: JitQuestion): GrantAnswer[] {
  const asked = grants.filter(({ from, end }) => isIn({ from, to: end?.time ?? endOfTime }, question));
  const rulesOf = new Map(
    asked.map((grant) => [grant, ties.versionsOf(grant).filter(({ from }) => from <= question.at)] as const),
  );
  const admitted = flowsAdmittedBy(kase, [...rulesOf.values()].flat(), question);
  return asked.map((grant) => {
    const rules = rulesOf.get(grant)!;
    const made = rules.map((version) => ({ version, by: ties.matchesOf(version)[0]!.by }));
    const sessions = toldOnce(new Set(rules.flatMap((version) => admitted.get(ruleKey(version)) ?? [])));
    const over = endOfAccess(grant, grants);
    return {
      grant,
      over,
      status: grantStatus(grant, question.at),
      rules: made,
      sessions: sessions.map((flow) => ({ flow, overstayMicros: overstay(flow, over, question.at), bytesAfter: 0 })),
    };
  });
}

/** A grant that a newer one of the same access replaces is over when that is. */
function endOfAccess(grant: AccessGrant, grants: readonly AccessGrant[]): Micros | null {
  const { end } = grant;
  if (end?.because !== "renewed") return end?.time ?? null;
  const next = grants
    .filter((other) => other.from >= end.time && isSameAccess(grant, other))
    .reduce<AccessGrant | null>((first, other) => (first === null || other.from < first.from ? other : first), null);
  return next === null ? end.time : endOfAccess(next, grants);
}

function isSameAccess(one: AccessGrant, other: AccessGrant): boolean {
  const access = ({ machine, port, sources }: AccessGrant) => [machine.toLowerCase(), port, sources.toSorted()];
  return one !== other && JSON.stringify(access(one)) === JSON.stringify(access(other));
}
