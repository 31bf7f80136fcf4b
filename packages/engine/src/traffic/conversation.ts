// What a question about one connection names, and which batches and packets belong to it.

import { type Address, equalAddresses } from "../wire/address.js";
import type { FlowDictionary } from "./flow-dictionary.js";
import type { TrafficBatch } from "./merge.js";
import { addressAt } from "./packet-view.js";

/** A connection without direction: what a question about one flow names. */
export type Conversation = {
  readonly protocol: number;
  readonly a: Address;
  readonly b: Address;
  readonly portA: number | null;
  readonly portB: number | null;
};

/** Whether a batch can hold packets of the conversation, its fragments included. */
export function holdsConversation({ batch }: TrafficBatch, { protocol, a, b }: Conversation): boolean {
  for (let flow = 0; flow < batch.flows.count; flow++) {
    if (batch.flows.protocols[flow] !== protocol) continue;
    const low = addressAt(batch.flows, flow, 0);
    const high = addressAt(batch.flows, flow, 1);
    if ((equalAddresses(low, a) && equalAddresses(high, b)) || (equalAddresses(low, b) && equalAddresses(high, a))) {
      return true;
    }
  }
  return false;
}

/** A flow among others in columns. */
export type ConversationFlow = {
  readonly flows: Pick<FlowDictionary, "words" | "ports" | "protocols">;
  readonly flow: number;
};

/** Null ports of the conversation stand for any. */
export function isOfConversation(
  { flows, flow }: ConversationFlow,
  { protocol, a, b, portA, portB }: Conversation,
): boolean {
  if (flows.protocols[flow] !== protocol) return false;
  return isBetween(flows, flow, [a, portA], [b, portB]) || isBetween(flows, flow, [b, portB], [a, portA]);
}

type End = readonly [address: Address, port: number | null];

function isBetween(flows: ConversationFlow["flows"], flow: number, low: End, high: End): boolean {
  const fits = (end: number, [address, port]: End) =>
    equalAddresses(addressAt(flows, flow, end), address) && (port === null || flows.ports[flow * 2 + end] === port);
  return fits(0, low) && fits(1, high);
}
