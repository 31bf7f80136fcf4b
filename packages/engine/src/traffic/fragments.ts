// Fragments of one packet, brought together again: a packet is judged by its first fragment, which alone has ports, and
// later ones follow it, also those that came before it. What waits and what is remembered is bounded.

import { microsPerSecond } from "../time.js";
import { addressKey } from "../wire/address.js";
import type { FlowDictionary } from "./flow-dictionary.js";
import type { FlowKeys } from "./flow-keys.js";
import { addressAt } from "./packet-view.js";

/** A flow where it stands in a dictionary, and the direction of a packet in it. */
export type FlowPlace = {
  readonly flows: FlowDictionary;
  readonly keys: FlowKeys;
  readonly flow: number;
  readonly direction: number;
  /**
   * Of an ICMP query or its reply the end that asks, 0 low, 1 high, plus twice the code; otherwise 0. Pings both ways
   * with one identifier are two flows.
   */
  readonly query: number;
};

/** Linux gives up on a packet's missing fragments after 30 s (ipfrag_time). */
const memoryMicros = 30 * microsPerSecond;
const maxRemembered = 65_536;
const maxWaiting = 16_384;

type Remembered<T> = { readonly first: T; readonly time: number };
type Waiting<W> = { readonly key: string; readonly fragment: W; readonly time: number };

/** All that is remembered, each in the order in which it came. */
export type SavedFragments<First, Later> = {
  readonly firsts: readonly (Remembered<First> & { readonly key: string })[];
  readonly waiting: readonly Waiting<Later>[];
};

/** `First`: what became of a first fragment. `Later`: a later fragment that waits for its first. */
export class FragmentMemory<First, Later> {
  readonly #firsts = new Map<string, Remembered<First>>();
  readonly #waiting = new Map<string, Waiting<Later>[]>();
  /** In the order in which they came; those whose first came since are left out when their turn comes. */
  #queue: Waiting<Later>[] = [];
  #next = 0;
  #waits = 0;

  /** The later ones that waited for this first fragment, in the order in which they came. */
  remember(key: string, first: First, time: number): readonly Later[] {
    this.#firsts.delete(key);
    this.#firsts.set(key, { first, time });
    for (const [oldest, { time: then }] of this.#firsts) {
      if (this.#firsts.size <= maxRemembered && time - then <= memoryMicros) break;
      this.#firsts.delete(oldest);
    }
    const waited = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    this.#waits -= waited.length;
    return waited.map(({ fragment }) => fragment);
  }

  /** What became of the first fragment; null where it was not seen in the 30 s before. */
  firstOf(key: string, time: number): First | null {
    const remembered = this.#firsts.get(key);
    return remembered !== undefined && time - remembered.time <= memoryMicros ? remembered.first : null;
  }

  wait(key: string, fragment: Later, time: number): void {
    const waiting = { key, fragment, time };
    const same = this.#waiting.get(key);
    if (same === undefined) this.#waiting.set(key, [waiting]);
    else same.push(waiting);
    this.#queue.push(waiting);
    this.#waits++;
  }

  save(): SavedFragments<First, Later> {
    const firsts = [...this.#firsts].map(([key, remembered]) => ({ key, ...remembered }));
    const isWaiting = (own: Waiting<Later>) => this.#waiting.get(own.key)?.includes(own) === true;
    return { firsts, waiting: this.#queue.slice(this.#next).filter(isWaiting) };
  }

  restore({ firsts, waiting }: SavedFragments<First, Later>): void {
    for (const { key, first, time } of firsts) this.#firsts.set(key, { first, time });
    for (const { key, fragment, time } of waiting) this.wait(key, fragment, time);
  }

  /** When the longest wait is over. */
  get nextGivenUp(): number {
    this.#skipFollowed();
    const oldest = this.#queue[this.#next];
    if (oldest === undefined) return Number.POSITIVE_INFINITY;
    return this.#waits > maxWaiting ? Number.NEGATIVE_INFINITY : oldest.time + memoryMicros + 1;
  }

  /** Those whose first does not come any more at this time, or that are too many, the oldest first. */
  giveUp(time: number): readonly Later[] {
    const alone: Later[] = [];
    while (this.#waits > 0 && this.nextGivenUp <= time) {
      const { key, fragment } = this.#queue[this.#next++]!;
      const rest = this.#waiting.get(key)!.slice(1);
      if (rest.length === 0) this.#waiting.delete(key);
      else this.#waiting.set(key, rest);
      this.#waits--;
      alone.push(fragment);
    }
    return alone;
  }

  #skipFollowed(): void {
    for (let head = this.#queue[this.#next]; head !== undefined; head = this.#queue[++this.#next]) {
      if (this.#waiting.get(head.key)?.[0] === head) break;
    }
    if (this.#next > maxWaiting) {
      this.#queue = this.#queue.slice(this.#next);
      this.#next = 0;
    }
  }
}

/** Fragments of one packet: the same place of capture, addresses, protocol and identification (RFC 791, RFC 8200). */
export function fragmentKey(place: string, { flows, flow, direction }: FlowPlace, fragmentId: number): string {
  const source = addressKey(addressAt(flows, flow, direction));
  const destination = addressKey(addressAt(flows, flow, 1 - direction));
  return `${place} ${source} ${destination} ${flows.protocols[flow]} ${fragmentId}`;
}
