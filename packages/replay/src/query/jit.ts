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
  type FlowId,
  type GrantMatch,
  type GrantStatus,
  grantStatus,
  type JudgedPacket,
  type Micros,
  microsPerMinute,
  type Position,
  type RecordedEvent,
  type RuleVersion,
} from "@conntrail/engine";
import { type Control, eachReportedFlow, foldLog, type GateRow, queryFlows, readControl } from "@conntrail/store";
import type { Case } from "../case.js";
import { type FlowRow, isReported } from "./flows.js";
import { reportedSince } from "./reported-admission.js";
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

/** A flow record that a rule of the grant admitted, of packets or as a sensor reported it. */
export type Session = {
  readonly flow: FlowRow;
  /** From the end of the access to the record's last packet; 0 where that came before. */
  readonly overstayMicros: number;
  /** Of IP packets after the end of the access; null where a sensor tells of the connection only once. */
  bytesAfter: number | null;
};

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
  await countBytesAfter(kase, control, grants, question);
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
  const span = { from: question.since, until: null, at: null };
  const flows = [...queryFlows(kase.views, span), ...eachReportedFlow(kase.views, span)];
  return asked.map((grant) => {
    const rules = ties.versionsOf(grant).filter(({ from }) => from <= question.at);
    const made = rules.map((version) => ({ version, by: ties.matchesOf(version)[0]!.by }));
    const admitted = flows.filter((flow) => flow.opened_at <= question.at && isAdmittedBy(flow, rules));
    const sessions = toldOnce(admitted);
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

/** A connection that packets and sensors tell of is one session: that of the packets, else that of the first sensor. */
function toldOnce(flows: readonly FlowRow[]): FlowRow[] {
  const kept = new Map<string, FlowRow[]>();
  for (const flow of flows) {
    const connection = [flow.interface, flow.protocol, flow.source, flow.source_port, flow.destination];
    const key = [...connection, flow.destination_port, flow.icmp].join(" ");
    const same = kept.get(key) ?? [];
    const isTold = isReported(flow) && same.some((other) => overlap(flow, other));
    kept.set(key, isTold ? same : [...same, flow]);
  }
  return [...kept.values()].flat().sort((a, b) => a.opened_at - b.opened_at || (a.id < b.id ? -1 : 1));
}

/** Sensors tell whole seconds or minutes. */
const sensorMicros = microsPerMinute;

function overlap(one: FlowRow, other: FlowRow): boolean {
  return one.opened_at <= other.last_seen + sensorMicros && other.opened_at <= one.last_seen + sensorMicros;
}

function isAdmittedBy(flow: FlowRow, rules: readonly RuleVersion[]): boolean {
  const gates = JSON.parse(flow.gates) as GateRow[];
  const isRule = (gate: GateRow) => (own: RuleVersion) =>
    own.group === gate.group && own.rule === gate.rule && own.version === gate.version;
  return gates.some((gate) => gate.decision === "allow" && rules.some(isRule(gate)));
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

function overstay({ last_seen }: FlowRow, over: Micros | null, at: Micros): number {
  return over === null ? 0 : Math.max(0, Math.min(last_seen, at) - over);
}

/** Traffic is folded again only where a session outlived its grant: views hold no more than the totals of a record. */
async function countBytesAfter(
  kase: Case,
  control: Control,
  grants: readonly GrantAnswer[],
  { at, knownAt }: JitQuestion,
): Promise<void> {
  const outlived = new Map<FlowId, { readonly end: Micros; readonly session: Session }>();
  for (const { over, sessions } of grants) {
    for (const session of sessions) {
      if (session.overstayMicros > 0 && !isReported(session.flow)) {
        outlived.set(session.flow.id as FlowId, { end: over!, session });
      }
    }
  }
  if (outlived.size === 0) return;
  const onVerdict = (judged: JudgedPacket) => {
    const { reason, traffic, index } = judged;
    const own = "flow" in reason && reason.type !== "related" ? outlived.get(reason.flow ?? "") : undefined;
    if (own !== undefined && traffic.batch.time[index]! > own.end) {
      own.session.bytesAfter! += traffic.batch.ipLength[index]!;
    }
  };
  const nothing = () => undefined;
  await foldLog(kase.log, kase.views, {
    control,
    knownAt,
    semantics: kase.semantics,
    until: at,
    only: null,
    onFlow: nothing,
    onVerdict,
  });
}

async function sumBytesReportedAfter(kase: Case, grants: readonly GrantAnswer[]): Promise<void> {
  for (const { over, sessions } of grants) {
    for (const session of sessions) {
      if (session.overstayMicros === 0 || !isReported(session.flow)) continue;
      const moved = await reportedSince(kase, session.flow, over!);
      session.bytesAfter = moved === null ? null : moved.bytesForward + moved.bytesBackward;
    }
  }
}
