// Runs the projector over a test's evidence and tells what came out as text.

import {
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlEvent,
  type Conversation,
  type DeniedAttempt,
  decidingGate,
  defaultMaxFlows,
  type FlowRecord,
  flowFlushes,
  formatAddress,
  type JudgedPacket,
  type Micros,
  type MinuteOfTraffic,
  type NetworkHistory,
  Projector,
  type Reevaluation,
  type Semantics,
  type TableFull,
  type TrafficBatch,
  type UnrecordedHits,
  viewPacket,
} from "../../src/index.js";

export type Projected = {
  readonly verdicts: readonly JudgedPacket[];
  readonly flows: readonly FlowRecord[];
  readonly denied: readonly DeniedAttempt[];
  readonly packets: number;
  readonly tableFull: readonly TableFull[];
  readonly unrecorded: readonly UnrecordedHits[];
  readonly traffic: readonly MinuteOfTraffic[];
};

export type ProjectionMore = {
  readonly until?: Micros;
  readonly only?: Conversation;
  /** Left out: what the interfaces say, which is Azure's. */
  readonly semantics?: Semantics;
  readonly reevaluations?: readonly Reevaluation[];
  /** Left out: what the events show. */
  readonly network?: NetworkHistory;
  /** Nobody wants to know of verdicts, so there are none. */
  readonly unheard?: true;
  readonly maxFlows?: number;
  readonly whole?: true;
};

export function project(
  events: readonly ControlEvent[],
  batches: readonly TrafficBatch[],
  { until, only, semantics, reevaluations, network, unheard, maxFlows, whole }: ProjectionMore = {},
): Projected {
  const verdicts: JudgedPacket[] = [];
  const flows: FlowRecord[] = [];
  const projector = new Projector({
    policy: buildPolicyHistory(events),
    network: network ?? buildNetworkHistory(events),
    flushes: flowFlushes(events),
    reevaluations: reevaluations ?? [],
    semantics: semantics ?? null,
    until: until ?? null,
    only: only ?? null,
    whole: whole ?? false,
    maxFlows: maxFlows ?? defaultMaxFlows,
    onFlow: (record) => flows.push(record),
    onVerdict: unheard ? null : (judged) => verdicts.push(judged),
  });
  for (const batch of batches) projector.push(batch);
  const { denied, ...counts } = projector.finish();
  const byOpening = (a: FlowRecord, b: FlowRecord) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1);
  return { verdicts, flows: flows.sort(byOpening), denied: [...denied.rows], ...counts };
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
export function tellAll({ verdicts, flows, packets, ...counts }: Projected): unknown {
  const told = verdicts.map((judged) => {
    const { traffic, index, interface: at, direction, verdict, reason } = judged;
    const view = viewPacket(traffic.batch, index);
    return { sha256: traffic.sha256, frame: traffic.batch.frame[index], view, at: at?.id, direction, verdict, reason };
  });
  const rows = (all: readonly unknown[]) => all.map((row) => JSON.stringify(row)).sort();
  const counted = Object.entries(counts).map(([name, all]) => [name, rows(all)]);
  return { told, flows, packets, ...Object.fromEntries(counted) };
}
