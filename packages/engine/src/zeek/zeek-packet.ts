// A packet as Zeek's connections take it, from where it lies in a batch. Fragments of a packet are one packet here.

import type { Micros } from "../time.js";
import type { FlowDictionary } from "../traffic/flow-dictionary.js";
import type { TrafficBatch } from "../traffic/merge.js";
import { packetMark } from "../traffic/packet.js";
import { hasPorts, isIcmp, protocolNumber } from "../wire/protocol.js";
import type { End } from "./connection.js";
import type { ClockedBatch } from "./file-order.js";

export type ZeekPacket = {
  readonly flows: FlowDictionary;
  readonly flow: number;
  readonly from: End;
  readonly protocol: number;
  readonly sha256: string;
  readonly frame: number;
  readonly time: Micros;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly payloadLength: number;
  readonly ipLength: number;
  readonly zeroWindow: boolean;
  readonly badChecksum: boolean;
  readonly cutShort: boolean;
};

export function zeekPacket({ batch, sha256, seenAt }: ClockedBatch, index: number): ZeekPacket {
  const directed = batch.flow[index]!;
  const marks = batch.marks[index]!;
  return {
    flows: batch.flows,
    flow: directed >> 1,
    from: (directed & 1) as End,
    protocol: batch.flows.protocols[directed >> 1]!,
    sha256,
    frame: batch.frame[index]!,
    time: seenAt[index]! as Micros,
    flags: batch.flags[index]!,
    sequence: batch.sequence[index]!,
    acknowledgement: batch.acknowledgement[index]!,
    payloadLength: batch.payloadLength[index]!,
    ipLength: batch.ipLength[index]!,
    zeroWindow: (marks & packetMark.zeroWindow) !== 0,
    badChecksum: (marks & packetMark.badChecksum) !== 0,
    cutShort: (marks & packetMark.cutShort) !== 0,
  };
}

/** IP in IP, IPv6 in IP and GRE are tunnels, which are left out; ESP, "no next header" and mobility make no connection. */
const withoutConnection: ReadonlySet<number> = new Set([4, 41, protocolNumber.gre, protocolNumber.esp, 59, 135]);

/** Whether Zeek makes a connection of it; not where it can't believe the IP header. */
export function makesConnection({ batch }: TrafficBatch, index: number): boolean {
  if ((batch.marks[index]! & packetMark.badHeader) !== 0) return false;
  const protocol = batch.flows.protocols[batch.flow[index]! >> 1]!;
  if (withoutConnection.has(protocol)) return false;
  const isCut = (batch.marks[index]! & packetMark.portsMissing) !== 0;
  return !isCut || !(hasPorts(protocol) || isIcmp(protocol));
}
