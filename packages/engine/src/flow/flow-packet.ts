// What flow records are told of a packet: where it stands in its batch, and which flow it belongs to.

import type { Micros } from "../time.js";
import type { FlowPlace } from "../traffic/fragments.js";
import type { PacketBatch } from "../traffic/packet-batch.js";

export type FlowPacket = {
  readonly batch: PacketBatch;
  readonly index: number;
  readonly time: Micros;
  readonly at: FlowPlace;
};
