// Reads one packet out of a batch's columns, for all that is not the hot path.

import type { Address } from "../wire/address.js";
import { hasPorts } from "../wire/protocol.js";
import type { DirectedFlow, FlowDictionary } from "./flow-dictionary.js";
import { packetMark } from "./packet.js";
import type { PacketBatch } from "./packet-batch.js";

/** The low (0) or high (1) endpoint's address of a flow. */
export function addressAt(flows: Pick<FlowDictionary, "words">, flow: number, end: number): Address {
  const at = flow * 8 + end * 4;
  return [flows.words[at]!, flows.words[at + 1]!, flows.words[at + 2]!, flows.words[at + 3]!];
}

/** Whether the batch itself tells this packet's ports. */
export function showsPorts(batch: PacketBatch, index: number): boolean {
  const hidden = batch.marks[index]! & (packetMark.laterFragment | packetMark.portsMissing);
  return hidden === 0 && hasPorts(batch.flows.protocols[batch.flow[index]! >> 1]!);
}

export type PacketView = {
  readonly source: Address;
  readonly destination: Address;
  /** Null where there are none, or where this packet does not show them. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly protocol: number;
};

export function viewPacket(batch: PacketBatch, index: number): PacketView {
  const directed: DirectedFlow = batch.flow[index]!;
  const flow = directed >> 1;
  const from = directed & 1;
  const ports = showsPorts(batch, index);
  return {
    source: addressAt(batch.flows, flow, from),
    destination: addressAt(batch.flows, flow, 1 - from),
    sourcePort: ports ? batch.flows.ports[flow * 2 + from]! : null,
    destinationPort: ports ? batch.flows.ports[flow * 2 + 1 - from]! : null,
    protocol: batch.flows.protocols[flow]!,
  };
}
