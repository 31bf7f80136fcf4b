// Runs the projector over a test's evidence and tells what came out as text.

import {
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlEvent,
  type Conversation,
  type DeniedAttempt,
  decidingGate,
  type FlowRecord,
  type FoldSnapshot,
  flowFlushes,
  formatAddress,
  groupBy,
  type JudgedPacket,
  type Micros,
  type NetworkHistory,
  type Projection,
  Projector,
  type ProjectorInput,
  type Reevaluation,
  type Semantics,
  type TrafficBatch,
  viewPacket,
} from "../../src/index.js";

export type Projected = {
  readonly verdicts: readonly JudgedPacket[];
  readonly flows: readonly FlowRecord[];
  readonly denied: readonly DeniedAttempt[];
  readonly packets: number;
};

export type ProjectionMore = {
  readonly until?: Micros;
  readonly only?: Conversation;
  /** Left out: what the interfaces say, which is Azure's. */
  readonly semantics?: Semantics;
  readonly reevaluations?: readonly Reevaluation[];
  /** Left out: what the events show. */
  readonly network?: NetworkHistory;
  /** Instants at which the fold is saved, and another one goes on from what was saved. */
  readonly pauses?: readonly Micros[];
  /** How many folds the traffic is divided among: one number for each fold from a pause to the next. Left out: one. */
  readonly shares?: readonly number[];
  /** Nobody wants to know of verdicts, so there are none. */
  readonly unheard?: true;
};

export function project(
  events: readonly ControlEvent[],
  batches: readonly TrafficBatch[],
  { until, only, semantics, reevaluations, network, unheard, pauses = [], shares = [1] }: ProjectionMore = {},
): Projected {
  const verdicts: JudgedPacket[] = [];
  const flows: FlowRecord[] = [];
  const input: ProjectorInput = {
    policy: buildPolicyHistory(events),
    network: network ?? buildNetworkHistory(events),
    flushes: flowFlushes(events),
    reevaluations: reevaluations ?? [],
    semantics: semantics ?? null,
    until: until ?? null,
    only: only ?? null,
    onFlow: (record) => flows.push(record),
    onVerdict: unheard ? null : (judged) => verdicts.push(judged),
  };
  const parts: Projection[] = [];
  let saved: FoldSnapshot[] = [];
  const times = [...pauses.toSorted((a, b) => a - b), null];
  times.forEach((time, turn) => {
    const folds = dividedAmong(shares[turn % shares.length]!).map(
      (share) => new Projector({ ...input, ...share }, saved),
    );
    const pushed = batches.filter(({ firstTime }) => time === null || firstTime < time);
    for (const batch of pushed) for (const fold of folds) fold.push(batch);
    if (time !== null) saved = folds.map((fold) => structuredClone(fold.save(time)));
    else for (const fold of folds) fold.finish();
    parts.push(...folds.map((fold) => fold.projection));
  });
  const byOpening = (a: FlowRecord, b: FlowRecord) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1);
  const packets = parts.reduce((sum, part) => sum + part.packets, 0);
  return { verdicts, flows: flows.sort(byOpening), denied: together(parts), packets };
}

function dividedAmong(shares: number): Pick<ProjectorInput, "share">[] {
  if (shares === 1) return [{}];
  return Array.from({ length: shares }, (_, own) => ({ share: { own, shares, places: {}, interfaces: {} } }));
}

/** Rows of the same attempts in several parts are one. */
function together(parts: readonly Projection[]): DeniedAttempt[] {
  const rows = parts.flatMap(({ denied }) => denied.rows);
  const alike = groupBy(rows, ({ first: _, last: __, count: ___, ...attempt }) => JSON.stringify(attempt));
  return [...alike.values()].map((same) => ({
    ...same[0]!,
    first: Math.min(...same.map(({ first }) => first)) as Micros,
    last: Math.max(...same.map(({ last }) => last)) as Micros,
    count: same.reduce((sum, { count }) => sum + count, 0),
  }));
}

/** `2 inbound at nic-1: allow opened ssh`: the frame, where, the verdict, its reason and the rule that decided. */
export function tellVerdict({ traffic, index, interface: at, direction, verdict, reason }: JudgedPacket): string {
  const where = at === null ? "nowhere" : `${direction} at ${at.name}`;
  const told = [`${traffic.batch.frame[index]} ${where}:`, verdict, reason.type];
  if ("admission" in reason) {
    const gate = decidingGate(reason.admission);
    if (gate !== null && "decidedBy" in gate && gate.decidedBy !== null) told.push(gate.decidedBy.rule);
  }
  return told.join(" ");
}

/** `203.0.113.7:50000 -> 10.0.0.4:22 ESTABLISHED 3/2 idle`: packets from the originator, from the responder. */
export function tellFlow(flow: FlowRecord): string {
  const from = `${formatAddress(flow.source)}:${flow.sourcePort}`;
  const to = `${formatAddress(flow.destination)}:${flow.destinationPort}`;
  return `${from} -> ${to} ${flow.state} ${flow.forward.packets}/${flow.backward.packets} ${flow.endsBy}`;
}

/** `203.0.113.7 -> 10.0.0.4:22 by DenyAllInBound, 3 times`. */
export function tellDenied({ source, destination, destinationPort, decidedBy, count }: DeniedAttempt): string {
  return `${formatAddress(source)} -> ${formatAddress(destination)}:${destinationPort} by ${decidedBy.rule}, ${count} times`;
}

/** Everything that a projection says, for comparison of two. */
export function tellAll({ verdicts, flows, denied, packets }: Projected): unknown {
  const told = verdicts.map((judged) => {
    const { traffic, index, interface: at, direction, verdict, reason } = judged;
    const view = viewPacket(traffic.batch, index);
    return { sha256: traffic.sha256, frame: traffic.batch.frame[index], view, at: at?.id, direction, verdict, reason };
  });
  return { told, flows, denied: denied.map((row) => JSON.stringify(row)).sort(), packets };
}
