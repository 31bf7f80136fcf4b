// Each address of a flow dictionary once. Endpoint `2 * flow` is a flow's low one, `2 * flow + 1` its high one, so that
// the address of endpoint `e` is `words[4 * e ..]`.

import type { FlowDictionary } from "./flow-dictionary.js";

export type FirstAddresses = {
  readonly count: number;
  /** The first `count` entries: the endpoint where address `i` appears first. */
  readonly endpoints: Uint32Array;
  /** For each endpoint how many addresses ago its own appeared first, counted from the newest; 0: it is new. */
  readonly back: Uint32Array;
};

/** Open addressing over typed arrays, as in the dictionary itself. */
export function firstAddresses(flows: FlowDictionary): FirstAddresses {
  const endpoints = new Uint32Array(flows.count * 2);
  const back = new Uint32Array(flows.count * 2);
  const slots = new Int32Array(slotCount(flows.count * 2)).fill(-1);
  let count = 0;
  for (let endpoint = 0; endpoint < back.length; endpoint++) {
    const slot = findSlot({ slots, endpoints, words: flows.words }, endpoint);
    const index = slots[slot]!;
    if (index >= 0) {
      back[endpoint] = count - index;
    } else {
      endpoints[count] = endpoint;
      slots[slot] = count++;
    }
  }
  return { count, endpoints, back };
}

type Table = { readonly slots: Int32Array; readonly endpoints: Uint32Array; readonly words: Uint32Array };

/** A power of two, at least twice the entries. */
function slotCount(entries: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(8, entries * 2)));
}

/** The slot of the endpoint's address, or the empty one where it belongs. */
function findSlot(table: Table, endpoint: number): number {
  const mask = table.slots.length - 1;
  let slot = hashAt(table.words, endpoint * 4) & mask;
  for (;;) {
    const index = table.slots[slot]!;
    if (index < 0 || equalAt(table.words, table.endpoints[index]! * 4, endpoint * 4)) return slot;
    slot = (slot + 1) & mask;
  }
}

function hashAt(words: Uint32Array, at: number): number {
  let hash = 0;
  for (let word = 0; word < 4; word++) {
    hash = Math.imul(hash ^ words[at + word]!, 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  return hash;
}

function equalAt(words: Uint32Array, a: number, b: number): boolean {
  for (let word = 0; word < 4; word++) if (words[a + word] !== words[b + word]) return false;
  return true;
}
