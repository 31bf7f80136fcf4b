// The fold: packets in order, rules and topology of each instant in; verdicts, flow records and denied attempts out. It
// does at every instant what is due then, and leads each packet past the interfaces that judge it.

import type { SenderDoubt } from "./admission.js";
import type { DeniedAttempts } from "./flow/denied-attempts.js";
import { FlowKeeper } from "./flow/flow-keeper.js";
import { FlowLedger } from "./flow/flow-ledger.js";
import type { FlowRecord } from "./flow/flow-record.js";
import { type FlowSlot, type FlowTable, noFlow } from "./flow/flow-table.js";
import type { Semantics } from "./flow/semantics.js";
import type { InterventionSources } from "./intervention.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import { type FoldPacket, PacketJudge, type Post, type Ruling } from "./packet-judge.js";
import { type Judge, type Placement, placePacket } from "./placement.js";
import { RecordUpkeep } from "./record-upkeep.js";
import { beginningOfTime, type Micros, microsPerMinute } from "./time.js";
import {
  type Conversation,
  type ConversationFlow,
  holdsConversation,
  isOfConversation,
} from "./traffic/conversation.js";
import { hashFlows } from "./traffic/flow-hash.js";
import { type FlowPlace, FragmentMemory, fragmentKey } from "./traffic/fragments.js";
import { type TrafficBatch, TrafficMerge } from "./traffic/merge.js";
import { packetMark } from "./traffic/packet.js";
import type { PacketBatch } from "./traffic/packet-batch.js";
import { addressAt } from "./traffic/packet-view.js";
import type { Decision, Reason } from "./verdict.js";
import { icmpRequestType, isIcmpReply } from "./wire/icmp.js";
import { isIcmp } from "./wire/protocol.js";

/** A packet, one interface that judged it (null: none is known), and what became of it there. */
export type JudgedPacket = {
  readonly traffic: TrafficBatch;
  readonly index: number;
  readonly interface: PlacedInterface | null;
  readonly direction: "inbound" | "outbound" | null;
  readonly verdict: Decision;
  readonly reason: Reason;
};

export type ProjectorInput = InterventionSources & {
  /** Null: each interface's own. */
  readonly semantics: Semantics | null;
  /** Packets and changes after this instant are left out; null: none. */
  readonly until: Micros | null;
  /** Only packets of this conversation; null: all. */
  readonly only: Conversation | null;
  /** Every record, ended or still live, once; live ones at the finish. */
  readonly onFlow: (record: FlowRecord) => void;
  /** Every verdict in the order of the fold, where somebody asks. Later fragments are told after their first. */
  readonly onVerdict: ((judged: JudgedPacket) => void) | null;
};

export type Projection = {
  readonly packets: number;
  readonly denied: DeniedAttempts;
};

/** What packets of one flow and direction in a batch have in common between two changes. */
type Seat =
  | { readonly is: "judged"; readonly posts: readonly Post[] }
  | { readonly is: "observed"; readonly placement: Unjudged; readonly scope: number };
type Unjudged = Exclude<Placement, { is: "judged" }>;

type FoldBatch = TrafficBatch & { readonly hashes: Uint32Array; seats: (Seat | undefined)[]; changes: number };

/** What became of a first fragment at one interface, and so of the whole packet. */
type Fate = Ruling & { readonly judge: Judge | null; readonly scope: number; readonly openedAt: number };
type FirstFragment = { readonly at: FlowPlace; readonly asked: boolean; readonly fates: readonly Fate[] };

const sweepEveryMicros = microsPerMinute;
const fragmentMarks = packetMark.firstFragment | packetMark.laterFragment;

export class Projector {
  readonly #merge = new TrafficMerge<FoldBatch>((traffic, index) => this.#fold(traffic, index));
  readonly #keeper: FlowKeeper;
  readonly #ledger: FlowLedger;
  readonly #upkeep: RecordUpkeep;
  readonly #judge: PacketJudge;
  readonly #fragments = new FragmentMemory<FirstFragment, FoldPacket>();
  #packets = 0;
  #nextSweep = Number.NEGATIVE_INFINITY;
  /** The next instant at which there is more to do than its packets. */
  #due = Number.NEGATIVE_INFINITY;

  constructor(private readonly input: ProjectorInput) {
    const keeper = new FlowKeeper((slot, by) => {
      if (this.#isAsked(flowAt(keeper.table, slot))) input.onFlow(ledger.record(slot, by));
    });
    const ledger = new FlowLedger(keeper.table);
    this.#keeper = keeper;
    this.#ledger = ledger;
    this.#upkeep = new RecordUpkeep({ ...input, keeper, ledger });
    const names = input.onVerdict !== null;
    this.#judge = new PacketJudge({ ...input, keeper, ledger, names }, input.network.topologyAt(beginningOfTime), 0);
  }

  /** Batches in the order of their first packets' times. */
  push(traffic: TrafficBatch): void {
    const { only } = this.input;
    if (only !== null && !this.#foldsAll && !holdsConversation(traffic, only)) return;
    this.#merge.push({ ...traffic, hashes: hashFlows(traffic.batch.flows), seats: [], changes: -1 });
  }

  /** Folds at most `most` of the packets before `time`; whether all of those are folded. For callers that must pause. */
  advance(time: number, most: number): boolean {
    return this.#merge.drainBefore(time, most);
  }

  finish(): Projection {
    this.#merge.drainBefore(Number.POSITIVE_INFINITY);
    this.#judgeAlone(Number.POSITIVE_INFINITY);
    this.#upkeep.until(this.input.until ?? Number.POSITIVE_INFINITY);
    this.#keeper.sweep(Number.POSITIVE_INFINITY);
    return { packets: this.#packets, denied: this.#judge.denied };
  }

  #fold(traffic: FoldBatch, index: number): void {
    const { batch, hashes } = traffic;
    const time = batch.time[index]! as Micros;
    if (this.input.until !== null && time > this.input.until) return;
    if (time >= this.#due) this.#keepUp(time);
    const directed = batch.flow[index]!;
    const query = queryOf(batch, index);
    const at = { flows: batch.flows, hashes, flow: directed >> 1, direction: directed & 1, query };
    const packet = { traffic, batch, index, time, at, asked: this.#isAsked(at) };
    if ((batch.marks[index]! & fragmentMarks) === 0) this.#foldPacket(traffic, packet, null);
    else this.#foldFragment(traffic, packet);
  }

  /** Does what is due before the packets of this instant. */
  #keepUp(time: Micros): void {
    this.#judgeAlone(time);
    this.#upkeep.until(time);
    this.#judge.topology = this.input.network.topologyAt(time);
    this.#judge.changes = this.#upkeep.changes;
    if (time >= this.#nextSweep) {
      this.#keeper.sweep(time);
      this.#nextSweep = time + sweepEveryMicros;
    }
    this.#due = Math.min(this.#nextSweep, this.#upkeep.next, this.#fragments.nextGivenUp);
  }

  /** `fates`: gathers what became of it, where that matters to others. */
  #foldPacket(traffic: FoldBatch, packet: FoldPacket, fates: Fate[] | null): void {
    if (!packet.asked && !this.#foldsAll) return;
    if (packet.asked) this.#packets++;
    const seat = this.#seatOf(traffic, packet);
    if (seat.is === "observed") this.#observe(packet, seat, fates);
    else this.#judgeInTurn(packet, this.#postsFor(seat.posts, packet), fates);
  }

  #judgeInTurn(packet: FoldPacket, posts: readonly Post[], fates: Fate[] | null): void {
    let doubt: SenderDoubt | null = null;
    for (const post of posts) {
      const ruling = this.#judge.judge(packet, post, doubt);
      this.#tell(packet, post.judge, ruling);
      fates?.push({ ...ruling, ...post, openedAt: this.#openedAt(ruling.slot) });
      if (ruling.verdict === "deny") return;
      doubt = doubtOf(post.judge, ruling);
    }
  }

  #observe(packet: FoldPacket, { placement, scope }: Seat & { is: "observed" }, fates: Fate[] | null): void {
    const { place } = packet.traffic;
    const own = packet.at.query === 0 ? scope : this.#ledger.scopeNumber(place, null, packet.at.query);
    const slot = this.#judge.observe(packet, own);
    if (fates === null && this.input.onVerdict === null) return;
    const { verdict, reason } = this.#unjudged(placement, slot);
    this.#tell(packet, null, { verdict, reason });
    fates?.push({ verdict, reason, slot, judge: null, scope: own, openedAt: this.#openedAt(slot) });
  }

  /** A packet of fragments is judged by its first; later ones follow it, and those that are early wait for it. */
  #foldFragment(traffic: FoldBatch, packet: FoldPacket): void {
    const { batch, index, time, at } = packet;
    const key = fragmentKey(traffic.place, at, batch.fragmentId[index]!);
    if ((batch.marks[index]! & packetMark.laterFragment) === 0) {
      const { asked } = packet;
      const first = { at, asked, fates: [] as Fate[] };
      this.#foldPacket(traffic, packet, first.fates);
      for (const later of this.#fragments.remember(key, first, time))
        this.#follow({ ...later, time, at, asked }, first);
      return;
    }
    const first = this.#fragments.firstOf(key, time);
    if (first !== null) this.#follow({ ...packet, at: first.at, asked: first.asked }, first);
    else this.#await(key, packet);
  }

  #await(key: string, packet: FoldPacket): void {
    this.#fragments.wait(key, packet, packet.time);
    this.#due = Math.min(this.#due, this.#fragments.nextGivenUp);
  }

  /** It has its first's verdicts, and counts where that counted. */
  #follow(packet: FoldPacket, { fates }: FirstFragment): void {
    if (packet.asked) this.#packets++;
    for (const { judge, scope, slot, openedAt, verdict, reason } of fates) {
      if (judge !== null && reason.type === "denied") this.#judge.addDenied(packet, judge, reason.admission);
      const lives = slot !== noFlow && this.#keeper.liveAt(scope, packet.at, packet.time) === slot;
      if (lives && this.#openedAt(slot) === openedAt) this.#keeper.count(slot, packet);
      const told = reason.type === "opened" ? { ...reason, type: "flow-record" as const } : reason;
      this.#tell(packet, judge, { verdict, reason: told });
    }
  }

  /** Later fragments whose first does not come: the rules judge what they show, at their own instant. */
  #judgeAlone(time: number): void {
    for (const packet of this.#fragments.giveUp(time)) {
      if (!packet.asked) continue;
      this.#packets++;
      const topology = this.input.network.topologyAt(packet.time);
      const placement = placementOf(packet, topology);
      if (placement.is !== "judged") this.#tell(packet, null, this.#unjudged(placement, noFlow));
      else this.#judgeAloneInTurn(packet, placement.judges, topology);
    }
  }

  #judgeAloneInTurn(packet: FoldPacket, judges: readonly Judge[], topology: Topology): void {
    for (const judge of judges) {
      const ruling = this.#judge.judgeAlone(packet, judge, topology);
      this.#tell(packet, judge, ruling);
      if (ruling.verdict === "deny") return;
    }
  }

  #unjudged(placement: Unjudged, slot: FlowSlot): { readonly verdict: Decision; readonly reason: Reason } {
    if (placement.is === "several") {
      const interfaces = placement.interfaces.map(({ id }) => id);
      return { verdict: "unknown", reason: { type: "several-interfaces", interfaces } };
    }
    const flow = slot === noFlow ? null : this.#judge.nameOf(slot);
    return { verdict: "none", reason: { type: "no-known-interface", flow } };
  }

  #tell({ traffic, index, asked }: FoldPacket, judge: Judge | null, { verdict, reason }: Told): void {
    if (!asked) return;
    const { at, direction } = judge ?? nobody;
    this.input.onVerdict?.({ traffic, index, interface: at, direction, verdict, reason });
  }

  /** Errors of an ICMP conversation belong to flows of others, so those have to be folded too. */
  get #foldsAll(): boolean {
    return this.input.only !== null && isIcmp(this.input.only.protocol);
  }

  #isAsked(flow: ConversationFlow): boolean {
    return this.input.only === null || isOfConversation(flow, this.input.only);
  }

  #openedAt(slot: FlowSlot): number {
    return slot === noFlow ? 0 : this.#keeper.table.openedAt[slot]!;
  }

  #seatOf(traffic: FoldBatch, packet: FoldPacket): Seat {
    if (traffic.changes !== this.#upkeep.changes) {
      traffic.seats = [];
      traffic.changes = this.#upkeep.changes;
    }
    const directed = traffic.batch.flow[packet.index]!;
    const known = traffic.seats[directed];
    if (known !== undefined) return known;
    const made = this.#newSeat(packet);
    traffic.seats[directed] = made;
    return made;
  }

  #newSeat(packet: FoldPacket): Seat {
    const placement = placementOf(packet, this.#judge.topology);
    const scope = (at: PlacedInterface | null) => this.#ledger.scopeNumber(packet.traffic.place, at, 0);
    if (placement.is !== "judged") return { is: "observed", placement, scope: scope(null) };
    return { is: "judged", posts: placement.judges.map((judge) => ({ judge, scope: scope(judge.at) })) };
  }

  /** ICMP queries of the other end, or of another code, have records of their own. */
  #postsFor(posts: readonly Post[], { traffic, at: { query } }: FoldPacket): readonly Post[] {
    if (query === 0) return posts;
    return posts.map(({ judge }) => ({ judge, scope: this.#ledger.scopeNumber(traffic.place, judge.at, query) }));
  }
}

function flowAt({ words, ports, protocol }: FlowTable, slot: FlowSlot): ConversationFlow {
  return { flows: { words, ports, protocols: protocol }, flow: slot };
}

type Told = Pick<Ruling, "verdict" | "reason">;
const nobody = { at: null, direction: null };

function doubtOf(judge: Judge, { verdict, reason }: Ruling): SenderDoubt | null {
  if (verdict !== "unknown" || !("admission" in reason)) return null;
  return { sender: judge.at.id, gates: reason.admission.gates };
}

function placementOf({ traffic: { place }, batch, index }: FoldPacket, topology: Topology): Placement {
  const directed = batch.flow[index]!;
  const source = addressAt(batch.flows, directed >> 1, directed & 1);
  const destination = addressAt(batch.flows, directed >> 1, 1 - (directed & 1));
  return placePacket(place, topology, source, destination);
}

function queryOf({ flows, flow, flags, marks }: PacketBatch, index: number): number {
  const protocol = flows.protocols[flow[index]! >> 1]!;
  if (!isIcmp(protocol)) return 0;
  const hidden = marks[index]! & (packetMark.laterFragment | packetMark.portsMissing);
  const type = flags[index]! >> 8;
  if (hidden !== 0 || icmpRequestType(protocol, type) === null) return 0;
  const direction = flow[index]! & 1;
  const asker = isIcmpReply(protocol, type) ? 1 - direction : direction;
  return asker + (flags[index]! & 255) * 2;
}
