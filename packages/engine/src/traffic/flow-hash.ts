// Hashes of flow keys for the flow table; the seed is fixed, so that every run probes the same slots.

import type { FlowDictionary } from "./flow-dictionary.js";

const seed = 0x2545f491;

/** One hash for each flow of the dictionary; mix a table's scope in with `withScope`. */
export function hashFlows(flows: FlowDictionary): Uint32Array {
  const hashes = new Uint32Array(flows.count);
  for (let flow = 0; flow < flows.count; flow++) {
    let hash = seed ^ flows.protocols[flow]!;
    for (let word = 0; word < 8; word++) hash = mix(hash, flows.words[flow * 8 + word]!);
    hash = mix(hash, (flows.ports[flow * 2]! << 16) | flows.ports[flow * 2 + 1]!);
    hashes[flow] = mix(hash, flows.icmp[flow]!);
  }
  return hashes;
}

export function withScope(hash: number, scope: number): number {
  return mix(hash, scope) >>> 0;
}

function mix(hash: number, word: number): number {
  const value = Math.imul(hash ^ word, 0x85ebca6b);
  return value ^ (value >>> 13);
}
