// Which conversations a batch may hold, in a few bytes a flow: a Bloom filter, so that a question about one connection
// reads the batches in which it is, and few others. Two keys a flow: its ends with their ports, and without.

import { type Address, compareAddresses } from "../wire/address.js";
import type { Conversation } from "./conversation.js";
import type { FlowDictionary } from "./flow-dictionary.js";

export type ConversationFilter = Uint8Array;

/** One lookup in four hundred finds what is not there. */
const bitsPerKey = 12;
const probes = 6;
const anyPorts = 0x1_0000_0000;

export function conversationFilter(flows: FlowDictionary): ConversationFilter {
  const filter = new Uint8Array(Math.max(8, Math.ceil((flows.count * 2 * bitsPerKey) / 8)));
  for (let flow = 0; flow < flows.count; flow++) {
    const ends = hashEnds(flows.protocols[flow]!, flows.words, flow * 8);
    add(filter, withPorts(ends, flows.ports[flow * 2]! * 0x1_0000 + flows.ports[flow * 2 + 1]!));
    add(filter, withPorts(ends, anyPorts));
  }
  return filter;
}

/** Fragments and packets that were cut short show no ports, and belong to it all the same. */
export function mayHold(filter: ConversationFilter, { protocol, a, b, portA, portB }: Conversation): boolean {
  const isLow = (compareAddresses(a, b) || (portA ?? 0) - (portB ?? 0)) <= 0;
  const ends = hashEnds(protocol, isLow ? wordsOf(a, b) : wordsOf(b, a), 0);
  if (portA === null || portB === null) return has(filter, withPorts(ends, anyPorts));
  const ports = isLow ? portA * 0x1_0000 + portB : portB * 0x1_0000 + portA;
  return has(filter, withPorts(ends, ports)) || has(filter, withPorts(ends, 0));
}

function wordsOf(low: Address, high: Address): Uint32Array {
  return Uint32Array.of(...low, ...high);
}

function hashEnds(protocol: number, words: Uint32Array, from: number): number {
  let hash = mix(0x51f15ead, protocol);
  for (let at = from; at < from + 8; at++) hash = mix(hash, words[at]!);
  return hash;
}

function withPorts(ends: number, ports: number): number {
  return mix(mix(ends, ports >>> 0), ports >= anyPorts ? 1 : 0);
}

function mix(hash: number, word: number): number {
  const value = Math.imul(hash ^ word, 0x9e3779b1);
  return value ^ (value >>> 15);
}

function add(filter: ConversationFilter, hash: number): void {
  for (let probe = 0; probe < probes; probe++) {
    const bit = bitOf(filter, hash, probe);
    filter[bit >>> 3]! |= 1 << (bit & 7);
  }
}

function has(filter: ConversationFilter, hash: number): boolean {
  for (let probe = 0; probe < probes; probe++) {
    const bit = bitOf(filter, hash, probe);
    if ((filter[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

/** Two hashes make as many as are wanted (Kirsch and Mitzenmacher, 2006). */
function bitOf(filter: ConversationFilter, hash: number, probe: number): number {
  const step = Math.imul(hash, 0x85ebca6b) | 1;
  return ((hash + Math.imul(probe, step)) >>> 0) % (filter.length * 8);
}
