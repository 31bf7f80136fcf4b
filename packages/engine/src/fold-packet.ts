// A packet in the fold: where it stands in its batch, and which flow it belongs to.

import type { FlowPacket } from "./flow/flow-packet.js";
import { type FoldBatch, foldBatch } from "./fold-batch.js";
import type { Micros } from "./time.js";
import type { FlowPlace } from "./traffic/fragments.js";
import { PacketBatchBuilder } from "./traffic/packet-batch.js";

export type FoldPacket = FlowPacket & {
  readonly traffic: FoldBatch;
  /** It is of the conversation that is asked about; others are folded only for what they mean to that. */
  readonly asked: boolean;
  /** Somebody wants to know what becomes of it. */
  readonly told: boolean;
};

type Writable<T> = { -readonly [field in keyof T]: T[field] };

/** Filled in anew for each packet, since there are millions; whoever keeps one copies it and its place. */
export type PacketInHand = Writable<Omit<FoldPacket, "at">> & { readonly at: Writable<FlowPlace> };

export function newPacketInHand(): PacketInHand {
  const batch = new PacketBatchBuilder(0).finish();
  const time = 0 as Micros;
  const traffic = foldBatch({ place: "", sha256: "", position: 0, firstTime: time, batch }, null);
  const at = { flows: batch.flows, keys: traffic.keys, flow: 0, direction: 0, query: 0 };
  return { traffic, batch, index: 0, time, at, asked: true, told: false };
}
