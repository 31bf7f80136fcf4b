// The fold: packets in order, rules and topology of each instant in; verdicts, flow records and denied attempts out.
// Here, and nowhere else, policy and flow records meet. It reads no log and writes no view.

import { admit } from "./admit.js";
import { DeniedAttempts } from "./flow/denied-attempts.js";
import { type FlowId, FlowIdHash } from "./flow/flow-id.js";
import { FlowKeeper, type FlowPacket } from "./flow/flow-keeper.js";
import type { FlowCounters, FlowEnd, FlowRecord } from "./flow/flow-record.js";
import { flowState, flowStates } from "./flow/flow-state.js";
import { type FlowSlot, flowDirections, noFlow } from "./flow/flow-table.js";
import type { Semantics } from "./flow/semantics.js";
import { countAtOrBelow } from "./grouping.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { NetworkHistory, Topology } from "./network/topology.js";
import { type Judge, type Placement, placePacket } from "./placement.js";
import type { PolicyHistory } from "./policy/policy-history.js";
import type { FiveTuple } from "./policy/rule-match.js";
import type { RuleVersion } from "./policy/rule-version.js";
import { type Micros, microsPerMinute } from "./time.js";
import { type Conversation, holdsConversation, isOfConversation } from "./traffic/conversation.js";
import { hashFlows } from "./traffic/flow-hash.js";
import { type FlowPlace, FragmentMemory } from "./traffic/fragments.js";
import { type TrafficBatch, TrafficMerge } from "./traffic/merge.js";
import { packetMark } from "./traffic/packet.js";
import type { PacketBatch } from "./traffic/packet-batch.js";
import { addressAt } from "./traffic/packet-view.js";
import type { Admission, Decision, Reason } from "./verdict.js";
import { equalAddresses } from "./wire/address.js";
import { icmpRequestType, isIcmpReply } from "./wire/icmp.js";
import { hasPorts, isIcmp } from "./wire/protocol.js";

/** A packet, one interface that judged it (null: none is known), and what became of it there. */
export type JudgedPacket = {
  readonly traffic: TrafficBatch;
  readonly index: number;
  readonly interface: PlacedInterface | null;
  readonly direction: "inbound" | "outbound" | null;
  readonly verdict: Decision;
  readonly reason: Reason;
};

export type ProjectorInput = {
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
  readonly semantics: Semantics;
  /** Packets after this instant are left out; null: all. */
  readonly until: Micros | null;
  /** Only packets of this conversation; null: all. */
  readonly only: Conversation | null;
  /** Every record, ended or still live, once; live ones at the finish. */
  readonly onFlow: (record: FlowRecord) => void;
  /** Every verdict in the order of the fold, where somebody asks. */
  readonly onVerdict: ((judged: JudgedPacket) => void) | null;
};

export type Projection = {
  readonly packets: number;
  readonly denied: DeniedAttempts;
};

type FoldBatch = TrafficBatch & { readonly hashes: Uint32Array; placements: (Placement | undefined)[]; epoch: number };
type Scope = { readonly place: string; readonly at: PlacedInterface | null };
type Ruling = { readonly verdict: Decision; readonly reason: Reason };

const unjudged: Admission = { decision: "none", gates: [], topology: "recorded" };
const sweepEveryMicros = microsPerMinute;

export class Projector {
  readonly #merge = new TrafficMerge<FoldBatch>((traffic, index) => this.#fold(traffic, index));
  readonly #keeper: FlowKeeper;
  readonly #fragments = new FragmentMemory();
  readonly #denied = new DeniedAttempts();
  readonly #scopes = new Interned<Scope>();
  readonly #sources = new Interned<string>();
  readonly #admissions = new Interned<Admission>();
  #packets = 0;
  #nextSweep = Number.NEGATIVE_INFINITY;

  constructor(private readonly input: ProjectorInput) {
    this.#keeper = new FlowKeeper(input.semantics, (slot) => input.onFlow(this.#record(slot)));
  }

  /** Batches in the order of their first packets' times. */
  push(traffic: TrafficBatch): void {
    const { only } = this.input;
    if (only !== null && !holdsConversation(traffic, only)) return;
    this.#merge.push({ ...traffic, hashes: hashFlows(traffic.batch.flows), placements: [], epoch: -1 });
  }

  /** Folds at most `most` of the packets before `time`; whether all of those are folded. For callers that must pause. */
  advance(time: number, most: number): boolean {
    return this.#merge.drainBefore(time, most);
  }

  finish(): Projection {
    this.#merge.drainBefore(Number.POSITIVE_INFINITY);
    this.#keeper.sweep(Number.POSITIVE_INFINITY);
    return { packets: this.#packets, denied: this.#denied };
  }

  #fold(traffic: FoldBatch, index: number): void {
    const { batch } = traffic;
    const time = batch.time[index]! as Micros;
    if (this.input.until !== null && time > this.input.until) return;
    const at = this.#flowOf(traffic, index, time);
    if (this.input.only !== null && !isOfConversation(at, this.input.only)) return;
    this.#packets++;
    if (time >= this.#nextSweep) this.#sweep(time);
    const packet: FlowPacket = { batch, index, time, at };
    const topology = this.input.network.topologyAt(time);
    const placement = this.#placementOf(traffic, index, topology, time);
    if (placement.is === "judged") this.#judgeInTurn(traffic, packet, topology, placement.judges);
    else this.#observe(traffic, packet, placement);
  }

  #sweep(time: Micros): void {
    this.#keeper.sweep(time);
    this.#nextSweep = time + sweepEveryMicros;
  }

  /** The packet's flow; of a later fragment, its first fragment's where that was seen. */
  #flowOf(traffic: FoldBatch, index: number, time: Micros): FlowPlace {
    const { batch, hashes, place } = traffic;
    const directed = batch.flow[index]!;
    const asker = askerOf(batch, index);
    const own: FlowPlace = { flows: batch.flows, hashes, flow: directed >> 1, direction: directed & 1, asker };
    const marks = batch.marks[index]!;
    if (marks & packetMark.firstFragment) this.#fragments.remember(place, own, batch.fragmentId[index]!, time);
    if ((marks & packetMark.laterFragment) === 0) return own;
    return this.#fragments.resolve(place, own, batch.fragmentId[index]!, time) ?? own;
  }

  #placementOf(traffic: FoldBatch, index: number, topology: Topology, time: Micros): Placement {
    const epoch = countAtOrBelow(this.input.network.boundaries, time);
    if (traffic.epoch !== epoch) {
      traffic.placements = [];
      traffic.epoch = epoch;
    }
    const directed = traffic.batch.flow[index]!;
    const known = traffic.placements[directed];
    if (known !== undefined) return known;
    const { flows } = traffic.batch;
    const source = addressAt(flows, directed >> 1, directed & 1);
    const destination = addressAt(flows, directed >> 1, 1 - (directed & 1));
    const made = placePacket(traffic.place, topology, source, destination);
    traffic.placements[directed] = made;
    return made;
  }

  #judgeInTurn(traffic: FoldBatch, packet: FlowPacket, topology: Topology, judges: readonly Judge[]): void {
    for (const judge of judges) {
      const { verdict, reason } = this.#judge(traffic, packet, topology, judge);
      const { at, direction } = judge;
      this.input.onVerdict?.({ traffic, index: packet.index, interface: at, direction, verdict, reason });
      if (verdict === "deny") return;
    }
  }

  #judge(traffic: FoldBatch, packet: FlowPacket, topology: Topology, judge: Judge): Ruling {
    const scope = this.#scopeOf(traffic.place, judge.at, packet.at.asker);
    const covering = this.#keeper.covering(scope, packet);
    if (covering !== noFlow) {
      this.#keeper.pass(covering, packet);
      return this.#byRecord(covering, "flow-record");
    }
    const quoted = this.#quotedFlow(traffic, packet, judge.at);
    if (quoted !== noFlow) return this.#byRecord(quoted, "related");
    const admission = this.#admit(packet, topology, judge);
    if (admission.decision === "deny") return this.#deny(packet, judge, admission);
    const slot = this.#open(traffic, packet, scope, admission, judge.direction);
    const flow = this.#nameOf(slot);
    if (admission.decision === "allow") return { verdict: "allow", reason: { type: "opened", admission, flow } };
    return { verdict: "unknown", reason: { type: "unknown", admission, flow } };
  }

  #byRecord(slot: FlowSlot, type: "flow-record" | "related"): Ruling {
    const admission = this.#admissions.value(this.#keeper.table.admission[slot]!);
    const flow = this.#nameOf(slot);
    if (admission.decision === "unknown") return { verdict: "unknown", reason: { type: "unknown", admission, flow } };
    return { verdict: "allow", reason: { type, admission, flow } };
  }

  /** The live flow whose packet this ICMP error quotes; only an error to that packet's own sender belongs to it. */
  #quotedFlow(traffic: FoldBatch, { batch, index, time }: FlowPacket, place: PlacedInterface): FlowSlot {
    const quoted = batch.quoted[index]!;
    if (quoted < 0) return noFlow;
    const directed = batch.flow[index]!;
    const direction = quoted & 1;
    const receiver = addressAt(batch.flows, directed >> 1, 1 - (directed & 1));
    if (!equalAddresses(receiver, addressAt(batch.flows, quoted >> 1, direction))) return noFlow;
    const askers = isIcmp(batch.flows.protocols[quoted >> 1]!) ? [direction, 1 - direction] : [0];
    for (const asker of askers) {
      const at = { flows: batch.flows, hashes: traffic.hashes, flow: quoted >> 1, direction, asker };
      const slot = this.#keeper.liveAt(this.#scopeOf(traffic.place, place, asker), at, time);
      if (slot !== noFlow) return slot;
    }
    return noFlow;
  }

  #admit(packet: FlowPacket, topology: Topology, { at: place, direction, own }: Judge): Admission {
    const { policy } = this.input;
    return admit({ policy, topology, time: packet.time, place, direction, own, tuple: tupleOf(packet) });
  }

  #deny(packet: FlowPacket, { at, direction }: Judge, admission: Admission): Ruling {
    const gate = admission.gates.at(-1)!;
    if ("decidedBy" in gate && gate.decidedBy !== null) {
      const { source, destination, destinationPort, protocol } = tupleOf(packet);
      const { decidedBy } = gate;
      this.#denied.add(
        {
          interface: at.id,
          interfaceName: at.name,
          direction,
          protocol,
          source,
          destination,
          destinationPort,
          decidedBy,
        },
        packet.time,
      );
    }
    return { verdict: "deny", reason: { type: "denied", admission } };
  }

  /** No interface is known for sure: the record is kept at the place of capture, and nobody judges. */
  #observe(traffic: FoldBatch, packet: FlowPacket, placement: Exclude<Placement, { is: "judged" }>): void {
    const scope = this.#scopeOf(traffic.place, null, packet.at.asker);
    let slot = this.#keeper.covering(scope, packet);
    if (slot === noFlow) slot = this.#open(traffic, packet, scope, unjudged, null);
    else this.#keeper.pass(slot, packet);
    if (this.input.onVerdict === null) return;
    const base = { traffic, index: packet.index, interface: null, direction: null };
    if (placement.is === "several") {
      const interfaces = placement.interfaces.map(({ id }) => id);
      this.input.onVerdict({ ...base, verdict: "unknown", reason: { type: "several-interfaces", interfaces } });
    } else {
      const flow = this.#idOf(slot);
      this.input.onVerdict({ ...base, verdict: "none", reason: { type: "no-known-interface", flow } });
    }
  }

  #open(
    traffic: FoldBatch,
    packet: FlowPacket,
    scope: number,
    admission: Admission,
    direction: Judge["direction"] | null,
  ): FlowSlot {
    const admissionNumber = this.#admissions.numberOf(admissionKey(admission), () => admission);
    const source = this.#sources.numberOf(traffic.sha256, () => traffic.sha256);
    return this.#keeper.open(packet, { scope, source, admission: admissionNumber, direction });
  }

  #scopeOf(place: string, at: PlacedInterface | null, asker: number): number {
    return this.#scopes.numberOf(`${place}\n${at?.id.toLowerCase() ?? ""}\n${asker}`, () => ({ place, at }));
  }

  /** The id for a verdict's reason; hashing it is left out where nobody listens. */
  #nameOf(slot: FlowSlot): FlowId {
    return this.input.onVerdict === null ? "" : this.#idOf(slot);
  }

  #idOf(slot: FlowSlot): FlowId {
    const { table } = this.#keeper;
    const { place, at } = this.#scopes.value(table.scope[slot]!);
    const hash = new FlowIdHash().text(place).text(at?.id.toLowerCase() ?? "");
    for (let word = 0; word < 8; word++) hash.number(table.words[slot * 8 + word]!);
    hash.number(table.ports[slot * 2]!).number(table.ports[slot * 2 + 1]!);
    hash.number(table.protocol[slot]!).number(table.icmp[slot]!).number(table.openedAt[slot]!);
    return hash.text(this.#sources.value(table.source[slot]!)).number(table.frame[slot]!).finish();
  }

  #record(slot: FlowSlot): FlowRecord {
    const { table } = this.#keeper;
    const { place, at } = this.#scopes.value(table.scope[slot]!);
    const from = table.originator[slot]!;
    return {
      id: this.#idOf(slot),
      place,
      interface: at?.id ?? null,
      interfaceName: at?.name ?? null,
      direction: flowDirections[table.direction[slot]!]!,
      protocol: table.protocol[slot]!,
      source: addressAt(table, slot, from),
      sourcePort: table.ports[slot * 2 + from]!,
      destination: addressAt(table, slot, 1 - from),
      destinationPort: table.ports[slot * 2 + 1 - from]!,
      icmp: table.icmp[slot]!,
      openedAt: table.openedAt[slot]! as Micros,
      openedBy: { sha256: this.#sources.value(table.source[slot]!), frame: table.frame[slot]! },
      midStream: table.midStream[slot] === 1,
      admission: this.#admissions.value(table.admission[slot]!),
      state: flowStates[table.state[slot]!]!,
      lastSeen: table.lastSeen[slot]! as Micros,
      endsAt: table.endsAt[slot]! as Micros,
      endsBy: endOf(table.state[slot]!),
      forward: this.#counters(slot * 2),
      backward: this.#counters(slot * 2 + 1),
    };
  }

  #counters(at: number): FlowCounters {
    const { packets, bytes, payload } = this.#keeper.table;
    return { packets: packets[at]!, bytes: bytes[at]!, payloadBytes: payload[at]! };
  }
}

function askerOf({ flows, flow, flags, marks }: PacketBatch, index: number): number {
  const protocol = flows.protocols[flow[index]! >> 1]!;
  const hidden = marks[index]! & (packetMark.laterFragment | packetMark.portsMissing);
  const type = flags[index]! >> 8;
  if (!isIcmp(protocol) || hidden !== 0 || icmpRequestType(protocol, type) === null) return 0;
  const direction = flow[index]! & 1;
  return isIcmpReply(protocol, type) ? 1 - direction : direction;
}

/** Numbers for values that are equal when their keys are. */
class Interned<T> {
  readonly #numbers = new Map<string, number>();
  readonly #values: T[] = [];

  numberOf(key: string, make: () => T): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#values.length);
    return this.#values.push(make()) - 1;
  }

  value(number: number): T {
    return this.#values[number]!;
  }
}

/** Equal for admissions that rest on the same versions, or on the same doubts. */
function admissionKey({ decision, topology, gates }: Admission): string {
  return JSON.stringify([decision, topology, gates], (_, value: unknown) =>
    isVersion(value) ? [value.group, value.rule, value.isDefault, value.version] : value,
  );
}

function isVersion(value: unknown): value is RuleVersion {
  return typeof value === "object" && value !== null && "isDefault" in value;
}

function endOf(state: number): FlowEnd {
  if (state === flowState.TIME_WAIT) return "fin";
  return state === flowState.CLOSE ? "rst" : "idle";
}

function tupleOf({ batch, index, at }: FlowPacket): FiveTuple {
  const { flows, flow, direction } = at;
  const ownPorts = (batch.marks[index]! & (packetMark.laterFragment | packetMark.portsMissing)) === 0;
  const withPorts = hasPorts(flows.protocols[flow]!);
  return {
    protocol: flows.protocols[flow]!,
    source: addressAt(flows, flow, direction),
    destination: addressAt(flows, flow, 1 - direction),
    sourcePort: withPorts ? flows.ports[flow * 2 + direction]! : 0,
    destinationPort: withPorts ? flows.ports[flow * 2 + 1 - direction]! : 0,
    icmp: isIcmp(flows.protocols[flow]!) && ownPorts ? batch.flags[index]! : 0,
    portsKnown: ownPorts || flow !== batch.flow[index]! >> 1 || flows !== batch.flows,
  };
}
