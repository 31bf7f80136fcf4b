// How each column of a batch is guessed from what came before. One walk serves both ways: encoding keeps the difference
// between value and guess, restoring adds it to the same guess, so the two can't disagree.

import { protocolNumber } from "../wire/protocol.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import { packetMark } from "./packet.js";
import type { PacketBatch } from "./packet-batch.js";
import { unzigzag, zigzag } from "./varint.js";

/** One way through one column. `residuals` has room for every packet. */
export type Walk = { readonly batch: PacketBatch; readonly residuals: Uint32Array; readonly restoring: boolean };

type Column = Uint32Array | Uint16Array | Uint8Array;

/** Settles packet `index` of a column by its residual or the residual by the column; answers the value. */
function settle(walk: Walk, column: Column, index: number, predicted: number): number {
  if (walk.restoring) column[index] = predicted + unzigzag(walk.residuals[index]!);
  const value = column[index]!;
  if (!walk.restoring) walk.residuals[index] = zigzag(value - predicted);
  return value;
}

/** Guess: the record behind the last one. */
export function walkFrames(walk: Walk): void {
  let predicted = 1;
  for (let index = 0; index < walk.batch.count; index++) {
    predicted = settle(walk, walk.batch.frame, index, predicted) + 1;
  }
}

/** Guess: nothing quoted. */
export function walkQuoted({ batch, residuals, restoring }: Walk): void {
  for (let index = 0; index < batch.count; index++) {
    if (restoring) batch.quoted[index] = residuals[index]! - 1;
    else residuals[index] = batch.quoted[index]! + 1;
  }
}

/** Guess: the marks of the last packet of this flow and direction. */
export function walkMarks(walk: Walk): void {
  const { count, flow, marks, flows } = walk.batch;
  const last = new Uint8Array(flows.count * 2);
  for (let index = 0; index < count; index++) {
    const directed = flow[index]!;
    last[directed] = settle(walk, marks, index, last[directed]!);
  }
}

/** Guess: the length of the last packet of this flow and direction. */
export function walkPayloadLengths(walk: Walk): void {
  const { count, flow, payloadLength, flows } = walk.batch;
  const last = new Uint32Array(flows.count * 2);
  for (let index = 0; index < count; index++) {
    const directed = flow[index]!;
    last[directed] = settle(walk, payloadLength, index, last[directed]!);
  }
}

/** Slots of the tables that are looked up by a hash of 12 bits. */
const contextCount = 4096;

/**
 * Guess: what followed the last time that a flow stood like this: the last flags of either direction, the protocol,
 * and whether the packet has a payload. So a handshake costs nothing from the second one on.
 */
export function walkFlags(walk: Walk): void {
  const { count, flow, flags, payloadLength, flows } = walk.batch;
  const last = new Uint16Array(flows.count * 2);
  const followed = new Uint16Array(contextCount);
  for (let index = 0; index < count; index++) {
    const directed = flow[index]!;
    const kind = flows.protocols[directed >> 1]! * 2 + (payloadLength[index] === 0 ? 0 : 1);
    const context = hashed(last[directed]!, last[directed ^ 1]!, kind);
    followed[context] = settle(walk, flags, index, followed[context]!);
    last[directed] = followed[context]!;
  }
}

/** Below `contextCount`. */
function hashed(a: number, b: number, c: number): number {
  return (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35)) >>> 20;
}

/**
 * Guess: payload and as many bytes of headers as the last packet of this flow and direction had. A SYN, or the first
 * packet, has as many as the last one of its kind in any flow.
 */
export function walkIpLengths(walk: Walk): void {
  const { count, flow, ipLength, payloadLength, flows } = walk.batch;
  const ofFlow = new Int32Array(flows.count * 2);
  const ofKind = new Int32Array(1024);
  for (let index = 0; index < count; index++) {
    const directed = flow[index]!;
    const kind = headerKind(walk.batch, index);
    const usual = (kind & 1) === 1 || ofFlow[directed] === 0 ? ofKind[kind]! : ofFlow[directed]!;
    const headers = settle(walk, ipLength, index, payloadLength[index]! + usual) - payloadLength[index]!;
    ofKind[kind] = headers;
    if ((kind & 1) === 0) ofFlow[directed] = headers;
  }
}

/** Protocol, IP version, and in the lowest bit SYN. */
function headerKind({ flow, flags, flows }: PacketBatch, index: number): number {
  const of = flow[index]! >> 1;
  const protocol = flows.protocols[of]!;
  const version6 = flows.words[of * 8 + 2] === 0xffff && flows.words[of * 8] === 0 ? 0 : 2;
  const syn = protocol === protocolNumber.tcp && (flags[index]! & tcpFlag.syn) !== 0 ? 1 : 0;
  return protocol * 4 + version6 + syn;
}

const fragmentMarks = packetMark.firstFragment | packetMark.laterFragment;

/** Guess: the identification of the last fragment; 0 where the packet is none. */
export function walkFragmentIds(walk: Walk): void {
  const { count, marks, fragmentId } = walk.batch;
  let last = 0;
  for (let index = 0; index < count; index++) {
    const isFragment = (marks[index]! & fragmentMarks) !== 0;
    const id = settle(walk, fragmentId, index, isFragment ? last : 0);
    if (isFragment) last = id;
  }
}
