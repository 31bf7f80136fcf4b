// Numbers for a fixed set of addresses, found by their words without making anything: open addressing, at most a quarter
// full, since most that are looked for are not there.

import type { Address } from "./address.js";

export const noNumber = -1;

export class AddressNumbers {
  readonly #words: Uint32Array;
  readonly #slots: Int32Array;
  #count = 0;

  /** Numbered from 0 in this order; one that comes again has its first number. */
  constructor(addresses: readonly Address[]) {
    this.#words = new Uint32Array(addresses.length * 4);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(addresses.length * 4 + 4))).fill(noNumber);
    for (const address of addresses) this.#add(Uint32Array.from(address));
  }

  get count(): number {
    return this.#count;
  }

  /** Of the address in the four words from `at`; `noNumber` where it is none of them. */
  numberOf(words: Uint32Array, at: number): number {
    return this.#slots[this.#slotOf(words, at)]!;
  }

  #add(address: Uint32Array): void {
    const slot = this.#slotOf(address, 0);
    if (this.#slots[slot] !== noNumber) return;
    this.#words.set(address, this.#count * 4);
    this.#slots[slot] = this.#count++;
  }

  #slotOf(words: Uint32Array, at: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(words, at) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]!;
      if (number === noNumber || this.#equals(number, words, at)) return slot;
    }
  }

  #equals(number: number, words: Uint32Array, at: number): boolean {
    const own = number * 4;
    return (
      this.#words[own + 3] === words[at + 3] &&
      this.#words[own + 2] === words[at + 2] &&
      this.#words[own + 1] === words[at + 1] &&
      this.#words[own] === words[at]
    );
  }
}

function hashOf(words: Uint32Array, at: number): number {
  let hash = words[at]!;
  for (let word = at + 1; word < at + 4; word++) {
    hash = Math.imul(hash ^ words[word]!, 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  return hash;
}
