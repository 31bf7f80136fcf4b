// Remembers the first fragments of each place of capture, so that later ones are counted and judged with their flow.

import { microsPerSecond } from "../time.js";
import { addressKey } from "../wire/address.js";
import type { FlowDictionary } from "./flow-dictionary.js";
import { addressAt } from "./packet-view.js";

/** A flow where it stands in a dictionary, and the direction of a packet in it. */
export type FlowPlace = {
  readonly flows: FlowDictionary;
  readonly hashes: Uint32Array;
  readonly flow: number;
  readonly direction: number;
  /** The end that asks, of an ICMP query or its reply: 0 low, 1 high. Pings both ways with one identifier are two flows. */
  readonly asker: number;
};

/** Linux gives up on a packet's missing fragments after 30 s (ipfrag_time). */
const memoryMicros = 30 * microsPerSecond;
const maxRemembered = 65_536;

export class FragmentMemory {
  readonly #firsts = new Map<string, { readonly at: FlowPlace; readonly time: number }>();

  remember(capture: string, at: FlowPlace, fragmentId: number, time: number): void {
    const key = keyOf(capture, at, fragmentId);
    this.#firsts.delete(key);
    this.#firsts.set(key, { at, time });
    for (const [oldest, { time: then }] of this.#firsts) {
      if (this.#firsts.size <= maxRemembered && time - then <= memoryMicros) break;
      this.#firsts.delete(oldest);
    }
  }

  /** The flow of the first fragment; null where it was not seen in the 30 s before. */
  resolve(capture: string, at: FlowPlace, fragmentId: number, time: number): FlowPlace | null {
    const first = this.#firsts.get(keyOf(capture, at, fragmentId));
    return first !== undefined && time - first.time <= memoryMicros ? first.at : null;
  }
}

function keyOf(capture: string, { flows, flow, direction }: FlowPlace, fragmentId: number): string {
  const source = addressKey(addressAt(flows, flow, direction));
  const destination = addressKey(addressAt(flows, flow, 1 - direction));
  return `${capture} ${source} ${destination} ${flows.protocols[flow]} ${fragmentId}`;
}
