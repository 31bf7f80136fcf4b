// A part of a batch as a batch of its own, and the cutting of a batch whose bytes would be too many for one event.

import { encodePacketBatch } from "./batch-codec.js";
import type { FlowDictionary } from "./flow-dictionary.js";
import type { PacketBatch } from "./packet-batch.js";

/** A batch and the bytes that stand for it. */
export type EncodedBatch = { readonly batch: PacketBatch; readonly columns: Uint8Array };

/** Half of what an EventStoreDB cluster may allow for one append. */
export const maxBatchBytes = 524_288;

/**
 * The batch's bytes, at most `maxBytes` of them; where they are more, those of its halves, and so on. Ordinary traffic
 * is cut long before by its importer, so this is for traffic that can't be predicted.
 */
export function encodeInParts(batch: PacketBatch, maxBytes: number = maxBatchBytes): readonly EncodedBatch[] {
  const columns = encodePacketBatch(batch);
  if (columns.length <= maxBytes || batch.count < 2) return [{ batch, columns }];
  const middle = batch.count >> 1;
  return [
    ...encodeInParts(slicePacketBatch(batch, 0, middle), maxBytes),
    ...encodeInParts(slicePacketBatch(batch, middle, batch.count), maxBytes),
  ];
}

/** Packets `from` up to and without `to`, with the flows that they name in the order of first appearance. */
export function slicePacketBatch(batch: PacketBatch, from: number, to: number): PacketBatch {
  const flow = batch.flow.slice(from, to);
  const quoted = batch.quoted.slice(from, to);
  return {
    count: flow.length,
    flows: renumber(batch.flows, flow, quoted),
    time: batch.time.slice(from, to),
    frame: batch.frame.slice(from, to),
    flow,
    ipLength: batch.ipLength.slice(from, to),
    payloadLength: batch.payloadLength.slice(from, to),
    flags: batch.flags.slice(from, to),
    sequence: batch.sequence.slice(from, to),
    acknowledgement: batch.acknowledgement.slice(from, to),
    marks: batch.marks.slice(from, to),
    fragmentId: batch.fragmentId.slice(from, to),
    quoted,
  };
}

/** Rewrites both columns to a smaller dictionary, which it answers. */
function renumber(flows: FlowDictionary, flow: Uint32Array, quoted: Int32Array): FlowDictionary {
  const numbers = new Map<number, number>();
  const renumbered = (directed: number) => {
    const index = numbers.get(directed >> 1) ?? numbers.size;
    numbers.set(directed >> 1, index);
    return index * 2 + (directed & 1);
  };
  for (let index = 0; index < flow.length; index++) {
    flow[index] = renumbered(flow[index]!);
    if (quoted[index]! >= 0) quoted[index] = renumbered(quoted[index]!);
  }
  return pickFlows(flows, [...numbers.keys()]);
}

/** The flows of these indexes, as a dictionary of their own. */
export function pickFlows(flows: FlowDictionary, indexes: readonly number[]): FlowDictionary {
  const words = new Uint32Array(indexes.length * 8);
  const ports = new Uint16Array(indexes.length * 2);
  indexes.forEach((from, to) => {
    words.set(flows.words.subarray(from * 8, from * 8 + 8), to * 8);
    ports.set(flows.ports.subarray(from * 2, from * 2 + 2), to * 2);
  });
  const protocols = Uint8Array.from(indexes, (from) => flows.protocols[from]!);
  const icmp = Uint16Array.from(indexes, (from) => flows.icmp[from]!);
  return { count: indexes.length, words, ports, protocols, icmp };
}
