// A packet as Zeek's connections take it, from where it lies in a batch. Fragments of a packet are one packet here.

import type { Micros } from "../time.js";
import { type FlowDictionary, FlowDictionaryBuilder } from "../traffic/flow-dictionary.js";
import type { TrafficBatch } from "../traffic/merge.js";
import { packetMark } from "../traffic/packet.js";
import { hasPorts, isIcmp, protocolNumber } from "../wire/protocol.js";
import type { End } from "./connection.js";
import type { ClockedBatch } from "./file-order.js";

export type ZeekPacket = {
  flows: FlowDictionary;
  flow: number;
  from: End;
  protocol: number;
  sha256: string;
  frame: number;
  time: Micros;
  flags: number;
  sequence: number;
  acknowledgement: number;
  payloadLength: number;
  ipLength: number;
  zeroWindow: boolean;
  badChecksum: boolean;
  cutShort: boolean;
};

export function newZeekPacket(): ZeekPacket {
  return {
    flows: new FlowDictionaryBuilder().finish(),
    flow: 0,
    from: 0,
    protocol: 0,
    sha256: "",
    frame: 0,
    time: 0 as Micros,
    flags: 0,
    sequence: 0,
    acknowledgement: 0,
    payloadLength: 0,
    ipLength: 0,
    zeroWindow: false,
    badChecksum: false,
    cutShort: false,
  };
}

/** Fills `out`: one object is used again for every packet, so that reading allocates nothing. */
export function readZeekPacket({ batch, sha256, seenAt }: ClockedBatch, index: number, out: ZeekPacket): ZeekPacket {
  const directed = batch.flow[index]!;
  const marks = batch.marks[index]!;
  out.flows = batch.flows;
  out.flow = directed >> 1;
  out.from = (directed & 1) as End;
  out.protocol = batch.flows.protocols[directed >> 1]!;
  out.sha256 = sha256;
  out.frame = batch.frame[index]!;
  out.time = seenAt[index]! as Micros;
  out.flags = batch.flags[index]!;
  out.sequence = batch.sequence[index]!;
  out.acknowledgement = batch.acknowledgement[index]!;
  out.payloadLength = batch.payloadLength[index]!;
  out.ipLength = batch.ipLength[index]!;
  out.zeroWindow = (marks & packetMark.zeroWindow) !== 0;
  out.badChecksum = (marks & packetMark.badChecksum) !== 0;
  out.cutShort = (marks & packetMark.cutShort) !== 0;
  return out;
}

/** IP in IP, IPv6 in IP and GRE are tunnels, which are left out; ESP, "no next header" and mobility are none to Zeek. */
const withoutConnection: ReadonlySet<number> = new Set([4, 41, protocolNumber.gre, protocolNumber.esp, 59, 135]);

/** Whether Zeek makes a connection of it; not where it can't believe the IP header. */
export function makesConnection({ batch }: TrafficBatch, index: number): boolean {
  if ((batch.marks[index]! & packetMark.badHeader) !== 0) return false;
  const protocol = batch.flows.protocols[batch.flow[index]! >> 1]!;
  if (withoutConnection.has(protocol)) return false;
  const isCut = (batch.marks[index]! & packetMark.portsMissing) !== 0;
  return !isCut || !(hasPorts(protocol) || isIcmp(protocol));
}
