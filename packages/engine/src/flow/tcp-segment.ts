// A TCP segment as the tracker sees it: one mutable object, filled again for each packet, so that tracking allocates
// nothing.

import { packetMark } from "../traffic/packet.js";
import type { PacketBatch } from "../traffic/packet-batch.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import { type SegmentClass, segmentClass, segmentClassOf } from "./flow-state.js";

export type TcpSegment = {
  flags: number;
  class: SegmentClass;
  /** 0: the originator of the record sent it; 1: the responder. */
  from: number;
  /** Sequence numbers have 32 bits, signed or not: what counts is how far they are apart. Read ones are signed. */
  sequence: number;
  acknowledgement: number;
  /** The sequence number after it; SYN and FIN count as one (RFC 9293 section 3.4). */
  end: number;
  zeroWindow: boolean;
};

export function newSegment(): TcpSegment {
  return {
    flags: 0,
    class: segmentClass.none,
    from: 0,
    sequence: 0,
    acknowledgement: 0,
    end: 0,
    zeroWindow: false,
  };
}

export function readSegment(batch: PacketBatch, index: number, from: number, out: TcpSegment): TcpSegment {
  const flags = batch.flags[index]!;
  const sequence = batch.sequence[index]! | 0;
  out.flags = flags;
  out.class = segmentClassOf(flags);
  out.from = from;
  out.sequence = sequence;
  out.acknowledgement = batch.acknowledgement[index]! | 0;
  out.end = (sequence + batch.payloadLength[index]! + (flags & tcpFlag.fin) + ((flags & tcpFlag.syn) >> 1)) | 0;
  out.zeroWindow = (batch.marks[index]! & packetMark.zeroWindow) !== 0;
  return out;
}
