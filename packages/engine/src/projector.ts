// The fold: packets in order, rules and topology of each instant in; verdicts, flow records and denied attempts out. It
// does at every instant what is due then, and leads each packet past the interfaces that judge it.

import type { SenderDoubt } from "./admission.js";
import { FlowKeeper, type KeptFlows } from "./flow/flow-keeper.js";
import { FlowLedger } from "./flow/flow-ledger.js";
import type { FlowRecord } from "./flow/flow-record.js";
import { type FlowSlot, type FlowTable, noFlow } from "./flow/flow-table.js";
import type { Semantics } from "./flow/semantics.js";
import { type FoldBatch, foldBatch, renew, seatFlow } from "./fold-batch.js";
import { FoldCounts, type Projection } from "./fold-counts.js";
import type { Fate, FirstFragment } from "./fold-fragments.js";
import { type FoldPacket, newPacketInHand, type PacketInHand } from "./fold-packet.js";
import { type FoldShare, needsPlace, ownsRecord, ownsScope } from "./fold-share.js";
import { type FoldSnapshot, restoreFold, saveFold } from "./fold-snapshot.js";
import type { InterventionSources } from "./intervention.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import { PacketJudge, type Ruling } from "./packet-judge.js";
import { type Judge, type Placement, placePacket } from "./placement.js";
import { RecordUpkeep } from "./record-upkeep.js";
import { type Post, type Seat, Seating, type Unjudged, unjudgedVerdict } from "./seating.js";
import { beginningOfTime, type Micros, microsPerMinute } from "./time.js";
import {
  type Conversation,
  type ConversationFlow,
  isOfConversation,
  relevance,
  relevanceOf,
} from "./traffic/conversation.js";
import { FragmentMemory, fragmentKey } from "./traffic/fragments.js";
import { type PacketRun, packetAt, type TrafficBatch, TrafficMerge } from "./traffic/merge.js";
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
  /** Of several folds that divide the traffic among them; left out: all of it. */
  readonly share?: FoldShare;
  /** Packets and changes after this instant are left out; null: none. */
  readonly until: Micros | null;
  /** Only packets of this conversation; null: all. */
  readonly only: Conversation | null;
  /**
   * Fold all packets, also where only some are asked about: others had the room in the table, or ICMP errors among those
   * that are asked about belong to the flows which they quote.
   */
  readonly whole: boolean;
  /** Most live records of one interface at one place; a packet that would open one more is not tracked. */
  readonly maxFlows: number;
  /** Every record, ended or still live, once; live ones at the finish. */
  readonly onFlow: (record: FlowRecord) => void;
  /** Every verdict in the order of the fold, where somebody asks. Later fragments are told after their first. */
  readonly onVerdict: ((judged: JudgedPacket) => void) | null;
};

const sweepEveryMicros = microsPerMinute;
const fragmentMarks = packetMark.firstFragment | packetMark.laterFragment;

export class Projector {
  readonly #merge: TrafficMerge<FoldBatch>;
  readonly #keeper: FlowKeeper;
  readonly #ledger: FlowLedger;
  readonly #upkeep: RecordUpkeep;
  readonly #judge: PacketJudge;
  readonly #fragments = new FragmentMemory<FirstFragment, FoldPacket>();
  readonly #inHand = newPacketInHand();
  readonly #counts = new FoldCounts();
  #seating: Seating;
  #nextSweep = Number.NEGATIVE_INFINITY;
  /** The next instant at which there is more to do than its packets. */
  #due = Number.NEGATIVE_INFINITY;

  /** `from`: the folds of all parts at one instant, where this one goes on; packets before that are left out. */
  constructor(
    private readonly input: ProjectorInput,
    from: readonly FoldSnapshot[] = [],
  ) {
    this.#merge = new TrafficMerge((traffic, run) => this.#foldRun(traffic, run), from[0]?.time);
    const keeper = new FlowKeeper({
      maxFlows: input.maxFlows,
      holderOf: (scope) => ledger.scopes.value(scope).holder,
      onEnd: (slot, by) => {
        if (this.#isTold(slot)) input.onFlow(ledger.record(slot, by));
      },
    });
    const ledger = new FlowLedger(keeper.table);
    this.#keeper = keeper;
    this.#ledger = ledger;
    this.#upkeep = new RecordUpkeep({ ...input, keeper, ledger });
    const names = input.onVerdict !== null;
    const topology = input.network.topologyAt(beginningOfTime);
    this.#judge = new PacketJudge({ ...input, keeper, ledger, names }, topology, 0);
    this.#seating = this.#seatingFor(topology);
    this.#restore(from);
  }

  /** Batches in the order of their first packets' times. */
  push(traffic: TrafficBatch): void {
    const { only, share } = this.input;
    if (share !== undefined && !needsPlace(share, traffic.place)) return;
    const relevance = only === null ? null : relevanceOf(traffic.batch.flows, only);
    if (relevance !== null && !this.input.whole && !relevance.some((own) => own > 0)) return;
    this.#merge.push(foldBatch(traffic, relevance));
  }

  /** Folds at most `most` of the packets before `time`; whether all of those are folded. For callers that must pause. */
  advance(time: number, most: number): boolean {
    return this.#merge.drainBefore(time, most);
  }

  /** The state before the packets of this instant, all earlier ones being pushed. Closes the records that are over. */
  save(time: Micros): FoldSnapshot {
    this.#merge.drainBefore(time);
    this.#judgeAlone(time);
    this.#upkeep.until(time - 1);
    this.#keeper.sweep(time);
    this.#due = Number.NEGATIVE_INFINITY;
    const { share } = this.input;
    return saveFold(time, {
      keeper: this.#keeper,
      ledger: this.#ledger,
      fragments: this.#fragments.save(),
      ours: share === undefined ? null : this.#oursOf(share),
    });
  }

  #oursOf(share: FoldShare): KeptFlows {
    const isOurs = (scope: number) => ownsScope(share, this.#ledger.scopes.value(scope)) ?? true;
    return { record: (slot) => this.#isOurs(slot), scope: isOurs };
  }

  #restore(parts: readonly FoldSnapshot[]): void {
    const { policy, network } = this.input;
    const fragments = restoreFold(parts, {
      keeper: this.#keeper,
      ledger: this.#ledger,
      policy,
      topologyAt: (time) => network.topologyAt(time),
      isAsked: (flow) => this.#isAsked(flow),
    });
    this.#fragments.restore(fragments);
    if (parts.length > 0) this.#upkeep.beginAt(parts[0]!.time);
  }

  finish(): Projection {
    this.#merge.drainBefore(Number.POSITIVE_INFINITY);
    this.#judgeAlone(Number.POSITIVE_INFINITY);
    this.#upkeep.until(this.input.until ?? Number.POSITIVE_INFINITY);
    this.#keeper.sweep(Number.POSITIVE_INFINITY);
    return this.takeCounts();
  }

  /** Records, some of them perhaps over and not swept yet. */
  get live(): number {
    return this.#keeper.table.live;
  }

  /** What was counted of the packets since the last time, besides records and verdicts. */
  takeCounts(): Projection {
    return this.#counts.take(this.#judge);
  }

  #foldRun(traffic: FoldBatch, run: PacketRun): void {
    const { batch } = traffic;
    const until = this.input.until ?? Number.POSITIVE_INFINITY;
    const isDivided = this.input.share !== undefined;
    const skipping = this.input.whole ? null : traffic.relevance;
    const packet = this.#takeBatch(traffic);
    for (let place = run.from; place < run.to; place++) {
      const index = packetAt(run, place);
      const time = batch.time[index]! as Micros;
      if (time > until) return;
      if (skipping !== null && skipping[batch.flow[index]! >> 1] === relevance.stranger) continue;
      if (time >= this.#due) this.#keepUp(time);
      if (traffic.changes < 0 && this.#foldsQuietly) this.#locate(packet);
      this.#take(packet, index);
      if (isDivided && this.#seatOf(packet).is === "foreign") continue;
      if ((batch.marks[index]! & fragmentMarks) === 0) this.#foldPacket(packet, null);
      else this.#foldFragment({ ...packet, at: { ...packet.at }, told: true });
    }
  }

  #takeBatch(traffic: FoldBatch): PacketInHand {
    const packet = this.#inHand;
    packet.traffic = traffic;
    packet.batch = traffic.batch;
    packet.at.flows = traffic.batch.flows;
    packet.at.keys = traffic.keys;
    packet.told = this.input.onVerdict !== null;
    return packet;
  }

  #take(packet: PacketInHand, index: number): void {
    const { at, batch, traffic } = packet;
    const directed = batch.flow[index]!;
    packet.index = index;
    packet.time = batch.time[index]! as Micros;
    at.flow = directed >> 1;
    at.direction = directed & 1;
    at.query = isIcmp(batch.flows.protocols[at.flow]!) ? queryOf(batch, index) : 0;
    packet.asked = traffic.relevance === null || traffic.relevance[at.flow] === relevance.own;
  }

  #seatingFor(topology: Topology): Seating {
    return new Seating(topology, { ledger: this.#ledger, meter: this.#counts.meter, share: this.input.share ?? null });
  }

  /** Does what is due before the packets of this instant. */
  #keepUp(time: Micros): void {
    this.#judgeAlone(time);
    this.#upkeep.until(time);
    const topology = this.input.network.topologyAt(time);
    if (topology !== this.#seating.topology) this.#seating = this.#seatingFor(topology);
    this.#judge.topology = topology;
    this.#judge.changes = this.#upkeep.changes;
    if (time >= this.#nextSweep) {
      this.#keeper.sweep(time);
      this.#nextSweep = time + sweepEveryMicros;
    }
    this.#due = Math.min(this.#nextSweep, this.#upkeep.next, this.#fragments.nextGivenUp);
  }

  /** `fates`: gathers what became of it, where that matters to others. */
  #foldPacket(packet: FoldPacket, fates: Fate[] | null): void {
    if (!packet.asked && !this.input.whole) return;
    if (fates === null && this.#judge.goesOn(packet)) {
      this.#countOn(packet);
      return;
    }
    const seat = this.#seatOf(packet);
    if (seat.is === "observed") this.#observe(packet, seat, fates);
    else if (seat.is === "judged") this.#judgeInTurn(packet, this.#postsFor(seat.posts, packet), fates);
  }

  /** It passed by the one record that covers it, without a doubt. */
  #countOn(packet: FoldPacket): void {
    const { lane, passes } = packet.traffic.seats[packet.batch.flow[packet.index]!]!;
    if (packet.asked) this.#counts.packets++;
    this.#counts.seen(packet, lane, passes);
  }

  #judgeInTurn(folded: FoldPacket, posts: readonly Post[], fates: Fate[] | null): void {
    let doubt: SenderDoubt | null = null;
    if (folded.asked && posts[0]!.ours) this.#counts.packets++;
    for (const post of posts) {
      const packet = post.ours ? folded : unasked(folded);
      const ruling = this.#judge.judge(packet, post, doubt);
      doubt = null;
      this.#counts.judged(packet, post.lane, ruling);
      if (ruling === null) continue;
      this.#tell(packet, post.judge, ruling);
      fates?.push(this.#fateOf(ruling, post));
      if (ruling.verdict === "deny") return;
      doubt = doubtOf(post.judge, ruling);
    }
  }

  #observe(packet: FoldPacket, { placement, scope, lane }: Seat & { is: "observed" }, fates: Fate[] | null): void {
    const { traffic, at } = packet;
    if (packet.asked) this.#counts.packets++;
    const own = at.query === 0 ? scope : traffic.seating!.scopeOf(null, at.query);
    const slot = this.#judge.observe(packet, own);
    this.#counts.seen(packet, lane, unjudgedVerdict(placement));
    if (!packet.told) return;
    const { verdict, reason } = this.#unjudged(placement, slot);
    this.#tell(packet, null, { verdict, reason });
    fates?.push({ verdict, reason, judge: null, ours: true, scope: own, openedAt: this.#openedAt(slot) });
  }

  #fateOf({ verdict, reason, slot }: Ruling, { judge, scope, ours }: Post): Fate {
    return { verdict, reason, judge, ours, scope, openedAt: this.#openedAt(slot) };
  }

  /** A packet of fragments is judged by its first; later ones follow it, and those that are early wait for it. */
  #foldFragment(packet: FoldPacket): void {
    const { traffic, batch, index, time, at } = packet;
    const key = fragmentKey(traffic.place, at, batch.fragmentId[index]!);
    if ((batch.marks[index]! & packetMark.laterFragment) === 0) {
      const { asked } = packet;
      const first = { at, asked, fates: [] as Fate[] };
      this.#foldPacket(packet, first.fates);
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
  #follow(folded: FoldPacket, { fates }: FirstFragment): void {
    if (folded.asked && fates[0]?.ours === true) this.#counts.packets++;
    for (const { judge, ours, scope, openedAt, verdict, reason } of fates) {
      const packet = ours ? folded : unasked(folded);
      if (judge !== null && reason.type === "denied") this.#judge.addDenied(packet, judge, reason.admission);
      const slot = openedAt === null ? noFlow : this.#keeper.liveAt(scope, packet.at, packet.time);
      if (slot !== noFlow && this.#openedAt(slot) === openedAt) this.#keeper.count(slot, packet);
      this.#counts.judged(packet, this.#counts.laneOf(packet, judge), { verdict, reason, slot });
      const told = reason.type === "opened" ? { ...reason, type: "flow-record" as const } : reason;
      this.#tell(packet, judge, { verdict, reason: told });
    }
  }

  /** Later fragments whose first does not come: the rules judge what they show, at their own instant. */
  #judgeAlone(time: number): void {
    for (const packet of this.#fragments.giveUp(time)) {
      if (!packet.asked) continue;
      const topology = this.input.network.topologyAt(packet.time);
      const placement = placementOf(packet, topology);
      if (placement.is === "judged") this.#judgeAloneInTurn(packet, placement.judges, topology);
      else if (this.#owns(packet, null)) this.#tellUnjudged(packet, placement);
    }
  }

  #tellUnjudged(packet: FoldPacket, placement: Unjudged): void {
    this.#counts.packets++;
    this.#counts.seen(packet, this.#counts.laneOf(packet, null), unjudgedVerdict(placement));
    this.#tell(packet, null, this.#unjudged(placement, noFlow));
  }

  #judgeAloneInTurn(folded: FoldPacket, judges: readonly Judge[], topology: Topology): void {
    if (this.#owns(folded, judges[0]!.at)) this.#counts.packets++;
    for (const judge of judges) {
      const packet = this.#owns(folded, judge.at) ? folded : unasked(folded);
      const ruling = this.#judge.judgeAlone(packet, judge, topology);
      this.#counts.judged(packet, this.#counts.laneOf(packet, judge), ruling);
      this.#tell(packet, judge, ruling);
      if (ruling.verdict === "deny") return;
    }
  }

  #unjudged(placement: Unjudged, slot: FlowSlot): { readonly verdict: Decision; readonly reason: Reason } {
    const verdict = unjudgedVerdict(placement);
    if (placement.is === "several") {
      const interfaces = placement.interfaces.map(({ id }) => id);
      return { verdict, reason: { type: "several-interfaces", interfaces } };
    }
    const flow = slot === noFlow ? null : this.#judge.nameOf(slot);
    return { verdict, reason: { type: "no-known-interface", flow } };
  }

  #tell({ traffic, index, asked }: FoldPacket, judge: Judge | null, { verdict, reason }: Told): void {
    if (!asked) return;
    const { at, direction } = judge ?? nobody;
    this.input.onVerdict?.({ traffic, index, interface: at, direction, verdict, reason });
  }

  /** Whether a packet's verdict at this interface is for this share to tell. */
  #owns({ traffic: { place }, at: ends }: FoldPacket, at: PlacedInterface | null): boolean {
    const { share } = this.input;
    return share === undefined || ownsRecord(share, { place, at }, ends);
  }

  #isTold(slot: FlowSlot): boolean {
    return this.#isAsked(flowAt(this.#keeper.table, slot)) && this.#isOurs(slot);
  }

  #isOurs(slot: FlowSlot): boolean {
    const { share } = this.input;
    return share === undefined || ownsRecord(share, this.#ledger.scopeOf(slot), flowAt(this.#keeper.table, slot));
  }

  #isAsked(flow: ConversationFlow): boolean {
    return this.input.only === null || isOfConversation(flow, this.input.only);
  }

  #openedAt(slot: FlowSlot): number | null {
    return slot === noFlow ? null : this.#keeper.table.openedAt[slot]!;
  }

  #seatOf({ traffic, index, at }: FoldPacket): Seat {
    if (traffic.changes !== this.#judge.changes) {
      renew(traffic, this.#seating.seatsAt(traffic.place), this.#judge.changes);
    }
    const directed = traffic.batch.flow[index]!;
    const known = traffic.seats[directed];
    if (known !== undefined) return known;
    seatFlow(traffic, at.flow);
    return traffic.seats[directed]!;
  }

  /** Looks for the records of all flows of a batch: one search after the other need not wait for memory. */
  #locate({ traffic, batch, at }: PacketInHand): void {
    renew(traffic, this.#seating.seatsAt(traffic.place), this.#judge.changes);
    for (let flow = 0; flow < batch.flows.count; flow++) {
      seatFlow(traffic, flow);
      at.flow = flow;
      this.#judge.locate(traffic, at);
    }
  }

  /** Everything is asked about, and nobody listens. */
  get #foldsQuietly(): boolean {
    return this.input.only === null && this.input.onVerdict === null;
  }

  /** ICMP queries of the other end, or of another code, have records of their own. */
  #postsFor(posts: readonly Post[], { traffic, at: { query } }: FoldPacket): readonly Post[] {
    if (query === 0) return posts;
    return posts.map((post) => ({ ...post, scope: traffic.seating!.scopeOf(post.judge.at, query) }));
  }
}

function flowAt({ words, ports, protocol }: FlowTable, slot: FlowSlot): ConversationFlow {
  return { flows: { words, ports, protocols: protocol }, flow: slot };
}

/** For what it means to others alone. */
function unasked(packet: FoldPacket): FoldPacket {
  return { ...packet, asked: false, told: false };
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

/** Of an ICMP packet; see `FlowPlace.query`. */
function queryOf({ flows, flow, flags, marks }: PacketBatch, index: number): number {
  const protocol = flows.protocols[flow[index]! >> 1]!;
  const hidden = marks[index]! & (packetMark.laterFragment | packetMark.portsMissing);
  const type = flags[index]! >> 8;
  if (hidden !== 0 || icmpRequestType(protocol, type) === null) return 0;
  const direction = flow[index]! & 1;
  const asker = isIcmpReply(protocol, type) ? 1 - direction : direction;
  return asker + (flags[index]! & 255) * 2;
}
