// Keeps flow records as the semantics of each say: when they open, what renews them, when they end. It never asks the
// rules, and says only whether a record lets a packet pass by itself.

import type { Micros } from "../time.js";
import { withScope } from "../traffic/flow-keys.js";
import type { FlowPlace } from "../traffic/fragments.js";
import { protocolNumber } from "../wire/protocol.js";
import { CutConnections, type SavedCuts } from "./cut-connections.js";
import type { FlowPacket } from "./flow-packet.js";
import type { FlowEnd } from "./flow-record.js";
import { FlowRoom, type FlowRoomOptions } from "./flow-room.js";
import { flowState, hasValidFlags, isClosing, segmentClass, segmentClassOf } from "./flow-state.js";
import { type FlowSlot, FlowTable, flowDirections, noFlow, type Renumbering } from "./flow-table.js";
import type { FlowTableImage } from "./flow-table-image.js";
import type { Semantics } from "./semantics.js";
import { onSide, sideMark, tcpWord, tcpWordCount } from "./tcp-columns.js";
import { newSegment, readSegment, type TcpSegment } from "./tcp-segment.js";
import { beginTcp, carryOnTcp, replacesTcp, type TcpOutcome, tcpOutcome, trackTcp } from "./tcp-tracker.js";
import { exchangeTimeout, type Timers, tcpTimeout, timersOf } from "./timers.js";

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

/** Live records, with the numbers of their scopes, sources and admissions as they were then. */
export type SavedFlows = {
  readonly image: FlowTableImage;
  /** By the number that the image has for them. */
  readonly semantics: readonly Semantics[];
  readonly cuts: readonly SavedCuts[];
};

export type FlowKeeperOptions = Pick<FlowRoomOptions, "maxFlows" | "holderOf"> & {
  /** Called with a record that has ended, while its columns still stand. */
  readonly onEnd: (slot: FlowSlot, by: FlowEnd) => void;
};

/** What is saved: records by themselves, cut connections by their scope. */
export type KeptFlows = { record(slot: FlowSlot): boolean; scope(scope: number): boolean };

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

  /** The record of a flow, perhaps one that is over. */
  recordAt(scope: number, place: FlowPlace): FlowSlot {
    return this.table.find(withScope(place.keys.hashes[place.flow]!, scope), scope, place);
  }

  liveAt(scope: number, place: FlowPlace, time: Micros): FlowSlot {
    const slot = this.recordAt(scope, place);
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

  /**
   * Tells a record that was answered of a packet which merely goes on with it, and counts that. False: it may mean more
   * than that, or the record is over or lets nothing pass by itself; then nothing was done.
   */
  goOn(slot: FlowSlot, packet: FlowPacket): boolean {
    const { table } = this;
    const { batch, index, time, at } = packet;
    if (table.endsAt[slot]! <= time || table.untracked[slot] === 1 || table.packets[slot * 2 + 1] === 0) return false;
    const timers = this.#timers[table.semantics[slot]!]!;
    const side = at.direction ^ table.originator[slot]!;
    if (table.protocol[slot] === protocolNumber.tcp) {
      const segment = readSegment(batch, index, side, this.#segment);
      if (!carryOnTcp(table, slot, segment)) return false;
      this.#endAt(slot, time + tcpTimeout(timers, table, slot, segment));
    } else {
      this.#endAt(slot, time + exchangeTimeout(timers, table, slot, packet));
    }
    this.count(slot, packet);
    return true;
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
      this.#endAt(slot, packet.time + exchangeTimeout(timers, table, slot, packet));
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

  /** `slots`: of the records, in the order of the image; `kept`: what of it all, null: everything. */
  save(kept: KeptFlows | null): {
    readonly saved: SavedFlows;
    readonly slots: readonly FlowSlot[];
  } {
    const { image, slots } = this.table.save(kept === null ? null : (slot) => kept.record(slot));
    const semantics = this.#timers.map((timers) => timers.semantics);
    const cuts = this.#cut.save().filter(({ scope }) => kept === null || kept.scope(scope));
    return { saved: { image, semantics, cuts }, slots };
  }

  restore({ image, semantics, cuts }: SavedFlows, numbers: Omit<Renumbering, "semantics">): void {
    const renumbered = new Map(semantics.map((own, number) => [number, this.#numberOf(own)]));
    const slots = this.table.restore(image, { ...numbers, semantics: renumbered });
    const { scope, untracked } = this.table;
    for (const slot of slots) {
      this.#untracked += untracked[slot]!;
      this.#room.enter(scope[slot]!, slot);
    }
    for (const own of cuts) this.#cut.restore(numbers.scope.get(own.scope)!, own);
  }

  #begin(slot: FlowSlot, packet: FlowPacket, timers: Timers): number {
    const { table } = this;
    table.state[slot] = flowState.UNREPLIED;
    if (table.protocol[slot] !== protocolNumber.tcp) return exchangeTimeout(timers, table, slot, packet);
    const segment = readSegment(packet.batch, packet.index, 0, this.#segment);
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
    if (kind !== segmentClass.FIN || !hasValidFlags(flags)) return false;
    const marks = this.table.tcp[slot * tcpWordCount + tcpWord.marks]!;
    const [own, other] = [onSide(sideMark.finished, from), onSide(sideMark.finished, 1 - from)];
    return (marks & (own | other)) === own;
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
