// Judges one packet at one interface: by gates without memory, then by the record that covers it, else by the rules.
// What comes of it is a ruling, and perhaps a record. Where packets come from and in which order is not its business.

import { askRules, inDoubtFrom, joined, type SenderDoubt, semanticsAt } from "./admission.js";
import { type Admittance, admitStateless } from "./admit.js";
import { DeniedAttempts } from "./flow/denied-attempts.js";
import type { FlowId } from "./flow/flow-id.js";
import type { FlowKeeper, FlowPacket } from "./flow/flow-keeper.js";
import type { FlowLedger } from "./flow/flow-ledger.js";
import { type FlowSlot, noFlow } from "./flow/flow-table.js";
import { type OpeningKind, openingKind } from "./flow/opening.js";
import type { Semantics } from "./flow/semantics.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import type { Judge } from "./placement.js";
import type { PolicyHistory } from "./policy/policy-history.js";
import type { FiveTuple } from "./policy/rule-match.js";
import type { TrafficBatch } from "./traffic/merge.js";
import { packetMark } from "./traffic/packet.js";
import { addressAt } from "./traffic/packet-view.js";
import { type Admission, type Assumption, type Decision, type Reason, withAssumption } from "./verdict.js";
import { equalAddresses } from "./wire/address.js";
import { hasPorts, isIcmp, protocolNumber } from "./wire/protocol.js";

export type FoldPacket = FlowPacket & {
  readonly traffic: TrafficBatch;
  /** It is of the conversation that is asked about; others are folded only for what they mean to that. */
  readonly asked: boolean;
};

/** Where packets of one flow and direction are judged between two changes, and the number of the records there. */
export type Post = {
  readonly judge: Judge;
  readonly scope: number;
  /** What gates without memory say to all of them; left out: not asked yet. */
  barrier?: Admission | null;
};

/** `slot`: the record that counts the packet, if any. */
export type Ruling = { readonly verdict: Decision; readonly reason: Reason; readonly slot: FlowSlot };

export type PacketJudgeOptions = {
  readonly policy: PolicyHistory;
  /** Null: each interface's own. */
  readonly semantics: Semantics | null;
  readonly keeper: FlowKeeper;
  readonly ledger: FlowLedger;
  /** Flows need no names where nobody listens, and hashing them is left out. */
  readonly names: boolean;
};

type NewRecord = {
  readonly judge: Judge | null;
  readonly scope: number;
  readonly kind: OpeningKind;
  readonly admission: Admission;
};
/** What is known of a packet before the rules of the interface are asked. */
type Before = { readonly barrier: Admission | null; readonly doubt: SenderDoubt | null };

const unjudged: Admission = { decision: "none", gates: [], topology: "recorded" };

export class PacketJudge {
  readonly denied = new DeniedAttempts();

  constructor(
    private readonly options: PacketJudgeOptions,
    /** Of the instant. */
    public topology: Topology,
    /** How often something changed that the rules' answers rest on. */
    public changes: number,
  ) {}

  judge(packet: FoldPacket, post: Post, doubt: SenderDoubt | null): Ruling {
    const { keeper } = this.options;
    const barrier = this.#barrier(packet, post);
    if (barrier?.decision === "deny") return this.#deny(packet, post.judge, barrier);
    const slot = keeper.covering(post.scope, packet);
    if (slot === noFlow) return this.#judgeUncovered(packet, post, { barrier, doubt });
    if (keeper.table.untracked[slot] === 1) return this.#judgeUntracked(slot, packet, post, barrier);
    switch (keeper.meet(slot, packet)) {
      case "decides":
        keeper.count(slot, packet);
        return this.#byRecord(slot, "flow-record", barrier);
      case "asks":
        return this.#judgeUnanswered(slot, packet, post, barrier);
      case "stranger":
        return this.#pass(packet, post, joined(barrier, this.#ask(packet, post.judge)));
    }
  }

  /** A later fragment whose first is not known: the rules judge what it shows. */
  judgeAlone(packet: FoldPacket, judge: Judge, topology: Topology): Ruling {
    const asked = { ...this.#asked(packet, judge), topology };
    const barrier = admitStateless(asked);
    if (barrier?.decision === "deny") return this.#deny(packet, judge, barrier);
    const admission = joined(barrier, askRules(asked, semanticsAt(this.options.semantics, judge.at)));
    if (admission.decision === "deny") return this.#deny(packet, judge, admission);
    return this.#passed(admission, noFlow);
  }

  /** No interface is known for sure: the record is kept at the place of capture, and nobody judges. */
  observe(packet: FoldPacket, scope: number): FlowSlot {
    const { keeper } = this.options;
    const slot = keeper.covering(scope, packet);
    if (slot === noFlow) {
      const kind = openingKind(packet.batch, packet.index);
      return kind === "stray" ? noFlow : this.#open(packet, { judge: null, scope, kind, admission: unjudged });
    }
    keeper.meet(slot, packet);
    keeper.count(slot, packet);
    return slot;
  }

  /** The id for a verdict's reason. */
  nameOf(slot: FlowSlot): FlowId {
    return this.options.names ? this.options.ledger.idOf(slot) : "";
  }

  addDenied(packet: FoldPacket, { at, direction }: Judge, admission: Admission): void {
    const gate = admission.gates.at(-1)!;
    if (!packet.asked || !("decidedBy" in gate) || gate.decidedBy === null) return;
    const { source, destination, destinationPort, protocol } = tupleOf(packet);
    const { decidedBy } = gate;
    const where = { interface: at.id, interfaceName: at.name, direction };
    this.denied.add({ ...where, protocol, source, destination, destinationPort, decidedBy }, packet.time);
  }

  #judgeUncovered(packet: FoldPacket, post: Post, before: Before): Ruling {
    const quoted = this.#quotedFlow(packet, post.judge.at);
    if (quoted !== noFlow) return this.#byRecord(quoted, "related", before.barrier);
    const kind = openingKind(packet.batch, packet.index);
    if (this.#isDropped(packet, post, kind))
      return { verdict: "deny", reason: { type: "not-picked-up" }, slot: noFlow };
    const { barrier, doubt } = before;
    return this.#openOrPass(packet, post, { barrier, doubt, kind, admission: this.#ask(packet, post.judge) });
  }

  #isDropped({ at }: FoldPacket, { judge }: Post, kind: OpeningKind): boolean {
    if (kind === "first" || at.flows.protocols[at.flow] !== protocolNumber.tcp) return false;
    return semanticsAt(this.options.semantics, judge.at).midStream === "drop";
  }

  /** Its record lets no packet pass by itself, and learns of those that the rules allow. */
  #judgeUntracked(slot: FlowSlot, packet: FoldPacket, post: Post, barrier: Admission | null): Ruling {
    const { keeper } = this.options;
    const admission = joined(barrier, this.#askAgain(slot, packet, post.judge));
    if (admission.decision === "deny") return this.#deny(packet, post.judge, admission);
    keeper.meet(slot, packet);
    keeper.count(slot, packet);
    return this.#passed(admission, slot);
  }

  /** Nothing came back yet, so the rules are asked about each packet of the opener; the record knows of it already. */
  #judgeUnanswered(slot: FlowSlot, packet: FoldPacket, post: Post, barrier: Admission | null): Ruling {
    const admission = joined(barrier, this.#askAgain(slot, packet, post.judge));
    if (admission.decision === "deny") return this.#deny(packet, post.judge, admission);
    this.options.keeper.count(slot, packet);
    return this.#passed(admission, slot);
  }

  #openOrPass(
    packet: FoldPacket,
    post: Post,
    { barrier, doubt, kind, admission }: Before & { readonly kind: OpeningKind; readonly admission: Admission },
  ): Ruling {
    const whole = joined(barrier, admission);
    if (kind === "stray" || whole.decision === "deny") return this.#pass(packet, post, whole);
    const supposed = this.#isSupposed(post, kind, whole) ? withAssumption(whole, midStreamAssumption) : whole;
    const opening = doubt === null ? supposed : inDoubtFrom(doubt, supposed);
    const slot = this.#open(packet, { judge: post.judge, scope: post.scope, kind, admission: opening });
    const flow = this.nameOf(slot);
    if (opening.decision !== "allow") {
      return { verdict: "unknown", reason: { type: "unknown", admission: opening, flow }, slot };
    }
    return { verdict: "allow", reason: { type: "opened", admission: opening, flow }, slot };
  }

  #isSupposed({ judge }: Post, kind: OpeningKind, { decision, untracked }: Admission): boolean {
    if (kind !== "mid-stream" || decision !== "allow" || untracked !== undefined) return false;
    return !semanticsAt(this.options.semantics, judge.at).midStreamKnown;
  }

  /** By the rules alone; no record comes of it. */
  #pass(packet: FoldPacket, { judge }: Post, admission: Admission): Ruling {
    return admission.decision === "deny" ? this.#deny(packet, judge, admission) : this.#passed(admission, noFlow);
  }

  #passed(admission: Admission, slot: FlowSlot): Ruling {
    const flow = slot === noFlow ? null : this.nameOf(slot);
    if (admission.decision !== "allow")
      return { verdict: "unknown", reason: { type: "unknown", admission, flow }, slot };
    return { verdict: "allow", reason: { type: "passed", admission, flow }, slot };
  }

  #deny(packet: FoldPacket, judge: Judge, admission: Admission): Ruling {
    this.addDenied(packet, judge, admission);
    return { verdict: "deny", reason: { type: "denied", admission }, slot: noFlow };
  }

  #byRecord(slot: FlowSlot, type: "flow-record" | "related", barrier: Admission | null): Ruling {
    const counting = type === "related" ? noFlow : slot;
    const own = this.options.ledger.admissionOf(slot);
    const admission = barrier?.decision === "unknown" ? joined(barrier, own) : own;
    const flow = this.nameOf(slot);
    if (admission.decision === "unknown") {
      return { verdict: "unknown", reason: { type: "unknown", admission, flow }, slot: counting };
    }
    return { verdict: "allow", reason: { type, admission, flow }, slot: counting };
  }

  /** The live flow whose packet this ICMP error quotes; only an error to that packet's own sender belongs to it. */
  #quotedFlow({ traffic: { place }, batch, index, time, at: { hashes } }: FoldPacket, at: PlacedInterface): FlowSlot {
    const quoted = batch.quoted[index]!;
    if (quoted < 0) return noFlow;
    const { keeper, ledger } = this.options;
    const directed = batch.flow[index]!;
    const direction = quoted & 1;
    const receiver = addressAt(batch.flows, directed >> 1, 1 - (directed & 1));
    if (!equalAddresses(receiver, addressAt(batch.flows, quoted >> 1, direction))) return noFlow;
    const queries = isIcmp(batch.flows.protocols[quoted >> 1]!) ? [direction, 1 - direction] : [0];
    for (const query of queries) {
      const key = { flows: batch.flows, hashes, flow: quoted >> 1, direction, query };
      const slot = keeper.liveAt(ledger.scopeNumber(place, at, query), key, time);
      if (slot !== noFlow && keeper.table.untracked[slot] === 0) return slot;
    }
    return noFlow;
  }

  #barrier(packet: FoldPacket, post: Post): Admission | null {
    const { batch, index } = packet;
    const differs = isIcmp(packet.at.flows.protocols[packet.at.flow]!) || (batch.marks[index]! & portsHidden) !== 0;
    if (differs) return admitStateless(this.#asked(packet, post.judge));
    if (post.barrier === undefined) post.barrier = admitStateless(this.#asked(packet, post.judge));
    return post.barrier;
  }

  /** The rules' answer to packets of one record and direction, the same until something changes. */
  #askAgain(slot: FlowSlot, packet: FoldPacket, judge: Judge): Admission {
    const { ledger } = this.options;
    const { asked, askedIn } = this.options.keeper.table;
    if (askedIn[slot] !== this.changes) {
      asked.fill(0, slot * 2, slot * 2 + 2);
      askedIn[slot] = this.changes;
    }
    const way = slot * 2 + packet.at.direction;
    if (asked[way] === 0) asked[way] = ledger.admissionNumber(this.#ask(packet, judge)) + 1;
    return ledger.admission(asked[way]! - 1);
  }

  #ask(packet: FoldPacket, judge: Judge): Admission {
    return askRules(this.#asked(packet, judge), semanticsAt(this.options.semantics, judge.at));
  }

  #asked(packet: FoldPacket, { at: place, direction, own }: Judge): Admittance {
    const { policy } = this.options;
    return { policy, topology: this.topology, time: packet.time, place, direction, own, tuple: tupleOf(packet) };
  }

  #open(packet: FoldPacket, { judge, scope, kind, admission }: NewRecord): FlowSlot {
    const { keeper, ledger, semantics } = this.options;
    return keeper.open(packet, {
      scope,
      source: ledger.sourceNumber(packet.traffic.sha256),
      admission: ledger.admissionNumber(admission),
      untracked: admission.untracked !== undefined,
      semantics: semanticsAt(semantics, judge?.at ?? null),
      midStream: kind === "mid-stream",
      direction: judge?.direction ?? null,
    });
  }
}

const midStreamAssumption: Assumption = { of: "mid-stream", because: null };

const portsHidden = packetMark.laterFragment | packetMark.portsMissing;

function tupleOf({ batch, index, at }: FlowPacket): FiveTuple {
  const { flows, flow, direction } = at;
  const protocol = flows.protocols[flow]!;
  const withPorts = hasPorts(protocol);
  const shown = (batch.marks[index]! & portsHidden) === 0 || flow !== batch.flow[index]! >> 1 || flows !== batch.flows;
  return {
    protocol,
    source: addressAt(flows, flow, direction),
    destination: addressAt(flows, flow, 1 - direction),
    sourcePort: withPorts ? flows.ports[flow * 2 + direction]! : 0,
    destinationPort: withPorts ? flows.ports[flow * 2 + 1 - direction]! : 0,
    icmp: isIcmp(protocol) && shown ? batch.flags[index]! : 0,
    portsKnown: shown,
  };
}
