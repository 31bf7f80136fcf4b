// Flows of a batch as the flow table looks them up: their hashes, and where each was found last. The seed is fixed, so
// that every run probes the same slots.

import type { FlowDictionary } from "./flow-dictionary.js";

const seed = 0x2545f491;

/** One hash a flow of the dictionary, which `withScope` mixes a table's scope into, and two cells. */
export type FlowKeys = { readonly hashes: Uint32Array; readonly cells: Uint32Array };

/** What a cell says of the record that the table found last: its slot, its serial number (0: none) and its scope. */
export const keyCell = { slot: 0, serial: 1, scope: 2 } as const;
const cellNumbers = 4;

/** Two cells a flow, since two interfaces may keep a record of it; their scopes mostly follow each other. */
export function cellOf(scope: number, flow: number): number {
  return (flow * 2 + (scope & 1)) * cellNumbers;
}

export function flowKeys(flows: FlowDictionary): FlowKeys {
  return { hashes: hashFlows(flows), cells: new Uint32Array(flows.count * 2 * cellNumbers) };
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
