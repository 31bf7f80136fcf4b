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
  type FoldSnapshot,
  flowFlushes,
  formatAddress,
  groupBy,
  isIcmp,
  type JudgedPacket,
  type Micros,
  type MinuteOfTraffic,
  type NetworkHistory,
  type Projection,
  Projector,
  type ProjectorInput,
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
  /** Instants at which the fold is saved, and another one goes on from what was saved. */
  readonly pauses?: readonly Micros[];
  /** How many folds the traffic is divided among: one number for each fold from a pause to the next. Left out: one. */
  readonly shares?: readonly number[];
  /** Nobody wants to know of verdicts, so there are none. */
  readonly unheard?: true;
  readonly maxFlows?: number;
  readonly whole?: true;
};

export function project(
  events: readonly ControlEvent[],
  batches: readonly TrafficBatch[],
  {
    until,
    only,
    semantics,
    reevaluations,
    network,
    unheard,
    pauses = [],
    shares = [1],
    maxFlows,
    whole,
  }: ProjectionMore = {},
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
    whole: whole ?? (only !== undefined && isIcmp(only.protocol)),
    maxFlows: maxFlows ?? defaultMaxFlows,
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
    if (time === null) parts.push(...folds.map((fold) => fold.finish()));
    else {
      saved = folds.map((fold) => structuredClone(fold.save(time)));
      parts.push(...folds.map((fold) => fold.takeCounts()));
    }
  });
  const byOpening = (a: FlowRecord, b: FlowRecord) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1);
  const packets = parts.reduce((sum, part) => sum + part.packets, 0);
  return { verdicts, flows: flows.sort(byOpening), packets, ...together(parts) };
}

function dividedAmong(shares: number): Pick<ProjectorInput, "share">[] {
  if (shares === 1) return [{}];
  return Array.from({ length: shares }, (_, own) => ({ share: { own, shares, places: {}, interfaces: {} } }));
}

/** What several parts counted of the same is one row. */
function together(parts: readonly Projection[]): Omit<Projection, "packets"> {
  const summed = <Row extends object>(read: (part: Projection) => readonly Row[]) => sumOf(parts.flatMap(read));
  return {
    denied: summed(({ denied }) => denied),
    tableFull: summed(({ tableFull }) => tableFull),
    unrecorded: summed(({ unrecorded }) => unrecorded),
    traffic: summed(({ traffic }) => traffic),
  };
}

const sums = ["count", "packets", "bytes", "flows", "passedPackets", "passedBytes", "deniedPackets"];
const spans = { first: Math.min, last: Math.max } as const;

function sumOf<Row extends object>(rows: readonly Row[]): Row[] {
  const isKey = (name: string) => !sums.includes(name) && !(name in spans);
  const keyOf = (row: Row) => JSON.stringify(Object.entries(row).filter(([name]) => isKey(name)));
  return [...groupBy(rows, keyOf).values()].map((same) => same.reduce(added));
}

function added<Row extends object>(a: Row, b: Row): Row {
  const own = new Map<string, unknown>(Object.entries(a));
  const both = Object.entries(b).map(([name, value]) => {
    if (name in spans) return [name, spans[name as keyof typeof spans](Number(own.get(name)), value)];
    return [name, sums.includes(name) ? Number(own.get(name)) + value : own.get(name)];
  });
  return Object.fromEntries(both) as Row;
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
