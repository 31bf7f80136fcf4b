// Judges one packet at one interface: by gates without memory, then by the record that covers it, else by the rules.
// What comes of it is a ruling, and perhaps a record. Where packets come from and in which order is not its business.

import { askRules, inDoubtFrom, joined, type SenderDoubt, semanticsAt } from "./admission.js";
import { type Admittance, admitStateless } from "./admit.js";
import { DeniedAttempts, type DeniedTally, newTally, tellDenied } from "./flow/denied-attempts.js";
import type { FlowId } from "./flow/flow-id.js";
import type { FlowKeeper } from "./flow/flow-keeper.js";
import type { FlowLedger } from "./flow/flow-ledger.js";
import type { FlowPacket } from "./flow/flow-packet.js";
import { type FlowSlot, noFlow } from "./flow/flow-table.js";
import { type OpeningKind, openingKind } from "./flow/opening.js";
import type { Semantics } from "./flow/semantics.js";
import { TableFullCounts } from "./flow/table-full.js";
import type { FoldBatch, PostAnswers } from "./fold-batch.js";
import type { FoldPacket } from "./fold-packet.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import type { Judge } from "./placement.js";
import type { PolicyHistory } from "./policy/policy-history.js";
import type { FiveTuple } from "./policy/rule-match.js";
import { noScope, type Post } from "./seating.js";
import type { FlowPlace } from "./traffic/fragments.js";
import { packetMark } from "./traffic/packet.js";
import { addressAt } from "./traffic/packet-view.js";
import { type Admission, type Assumption, type Decision, type Reason, withAssumption } from "./verdict.js";
import { equalAddresses } from "./wire/address.js";
import { hasPorts, isIcmp, protocolNumber } from "./wire/protocol.js";

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
  readonly tableFull = new TableFullCounts();

  constructor(
    private readonly options: PacketJudgeOptions,
    /** Of the instant. */
    public topology: Topology,
    /** How often something changed that the rules' answers rest on. */
    public changes: number,
  ) {}

  /** Null: it passes by a record beyond doubt, and nobody wants to know. */
  judge(packet: FoldPacket, post: Post, doubt: SenderDoubt | null): Ruling | null {
    if (this.#goesOn(packet, post)) return null;
    const { keeper } = this.options;
    const barrier = post.barred ? this.#barrier(packet, post) : null;
    if (barrier?.decision === "deny") return this.#deny(packet, post, barrier);
    const slot = keeper.covering(post.scope, packet);
    if (slot === noFlow) return this.#judgeUncovered(packet, post, { barrier, doubt });
    if (keeper.table.untracked[slot] === 1) return this.#judgeUntracked(slot, packet, post, barrier);
    switch (keeper.meet(slot, packet)) {
      case "decides":
        keeper.count(slot, packet);
        if (!packet.told) this.#noteSole(slot, packet.traffic, packet.at);
        if (!packet.told && barrier === null && this.options.ledger.isSure(slot)) return null;
        return this.#byRecord(slot, "flow-record", barrier);
      case "asks":
        return this.#judgeUnanswered(slot, packet, post, barrier);
      case "stranger":
        return this.#pass(packet, post, joined(barrier, this.#ask(packet, post)));
    }
  }

  /** By far the most packets: the one record that covers them lets them pass, and nothing is asked, made or told. */
  goesOn(packet: FoldPacket): boolean {
    const { soles, changes } = packet.traffic;
    const { keeper } = this.options;
    const sole = packet.at.flow * 2;
    const serial = soles[sole + 1]!;
    if (serial === 0 || changes !== this.changes || keeper.table.serial[soles[sole]!] !== serial) return false;
    return keeper.goOn(soles[sole]!, packet);
  }

  /** Looks for the record that alone covers packets of a flow which has its seats. */
  locate(traffic: FoldBatch, place: FlowPlace): void {
    const { soleScope } = traffic.seats[place.flow * 2]!;
    const slot = soleScope === noScope ? noFlow : this.options.keeper.recordAt(soleScope, place);
    if (slot !== noFlow) this.#noteSole(slot, traffic, place);
  }

  /** Queries of ICMP have several records a flow; what is in doubt has to be told of. */
  #noteSole(slot: FlowSlot, { seats, soles }: FoldBatch, { flows, flow }: FlowPlace): void {
    const [there, back] = [seats[flow * 2]!.soleScope, seats[flow * 2 + 1]!.soleScope];
    if (there === noScope || there !== back || isIcmp(flows.protocols[flow]!) || !this.options.ledger.isSure(slot))
      return;
    soles[flow * 2] = slot;
    soles[flow * 2 + 1] = this.options.keeper.table.serial[slot]!;
  }

  /** The same where several interfaces judge it, or none did yet. */
  #goesOn(packet: FoldPacket, { scope, barred }: Post): boolean {
    if (packet.told || barred) return false;
    const { keeper, ledger } = this.options;
    const slot = keeper.table.noted(scope, packet.at);
    return slot !== noFlow && ledger.isSure(slot) && keeper.goOn(slot, packet);
  }

  /** A later fragment whose first is not known: the rules judge what it shows. */
  judgeAlone(packet: FoldPacket, judge: Judge, topology: Topology): Ruling {
    const asked = { ...this.#asked(packet, judge), topology };
    const barrier = admitStateless(asked);
    if (barrier?.decision === "deny") return this.#denyAlone(packet, judge, barrier);
    const admission = joined(barrier, askRules(asked, semanticsAt(this.options.semantics, judge.at)));
    if (admission.decision === "deny") return this.#denyAlone(packet, judge, admission);
    return this.#passed(admission, noFlow);
  }

  #denyAlone(packet: FoldPacket, judge: Judge, admission: Admission): Ruling {
    this.addDenied(packet, judge, admission);
    return denied(admission);
  }

  /** No interface is known for sure: the record is kept at the place of capture, and nobody judges. */
  observe(packet: FoldPacket, scope: number): FlowSlot {
    const { keeper } = this.options;
    const slot = keeper.covering(scope, packet);
    if (slot === noFlow) {
      const kind = openingKind(packet.batch, packet.index);
      if (kind === "stray" || !this.#findsRoom(packet, scope, kind)) return noFlow;
      return this.#open(packet, { judge: null, scope, kind, admission: unjudged });
    }
    keeper.meet(slot, packet);
    keeper.count(slot, packet);
    if (!packet.told) this.#noteSole(slot, packet.traffic, packet.at);
    return slot;
  }

  /** The id for a verdict's reason. */
  nameOf(slot: FlowSlot): FlowId {
    return this.options.names ? this.options.ledger.idOf(slot) : "";
  }

  addDenied(packet: FoldPacket, judge: Judge, admission: Admission): void {
    if (packet.asked) tellDenied(this.#tallyOf(packet, judge, admission), packet.time);
  }

  /** What no rule decided is counted nowhere. */
  #tallyOf(packet: FoldPacket, { at, direction }: Judge, { gates }: Admission): DeniedTally {
    const gate = gates.at(-1)!;
    if (!("decidedBy" in gate) || gate.decidedBy === null) return newTally();
    const { source, destination, destinationPort, protocol } = tupleOf(packet);
    return this.denied.tallyOf({
      interface: at.id,
      interfaceName: at.name,
      direction,
      protocol,
      source,
      destination,
      destinationPort,
      decidedBy: gate.decidedBy,
    });
  }

  #judgeUncovered(packet: FoldPacket, post: Post, before: Before): Ruling {
    const quoted = this.#quotedFlow(packet, post.judge.at);
    if (quoted !== noFlow) return this.#byRecord(quoted, "related", before.barrier);
    const kind = openingKind(packet.batch, packet.index);
    if (this.#isDropped(packet, post, kind))
      return { verdict: "deny", reason: { type: "not-picked-up" }, slot: noFlow };
    const { barrier, doubt } = before;
    if (kind === "mid-stream" && this.options.keeper.answersCut(post.scope, packet)) {
      return this.#pass(packet, post, joined(barrier, this.#ask(packet, post)));
    }
    return this.#openOrPass(packet, post, { barrier, doubt, kind, admission: this.#ask(packet, post) });
  }

  #isDropped({ at }: FoldPacket, { judge }: Post, kind: OpeningKind): boolean {
    if (kind === "first" || at.flows.protocols[at.flow] !== protocolNumber.tcp) return false;
    return semanticsAt(this.options.semantics, judge.at).midStream === "drop";
  }

  /** Its record lets no packet pass by itself, and learns of those that the rules allow. */
  #judgeUntracked(slot: FlowSlot, packet: FoldPacket, post: Post, barrier: Admission | null): Ruling {
    const { keeper } = this.options;
    const admission = joined(barrier, this.#askAgain(slot, packet, post));
    if (admission.decision === "deny") return this.#deny(packet, post, admission);
    keeper.meet(slot, packet);
    keeper.count(slot, packet);
    return this.#passed(admission, slot);
  }

  /** Nothing came back yet, so the rules are asked about each packet of the opener; the record knows of it already. */
  #judgeUnanswered(slot: FlowSlot, packet: FoldPacket, post: Post, barrier: Admission | null): Ruling {
    const admission = joined(barrier, this.#askAgain(slot, packet, post));
    if (admission.decision === "deny") return this.#deny(packet, post, admission);
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
    if (!this.#findsRoom(packet, post.scope, kind)) return passedUntracked(opening);
    const slot = this.#open(packet, { judge: post.judge, scope: post.scope, kind, admission: opening });
    const flow = this.nameOf(slot);
    if (opening.decision !== "allow") {
      return { verdict: "unknown", reason: { type: "unknown", admission: opening, flow }, slot };
    }
    return { verdict: "allow", reason: { type: "opened", admission: opening, flow }, slot };
  }

  /** What finds none is counted. */
  #findsRoom(packet: FoldPacket, scope: number, kind: OpeningKind): boolean {
    const { keeper, ledger } = this.options;
    if (keeper.hasRoom(scope, packet.time)) return true;
    const { place, at, holder } = ledger.scopes.value(scope);
    const named = { place, interface: at?.id ?? null, interfaceName: at?.name ?? null };
    if (packet.asked) this.tableFull.tell(holder, named, { time: packet.time, begins: kind === "first" });
    return false;
  }

  #isSupposed({ judge }: Post, kind: OpeningKind, { decision, untracked }: Admission): boolean {
    if (kind !== "mid-stream" || decision !== "allow" || untracked !== undefined) return false;
    return !semanticsAt(this.options.semantics, judge.at).midStreamKnown;
  }

  /** By the rules alone; no record comes of it. */
  #pass(packet: FoldPacket, post: Post, admission: Admission): Ruling {
    return admission.decision === "deny" ? this.#deny(packet, post, admission) : this.#passed(admission, noFlow);
  }

  #passed(admission: Admission, slot: FlowSlot): Ruling {
    const flow = slot === noFlow ? null : this.nameOf(slot);
    if (admission.decision !== "allow")
      return { verdict: "unknown", reason: { type: "unknown", admission, flow }, slot };
    return { verdict: "allow", reason: { type: "passed", admission, flow }, slot };
  }

  #deny(packet: FoldPacket, post: Post, admission: Admission): Ruling {
    const answers = answersTo(packet, post);
    if (answers?.rules !== admission) this.addDenied(packet, post.judge, admission);
    else if (packet.asked) {
      answers.denied ??= this.#tallyOf(packet, post.judge, admission);
      tellDenied(answers.denied, packet.time);
    }
    return denied(admission);
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
  #quotedFlow({ traffic: { place }, batch, index, time, at: { keys } }: FoldPacket, at: PlacedInterface): FlowSlot {
    const quoted = batch.quoted[index]!;
    if (quoted < 0) return noFlow;
    const { keeper, ledger } = this.options;
    const directed = batch.flow[index]!;
    const direction = quoted & 1;
    const receiver = addressAt(batch.flows, directed >> 1, 1 - (directed & 1));
    if (!equalAddresses(receiver, addressAt(batch.flows, quoted >> 1, direction))) return noFlow;
    const queries = isIcmp(batch.flows.protocols[quoted >> 1]!) ? [direction, 1 - direction] : [0];
    for (const query of queries) {
      const key = { flows: batch.flows, keys, flow: quoted >> 1, direction, query };
      const slot = keeper.liveAt(ledger.scopeNumber(place, at, query), key, time);
      if (slot !== noFlow && keeper.table.untracked[slot] === 0) return slot;
    }
    return noFlow;
  }

  #barrier(packet: FoldPacket, post: Post): Admission | null {
    const answers = answersTo(packet, post);
    if (answers === null) return admitStateless(this.#asked(packet, post.judge));
    if (answers.barrier === undefined) answers.barrier = admitStateless(this.#asked(packet, post.judge));
    return answers.barrier;
  }

  /** The rules' answer to packets of one record and direction, the same until something changes. */
  #askAgain(slot: FlowSlot, packet: FoldPacket, post: Post): Admission {
    const { ledger } = this.options;
    const { asked, askedIn } = this.options.keeper.table;
    if (askedIn[slot] !== this.changes) {
      asked.fill(0, slot * 2, slot * 2 + 2);
      askedIn[slot] = this.changes;
    }
    const way = slot * 2 + packet.at.direction;
    if (asked[way] === 0) asked[way] = ledger.admissionNumber(this.#ask(packet, post)) + 1;
    return ledger.admission(asked[way]! - 1);
  }

  #ask(packet: FoldPacket, post: Post): Admission {
    const answers = answersTo(packet, post);
    if (answers === null) return this.#askAnew(packet, post.judge);
    answers.rules ??= this.#askAnew(packet, post.judge);
    return answers.rules;
  }

  #askAnew(packet: FoldPacket, judge: Judge): Admission {
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

function denied(admission: Admission): Ruling {
  return { verdict: "deny", reason: { type: "denied", admission }, slot: noFlow };
}

function passedUntracked(admission: Admission): Ruling {
  const isSure = admission.decision === "allow";
  const reason: Reason = isSure ? { type: "table-full", admission } : { type: "unknown", admission, flow: null };
  return { verdict: isSure ? "allow" : "unknown", reason, slot: noFlow };
}

/** What is known already of the answers to packets of this flow; null where each may be told something else. */
function answersTo({ batch, index, traffic, at }: FoldPacket, { order }: Post): PostAnswers | null {
  if (isIcmp(at.flows.protocols[at.flow]!) || (batch.marks[index]! & portsHidden) !== 0) return null;
  const place = batch.flow[index]! * 2 + order;
  const known = traffic.answers[place];
  if (known !== undefined) return known;
  const made = { barrier: undefined, rules: undefined, denied: undefined };
  traffic.answers[place] = made;
  return made;
}

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
