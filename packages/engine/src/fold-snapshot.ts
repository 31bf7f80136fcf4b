// The fold at an instant, as plain data: with it, folding goes on from there as if it had never paused. It holds for as
// long as the past that it rests on reads the same (`pastBefore`), and rests on nothing of how it came about: what one
// fold saved, several may restore, each for its part, and the other way round.

import type { FlowKeeper, KeptFlows, SavedFlows } from "./flow/flow-keeper.js";
import type { FlowLedger, LedgerNumbers } from "./flow/flow-ledger.js";
import { foldBatch } from "./fold-batch.js";
import type { Fate, FirstFragment } from "./fold-fragments.js";
import type { FoldPacket } from "./fold-packet.js";
import type { Topology } from "./network/topology.js";
import type { Judge } from "./placement.js";
import type { PolicyHistory } from "./policy/policy-history.js";
import { restoreAdmission, type SavedAdmission, saveAdmission } from "./saved-admission.js";
import type { Micros } from "./time.js";
import { pickFlows, slicePacketBatch } from "./traffic/batch-slice.js";
import type { ConversationFlow } from "./traffic/conversation.js";
import { flowKeys } from "./traffic/flow-keys.js";
import type { FlowPlace, SavedFragments } from "./traffic/fragments.js";
import type { PacketBatch } from "./traffic/packet-batch.js";
import type { Reason } from "./verdict.js";

/** All packets before `time` are folded, and none at it or after it. */
export type FoldSnapshot = {
  readonly time: Micros;
  readonly numbers: Omit<LedgerNumbers, "admissions"> & { readonly admissions: readonly (SavedAdmission | null)[] };
  readonly flows: SavedFlows;
  readonly fragments: SavedFragments<SavedFirst, SavedLater>;
};

type SavedFirst = { readonly at: Omit<FlowPlace, "keys">; readonly fates: readonly SavedFate[] };

type SavedFate = Omit<Fate, "judge" | "reason"> & {
  readonly judge: { readonly id: string; readonly direction: Judge["direction"]; readonly own: Judge["own"] } | null;
  readonly reason: SavedReason;
};

type SavedReason = { readonly is: Omit<Reason, "admission">; readonly admission: SavedAdmission | null };

type SavedLater = {
  readonly place: string;
  readonly sha256: string;
  readonly position: number;
  readonly time: Micros;
  /** Of this one packet. */
  readonly batch: PacketBatch;
};

/** What a snapshot is taken of. */
export type FoldState = {
  readonly keeper: FlowKeeper;
  readonly ledger: FlowLedger;
  readonly fragments: SavedFragments<FirstFragment, FoldPacket>;
  /** What is of other shares is for those to save; null: nothing is. */
  readonly ours: KeptFlows | null;
};

export function saveFold(time: Micros, { keeper, ledger, fragments, ours }: FoldState): FoldSnapshot {
  const flows = keeper.save(ours);
  const { admissions, ...numbers } = ledger.save(new Set(flows.slots.map((slot) => keeper.table.admission[slot]!)));
  return {
    time,
    numbers: { ...numbers, admissions: admissions.map((own) => (own === null ? null : saveAdmission(own))) },
    flows: flows.saved,
    fragments: {
      firsts: fragments.firsts.map(({ first, ...own }) => ({ ...own, first: saveFirst(first) })),
      waiting: fragments.waiting.map(({ fragment, ...own }) => ({ ...own, fragment: saveLater(fragment) })),
    },
  };
}

/** Where a snapshot is restored. */
export type FoldRestored = {
  readonly keeper: FlowKeeper;
  readonly ledger: FlowLedger;
  readonly policy: PolicyHistory;
  topologyAt(time: Micros): Topology;
  isAsked(flow: ConversationFlow): boolean;
};

/**
 * The records of all parts into the keeper; the fragments as the fold remembers them. What several parts hold is there
 * once. Throws RangeError where the past is another.
 */
export function restoreFold(
  parts: readonly FoldSnapshot[],
  into: FoldRestored,
): SavedFragments<FirstFragment, FoldPacket> {
  const fragments = parts.map((part) => restorePart(part, into));
  const firsts = new Map(fragments.flatMap((part) => part.firsts.map((own) => [own.key, own] as const)));
  const waiting = new Map(
    fragments.flatMap((part) => part.waiting.map((own) => [packetName(own.fragment), own] as const)),
  );
  return { firsts: inOrder([...firsts.values()]), waiting: inOrder([...waiting.values()]) };
}

function packetName({ traffic: { sha256, place }, batch, index }: FoldPacket): string {
  return `${place} ${sha256} ${batch.frame[index]}`;
}

function inOrder<T extends { readonly time: number }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => a.time - b.time);
}

function restorePart(
  { numbers, flows, fragments }: FoldSnapshot,
  { keeper, ledger, policy, topologyAt, isAsked }: FoldRestored,
): SavedFragments<FirstFragment, FoldPacket> {
  const admissions = numbers.admissions.map((saved) => (saved === null ? null : restoreAdmission(saved, policy)));
  const renumbered = ledger.restore({ ...numbers, admissions });
  keeper.restore(flows, renumbered);
  const surroundings = { scopes: renumbered.scope, policy, isAsked };
  return {
    firsts: fragments.firsts.map(({ first, ...own }) => {
      const topology = topologyAt(own.time as Micros);
      return { ...own, first: restoreFirst(first, { ...surroundings, topology }) };
    }),
    waiting: fragments.waiting.map(({ fragment, ...own }) => ({ ...own, fragment: restoreLater(fragment, isAsked) })),
  };
}

function saveFirst({ at: { flows, flow, direction, query }, fates }: FirstFragment): SavedFirst {
  return {
    at: { flows: pickFlows(flows, [flow]), flow: 0, direction, query },
    fates: fates.map(saveFate),
  };
}

function saveFate({ judge, reason, ...fate }: Fate): SavedFate {
  return {
    ...fate,
    judge: judge === null ? null : { id: judge.at.id, direction: judge.direction, own: judge.own },
    reason: saveReason(reason),
  };
}

function saveReason(reason: Reason): SavedReason {
  if (!("admission" in reason)) return { is: reason, admission: null };
  const { admission, ...is } = reason;
  return { is, admission: saveAdmission(admission) };
}

type Surroundings = Pick<FoldRestored, "policy" | "isAsked"> & {
  readonly scopes: ReadonlyMap<number, number>;
  readonly topology: Topology;
};

function restoreFirst({ at, fates }: SavedFirst, surroundings: Surroundings): FirstFragment {
  return {
    at: { ...at, keys: flowKeys(at.flows) },
    asked: surroundings.isAsked(at),
    fates: fates.map((fate) => restoreFate(fate, surroundings)),
  };
}

function restoreFate(
  { judge, reason: { is, admission }, scope, ...fate }: SavedFate,
  { scopes, policy, topology }: Surroundings,
): Fate {
  return {
    ...fate,
    scope: scopes.get(scope)!,
    judge: judge === null ? null : judgeNamed(judge, topology),
    reason: (admission === null ? is : { ...is, admission: restoreAdmission(admission, policy) }) as Reason,
  };
}

function judgeNamed({ id, direction, own }: NonNullable<SavedFate["judge"]>, topology: Topology): Judge {
  const at = topology.interfacesNamed(id)[0];
  if (at === undefined) throw new RangeError(`the history has no interface ${id}`);
  return { at, direction, own };
}

function saveLater({ traffic: { place, sha256, position }, batch, index, time }: FoldPacket): SavedLater {
  return { place, sha256, position, time, batch: slicePacketBatch(batch, index, index + 1) };
}

function restoreLater(
  { place, sha256, position, time, batch }: SavedLater,
  isAsked: FoldRestored["isAsked"],
): FoldPacket {
  const traffic = foldBatch({ place, sha256, position, firstTime: time, batch }, null);
  const directed = batch.flow[0]!;
  const at = { flows: batch.flows, keys: traffic.keys, flow: directed >> 1, direction: directed & 1, query: 0 };
  return { traffic, batch, index: 0, time, at, asked: isAsked(at), told: true };
}
