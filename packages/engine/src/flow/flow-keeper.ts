// Keeps flow records as the semantics in force say: when they open, what renews them, when they end. It never asks
// the rules.

import type { Micros } from "../time.js";
import { withScope } from "../traffic/flow-hash.js";
import type { FlowPlace } from "../traffic/fragments.js";
import { packetMark } from "../traffic/packet.js";
import type { PacketBatch } from "../traffic/packet-batch.js";
import { isIcmpReply } from "../wire/icmp.js";
import { isIcmp, protocolNumber } from "../wire/protocol.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import { flowState, ignored, isClosing, openingTcpState, trackTcp } from "./flow-state.js";
import { type FlowSlot, FlowTable, flowDirections, noFlow } from "./flow-table.js";
import { idleMicros, type Semantics } from "./semantics.js";

/** What the keeper needs of a packet: where it is, and which flow it belongs to (a later fragment: its first's). */
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
  /** Of the packet, seen from the interface. */
  readonly direction: (typeof flowDirections)[number];
};

export class FlowKeeper {
  readonly table = new FlowTable();

  constructor(
    private readonly semantics: Semantics,
    /** Called with a record that has ended, while its columns still stand. */
    private readonly onEnd: (slot: FlowSlot) => void,
  ) {}

  /** The live record that covers this packet; one that ended, or that this packet brings to an end, is closed. */
  covering(scope: number, { batch, index, time, at }: FlowPacket): FlowSlot {
    const slot = this.liveAt(scope, at, time);
    if (slot !== noFlow && this.#reopens(slot, batch.flags[index]!)) {
      this.table.endsAt[slot] = Math.min(this.table.endsAt[slot]!, time);
      this.#end(slot);
      return noFlow;
    }
    return slot;
  }

  liveAt(scope: number, { flows, hashes, flow }: FlowPlace, time: Micros): FlowSlot {
    const slot = this.table.find(withScope(hashes[flow]!, scope), scope, flows, flow);
    if (slot !== noFlow && this.table.endsAt[slot]! <= time) {
      this.#end(slot);
      return noFlow;
    }
    return slot;
  }

  open(packet: FlowPacket, { scope, source, admission, direction }: FlowOpening): FlowSlot {
    const { batch, index, time, at } = packet;
    const protocol = at.flows.protocols[at.flow]!;
    const flags = batch.flags[index]!;
    const headless = (batch.marks[index]! & (packetMark.laterFragment | packetMark.portsMissing)) !== 0;
    const answer = !headless && isAnswer(protocol, flags);
    const turned = direction === "inbound" ? "outbound" : "inbound";
    const slot = this.table.open({
      scope,
      flows: at.flows,
      flow: at.flow,
      hash: withScope(at.hashes[at.flow]!, scope),
      time,
      source,
      frame: batch.frame[index]!,
      originator: answer ? 1 - at.direction : at.direction,
      direction: flowDirections.indexOf(direction === null ? null : answer ? turned : direction),
      admission,
      state: protocol === protocolNumber.tcp ? openingTcpState(flags) : flowState.UNREPLIED,
      midStream: answer || (batch.marks[index]! & packetMark.laterFragment) !== 0 || isMidStream(protocol, flags),
    });
    if (isFin(protocol, flags)) this.table.finished[slot] = 1 << (answer ? 1 : 0);
    this.#renew(slot, time);
    this.#count(slot, packet);
    return slot;
  }

  /** A packet passes by its record. */
  pass(slot: FlowSlot, packet: FlowPacket): void {
    const { batch, index, time, at } = packet;
    const { table } = this;
    const side = at.direction ^ table.originator[slot]!;
    const before = table.state[slot]!;
    if (table.protocol[slot] !== protocolNumber.tcp) {
      if (side === 1) table.state[slot] = flowState.REPLIED;
    } else {
      this.#track(slot, side, batch.flags[index]!);
    }
    if (!isClosing(before)) this.#renew(slot, time);
    this.#count(slot, packet);
  }

  /** A FIN that is sent again by the one side that has sent it ends nothing for the other, which may go on sending. */
  #track(slot: FlowSlot, side: number, flags: number): void {
    const { table } = this;
    const fin = isFin(protocolNumber.tcp, flags);
    const sentAgain = fin && table.finished[slot] === 1 << side;
    const next = sentAgain ? ignored : trackTcp(table.state[slot]!, side, flags);
    if (next >= 0) table.state[slot] = next;
    if (fin) table.finished[slot]! |= 1 << side;
  }

  /** Closes every record that ended at or before `time`. */
  sweep(time: number): void {
    this.table.sweep(time, (slot) => this.#end(slot));
  }

  #end(slot: FlowSlot): void {
    this.onEnd(slot);
    this.table.close(slot);
  }

  /** A SYN for a connection that is over and only lingers. */
  #reopens(slot: FlowSlot, flags: number): boolean {
    const isSyn = (flags & (tcpFlag.syn | tcpFlag.ack | tcpFlag.rst)) === tcpFlag.syn;
    return isSyn && this.table.protocol[slot] === protocolNumber.tcp && isClosing(this.table.state[slot]!);
  }

  #renew(slot: FlowSlot, time: Micros): void {
    this.table.endsAt[slot] = time + this.#lifetime(this.table.protocol[slot]!, this.table.state[slot]!);
  }

  #lifetime(protocol: number, state: number): number {
    if (isClosing(state)) return this.semantics.lingerMicros;
    return idleMicros(this.semantics, protocol);
  }

  #count(slot: FlowSlot, { batch, index, time, at }: FlowPacket): void {
    const side = at.direction ^ this.table.originator[slot]!;
    this.table.touch(slot, side, time, batch.ipLength[index]!, batch.payloadLength[index]!);
  }
}

function isFin(protocol: number, flags: number): boolean {
  return protocol === protocolNumber.tcp && (flags & (tcpFlag.fin | tcpFlag.syn | tcpFlag.rst)) === tcpFlag.fin;
}

/** The first packet seen is the answer to one that was not: a SYN-ACK, an echo reply. Then the other side opened. */
function isAnswer(protocol: number, flags: number): boolean {
  if (protocol === protocolNumber.tcp) return (flags & (tcpFlag.syn | tcpFlag.ack)) === (tcpFlag.syn | tcpFlag.ack);
  return isIcmp(protocol) && isIcmpReply(protocol, flags >> 8);
}

/** A TCP segment that begins no connection. */
function isMidStream(protocol: number, flags: number): boolean {
  return protocol === protocolNumber.tcp && (flags & (tcpFlag.syn | tcpFlag.ack | tcpFlag.rst)) !== tcpFlag.syn;
}
