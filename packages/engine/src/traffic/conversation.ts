// What a question about one connection names, and which batches and packets belong to it.

import { type Address, equalAddresses } from "../wire/address.js";
import type { FlowDictionary } from "./flow-dictionary.js";
import { addressAt } from "./packet-view.js";

/** A connection without direction: what a question about one flow names. */
export type Conversation = {
  readonly protocol: number;
  readonly a: Address;
  readonly b: Address;
  readonly portA: number | null;
  readonly portB: number | null;
};

/** What flows of a batch are to a conversation: strangers, between its ends, or its own. */
export const relevance = { stranger: 0, sameEnds: 1, own: 2 } as const;

/** By flow. Fragments without ports have the conversation's ends, and may belong to it. */
export function relevanceOf(flows: FlowDictionary, conversation: Conversation): Uint8Array {
  const { protocol, a, b } = conversation;
  const found = new Uint8Array(flows.count);
  for (let flow = 0; flow < flows.count; flow++) {
    if (flows.protocols[flow] !== protocol) continue;
    const there = hasAddress(flows.words, flow * 8, a) && hasAddress(flows.words, flow * 8 + 4, b);
    const back = hasAddress(flows.words, flow * 8, b) && hasAddress(flows.words, flow * 8 + 4, a);
    if (!there && !back) continue;
    found[flow] = isOfConversation({ flows, flow }, conversation) ? relevance.own : relevance.sameEnds;
  }
  return found;
}

function hasAddress(words: Uint32Array, at: number, address: Address): boolean {
  for (let word = 0; word < 4; word++) if (words[at + word] !== address[word]) return false;
  return true;
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
