// Flows of a batch as the flow table looks them up: their hashes, and where each was found last. The seed is fixed, so
// that every run probes the same slots.

import type { FlowDictionary } from "./flow-dictionary.js";

const seed = 0x2545f491;

/**
 * One hash a flow of the dictionary, which `withScope` mixes a table's scope into. Two cells a flow, since two interfaces
 * may keep a record of it: the slot where the table found one last, and the serial number of the record there.
 */
export type FlowKeys = {
  readonly hashes: Uint32Array;
  readonly slots: Uint32Array;
  readonly serials: Float64Array;
};

export function flowKeys(flows: FlowDictionary): FlowKeys {
  const cells = flows.count * 2;
  return { hashes: hashFlows(flows), slots: new Uint32Array(cells), serials: new Float64Array(cells) };
}

function hashFlows(flows: FlowDictionary): Uint32Array {
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
