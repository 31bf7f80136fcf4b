// Sessions of just-in-time access: flow records that the rules of a grant admitted, of packets or as sensors reported them,
// and what moved in them when the access was over.

import {
  type FlowId,
  type JudgedPacket,
  type Micros,
  microsPerMinute,
  type Position,
  type RuleVersion,
} from "@conntrail/engine";
import { type Control, eachFlow, eachReportedFlow, foldLog, type GateRow } from "@conntrail/store";
import type { Case } from "../case.js";
import { type FlowRow, isReported } from "./flows.js";
import { reportedSince } from "./reported-admission.js";

/** A flow record that a rule of the grant admitted, of packets or as a sensor reported it. */
export type Session = {
  readonly flow: FlowRow;
  /** From the end of the access to the record's last packet; 0 where that came before. */
  readonly overstayMicros: number;
  /** Of IP packets after the end of the access; null where a sensor tells of the connection only once. */
  bytesAfter: number | null;
};

/** `over`: when the access was; null where nothing tells. */
type Used = { readonly over: Micros | null; readonly sessions: readonly Session[] };

/** By rule; those of packets come before those that sensors report. */
export function flowsAdmittedBy(
  { views }: Case,
  rules: readonly RuleVersion[],
  { since, at }: { readonly since: Micros | null; readonly at: Micros },
): ReadonlyMap<string, readonly FlowRow[]> {
  const admitted = new Map<string, FlowRow[]>(rules.map((version) => [ruleKey(version), []]));
  if (admitted.size === 0) return admitted;
  const rulesIn = remembered((gates: string) => allowing(gates).filter((key) => admitted.has(key)));
  const span = { from: since, until: (at + 1) as Micros, at: null };
  for (const rows of [eachFlow(views, span), eachReportedFlow(views, span)]) {
    for (const row of rows) for (const key of rulesIn(row.gates)) admitted.get(key)!.push(row);
  }
  return admitted;
}

function allowing(gates: string): string[] {
  return (JSON.parse(gates) as GateRow[]).filter(({ decision }) => decision === "allow").map(ruleKey);
}

export function ruleKey({ group, rule, version }: Pick<GateRow, "group" | "rule" | "version">): string {
  return JSON.stringify([group, rule, version]);
}

/** Of texts that repeat. */
function remembered<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    const known = made.get(text) ?? make(text);
    made.set(text, known);
    return known;
  };
}

/** A connection that packets and sensors tell of is one session: that of the packets, else that of the first sensor. */
export function toldOnce(flows: Iterable<FlowRow>): FlowRow[] {
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

export function overstay({ last_seen }: FlowRow, over: Micros | null, at: Micros): number {
  return over === null ? 0 : Math.max(0, Math.min(last_seen, at) - over);
}

/** Traffic is folded again only where a session outlived its grant: views hold no more than the totals of a record. */
export async function countBytesAfter(
  kase: Case,
  grants: readonly Used[],
  { control, at, knownAt }: { readonly control: Control; readonly at: Micros; readonly knownAt: Position | null },
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

export async function sumBytesReportedAfter(kase: Case, grants: readonly Used[]): Promise<void> {
  for (const { over, sessions } of grants) {
    for (const session of sessions) {
      if (session.overstayMicros === 0 || !isReported(session.flow)) continue;
      const moved = await reportedSince(kase, session.flow, over!);
      session.bytesAfter = moved === null ? null : moved.bytesForward + moved.bytesBackward;
    }
  }
}
