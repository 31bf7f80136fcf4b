// Keeps flow records as the semantics of each say: when they open, what renews them, when they end. It never asks the
// rules, and says only whether a record lets a packet pass by itself.

import type { Micros } from "../time.js";
import { withScope } from "../traffic/flow-keys.js";
import type { FlowPlace } from "../traffic/fragments.js";
import type { PacketBatch } from "../traffic/packet-batch.js";
import { protocolNumber } from "../wire/protocol.js";
import { CutConnections } from "./cut-connections.js";
import type { FlowEnd } from "./flow-record.js";
import { FlowRoom, type FlowRoomOptions } from "./flow-room.js";
import { flowState, hasValidFlags, isClosing, segmentClass, segmentClassOf } from "./flow-state.js";
import { type FlowSlot, FlowTable, flowDirections, noFlow } from "./flow-table.js";
import type { Semantics } from "./semantics.js";
import { sideMark } from "./tcp-columns.js";
import { newSegment, readSegment, type TcpSegment } from "./tcp-segment.js";
import { beginTcp, replacesTcp, type TcpOutcome, tcpOutcome, trackTcp } from "./tcp-tracker.js";
import { exchangeTimeout, type Timers, tcpTimeout, timersOf } from "./timers.js";

/** What the keeper needs of a packet: where it is, and which flow it belongs to. */
export type FlowPacket = {
  readonly batch: PacketBatch;
  readonly index: number;
  readonly time: Micros;
  readonly at: FlowPlace;
};

export type FlowOpening = {
  readonly scope: number;
  readonly source: number;
  readonly admission: number;
  readonly untracked: boolean;
  readonly semantics: Semantics;
  readonly midStream: boolean;
  /** Of the packet, seen from the interface. */
  readonly direction: (typeof flowDirections)[number];
};

/**
 * `decides`: it passes by the record, if that is a tracked one. `asks`: the record covers it, and the rules decide.
 * `stranger`: it is none of its packets.
 */
export type Meeting = "decides" | "asks" | "stranger";

export type FlowKeeperOptions = Pick<FlowRoomOptions, "maxFlows" | "holderOf"> & {
  /** Called with a record that has ended, while its columns still stand. */
  readonly onEnd: (slot: FlowSlot, by: FlowEnd) => void;
};

export class FlowKeeper {
  readonly table = new FlowTable();
  readonly #segment = newSegment();
  readonly #timers: Timers[] = [];
  readonly #numbers = new Map<Semantics | string, number>();
  readonly #cut = new CutConnections();
  readonly #room: FlowRoom;
  #untracked = 0;

  constructor(private readonly options: FlowKeeperOptions) {
    const close = (slot: FlowSlot) => this.#close(slot, endOf(this.table.state[slot]!));
    this.#room = new FlowRoom({ ...options, table: this.table, close });
  }

  /** Live records that let no packet pass by themselves, some of them perhaps over and not swept yet. */
  get untracked(): number {
    return this.#untracked;
  }

  /** The live record that this packet falls to. One that is over, or that the packet replaces, is closed. */
  covering(scope: number, packet: FlowPacket): FlowSlot {
    const slot = this.liveAt(scope, packet.at, packet.time);
    if (slot === noFlow || this.table.protocol[slot] !== protocolNumber.tcp || !isClosing(this.table.state[slot]!)) {
      return slot;
    }
    if (!this.#isReplaced(slot, packet)) return slot;
    this.end(slot, packet.time, endOf(this.table.state[slot]!));
    return noFlow;
  }

  liveAt(scope: number, place: FlowPlace, time: Micros): FlowSlot {
    const hash = withScope(place.keys.hashes[place.flow]!, scope);
    const slot = this.table.find(hash, scope, place);
    return slot !== noFlow && this.closeIfOver(slot, time) ? noFlow : slot;
  }

  closeIfOver(slot: FlowSlot, time: Micros): boolean {
    if (this.table.endsAt[slot]! > time) return false;
    this.#close(slot, endOf(this.table.state[slot]!));
    return true;
  }

  open(packet: FlowPacket, opening: FlowOpening): FlowSlot {
    const { batch, index, time, at } = packet;
    const { table } = this;
    const semantics = this.#numberOf(opening.semantics);
    this.#cut.forget(opening.scope, at);
    const slot = table.open({
      scope: opening.scope,
      source: opening.source,
      admission: opening.admission,
      untracked: opening.untracked,
      midStream: opening.midStream,
      flows: at.flows,
      flow: at.flow,
      keys: at.keys,
      hash: withScope(at.keys.hashes[at.flow]!, opening.scope),
      time,
      frame: batch.frame[index]!,
      originator: at.direction,
      direction: flowDirections.indexOf(opening.direction),
      semantics,
    });
    if (opening.untracked) this.#untracked++;
    table.endsAt[slot] = time + this.#begin(slot, packet, this.#timers[semantics]!);
    this.#room.enter(opening.scope, slot);
    this.count(slot, packet);
    return slot;
  }

  /** Whether a record of this scope can be opened now. */
  hasRoom(scope: number, time: Micros): boolean {
    return this.#room.isLeft(scope, time);
  }

  /** Tells a live record of a packet that falls to it. Whoever lets the packet pass counts it. */
  meet(slot: FlowSlot, packet: FlowPacket): Meeting {
    const { table } = this;
    const timers = this.#timers[table.semantics[slot]!]!;
    const side = packet.at.direction ^ table.originator[slot]!;
    const replied = table.packets[slot * 2 + 1]! > 0;
    if (table.protocol[slot] === protocolNumber.tcp) {
      const outcome = this.#tellTcp(slot, packet, timers);
      if (outcome === tcpOutcome.misfit && timers.semantics.misfits === "ask-rules") return "stranger";
    } else {
      this.#endAt(slot, packet.time + exchangeTimeout(timers, table, slot, { side, time: packet.time }));
      if (side === 1) table.state[slot] = flowState.REPLIED;
    }
    return side === 0 && !replied && timers.semantics.unanswered === "ask-rules" ? "asks" : "decides";
  }

  count(slot: FlowSlot, { batch, index, time, at }: FlowPacket): void {
    const { table } = this;
    const side = at.direction ^ table.originator[slot]!;
    table.touch(slot, side, time, batch.ipLength[index]!, batch.payloadLength[index]!);
    const protocol = table.protocol[slot]!;
    if (protocol === protocolNumber.tcp) table.history.tellSegment(slot, side, batch, index);
    else if (protocol === protocolNumber.udp) table.history.tellDatagram(slot, side, batch.marks[index]!);
  }

  /** The rules, asked anew, allow it no more. One that never let a packet pass by itself leaves no trace. */
  cut(slot: FlowSlot, time: Micros, leavesTrace: boolean): void {
    if (leavesTrace && this.table.protocol[slot] === protocolNumber.tcp) this.#cut.add(this.table, slot);
    this.end(slot, time, "re-evaluated");
  }

  /** Whether the packet answers a connection that was cut, and did not go on since. */
  answersCut(scope: number, { at }: FlowPacket): boolean {
    return at.flows.protocols[at.flow] === protocolNumber.tcp && this.#cut.isAnswer(scope, at);
  }

  end(slot: FlowSlot, time: Micros, by: FlowEnd): void {
    this.table.endsAt[slot] = time;
    this.#close(slot, by);
  }

  /** Closes every record that ended at or before `time`. */
  sweep(time: number): void {
    this.table.sweep(time, (slot) => this.#close(slot, endOf(this.table.state[slot]!)));
    this.#room.relax();
  }

  #begin(slot: FlowSlot, { batch, index, time }: FlowPacket, timers: Timers): number {
    const { table } = this;
    table.state[slot] = flowState.UNREPLIED;
    if (table.protocol[slot] !== protocolNumber.tcp) return exchangeTimeout(timers, table, slot, { side: 0, time });
    const segment = readSegment(batch, index, 0, this.#segment);
    beginTcp(table, slot, segment);
    trackTcp(table, slot, segment);
    return tcpTimeout(timers, table, slot, segment);
  }

  #tellTcp(slot: FlowSlot, { batch, index, time, at }: FlowPacket, timers: Timers): TcpOutcome {
    const { table } = this;
    const { semantics } = timers;
    const segment = readSegment(batch, index, at.direction ^ table.originator[slot]!, this.#segment);
    const lingers = semantics.closing === "linger";
    const wasClosing = isClosing(table.state[slot]!);
    const outcome = lingers && this.#repeatsFin(slot, segment) ? tcpOutcome.noted : trackTcp(table, slot, segment);
    if (lingers && wasClosing) return outcome;
    if (outcome === tcpOutcome.taken) this.#endAt(slot, time + this.#lifetime(slot, segment, timers));
    else if (semantics.renewedBy === "any-packet") this.#endAt(slot, time + timers.tcp[table.state[slot]!]!);
    return outcome;
  }

  #endAt(slot: FlowSlot, endsAt: number): void {
    if (endsAt < this.table.endsAt[slot]!) this.#room.hasten(slot, endsAt);
    this.table.endsAt[slot] = endsAt;
  }

  /** Under Linux, a RST before anything came back leaves nothing behind. */
  #lifetime(slot: FlowSlot, segment: TcpSegment, timers: Timers): number {
    const refused = segment.class === segmentClass.RST && this.table.packets[slot * 2 + 1] === 0;
    if (refused && timers.semantics.closing === "time-out") return 0;
    return tcpTimeout(timers, this.table, slot, segment);
  }

  /** A FIN that is sent again by the one side that has sent it ends nothing for the other, which may go on sending. */
  #repeatsFin(slot: FlowSlot, { class: kind, from, flags }: TcpSegment): boolean {
    const { sides } = this.table.tcp;
    const [own, other] = [slot * 2 + from, slot * 2 + 1 - from];
    const isFin = kind === segmentClass.FIN && hasValidFlags(flags);
    return isFin && (sides[own]! & sideMark.finished) !== 0 && (sides[other]! & sideMark.finished) === 0;
  }

  /** A SYN for a connection that is over. */
  #isReplaced(slot: FlowSlot, { batch, index, at }: FlowPacket): boolean {
    const flags = batch.flags[index]!;
    const { semantics } = this.#timers[this.table.semantics[slot]!]!;
    if (semantics.closing === "linger") return segmentClassOf(flags) === segmentClass.SYN && hasValidFlags(flags);
    const segment = readSegment(batch, index, at.direction ^ this.table.originator[slot]!, this.#segment);
    return replacesTcp(this.table, slot, segment);
  }

  #close(slot: FlowSlot, by: FlowEnd): void {
    this.options.onEnd(slot, by);
    if (this.table.untracked[slot] === 1) this.#untracked--;
    this.#room.leave(this.table.scope[slot]!, slot);
    this.table.close(slot);
  }

  /** Equal semantics have one number, whoever made them. */
  #numberOf(semantics: Semantics): number {
    const known = this.#numbers.get(semantics);
    if (known !== undefined) return known;
    const content = JSON.stringify(semantics);
    const number = this.#numbers.get(content) ?? this.#timers.push(timersOf(semantics)) - 1;
    this.#numbers.set(content, number).set(semantics, number);
    return number;
  }
}

function endOf(state: number): FlowEnd {
  if (state === flowState.TIME_WAIT) return "fin";
  return state === flowState.CLOSE ? "rst" : "idle";
}
