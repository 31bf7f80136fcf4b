// The flows of one batch, each once and without direction: the endpoint with the smaller (address, port) is the low
// one. Open addressing over typed arrays; the seed is fixed, and slot order never shows.

import type { PacketFlow } from "./packet.js";

/** A place in a flow dictionary and a direction packed in one number: `index * 2 + direction`; 0 is low to high. */
export type DirectedFlow = number;

export type FlowDictionary = {
  readonly count: number;
  /** Eight words a flow: low address, then high address. */
  readonly words: Uint32Array;
  /** Two a flow: low port, high port. */
  readonly ports: Uint16Array;
  readonly protocols: Uint8Array;
  readonly icmp: Uint16Array;
};

/** Fills one dictionary after another in the same memory. */
export class FlowDictionaryBuilder {
  #count = 0;
  /** The flow of the packet before: packets come in bursts. */
  #last = 0;
  #words = new Uint32Array(8 * 64);
  #ports = new Uint16Array(2 * 64);
  #protocols = new Uint8Array(64);
  #icmp = new Uint16Array(64);
  #slots = new Int32Array(256).fill(-1);

  /** The flow's place, added when new, and the direction in which this packet goes. */
  add(flow: PacketFlow): DirectedFlow {
    const direction = isHighToLow(flow) ? 1 : 0;
    if (this.#last < this.#count && this.#equals(this.#last, flow, direction)) return this.#last * 2 + direction;
    this.#last = this.#find(flow, direction);
    return this.#last * 2 + direction;
  }

  #find(flow: PacketFlow, direction: number): number {
    let slot = this.#hash(flow, direction) & (this.#slots.length - 1);
    for (;;) {
      const index = this.#slots[slot]!;
      if (index < 0) return this.#insert(flow, direction, slot);
      if (this.#equals(index, flow, direction)) return index;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
  }

  /** The flows so far; the builder is empty afterwards. */
  finish(): FlowDictionary {
    const count = this.#count;
    this.#count = 0;
    this.#slots.fill(-1);
    return {
      count,
      words: this.#words.slice(0, count * 8),
      ports: this.#ports.slice(0, count * 2),
      protocols: this.#protocols.slice(0, count),
      icmp: this.#icmp.slice(0, count),
    };
  }

  #hash(flow: PacketFlow, direction: number): number {
    const from = direction * 4;
    let hash = flow.protocol * 0x9e3779b1;
    for (let word = 0; word < 8; word++) hash = mix(hash, flow.words[(word + from) & 7]!);
    const low = direction === 0 ? flow.sourcePort : flow.destinationPort;
    const high = direction === 0 ? flow.destinationPort : flow.sourcePort;
    return mix(mix(hash, (low << 16) | high), flow.icmp);
  }

  #equals(index: number, flow: PacketFlow, direction: number): boolean {
    const from = direction * 4;
    const words = this.#words;
    for (let word = 7; word >= 0; word--) {
      if (words[index * 8 + word] !== flow.words[(word + from) & 7]) return false;
    }
    return (
      this.#ports[index * 2 + direction] === flow.sourcePort &&
      this.#ports[index * 2 + 1 - direction] === flow.destinationPort &&
      this.#protocols[index] === flow.protocol &&
      this.#icmp[index] === flow.icmp
    );
  }

  #insert(flow: PacketFlow, direction: number, slot: number): number {
    const index = this.#count++;
    if (index === this.#protocols.length) this.#growColumns();
    for (let word = 0; word < 8; word++) this.#words[index * 8 + word] = flow.words[(word + direction * 4) & 7]!;
    this.#ports[index * 2 + direction] = flow.sourcePort;
    this.#ports[index * 2 + 1 - direction] = flow.destinationPort;
    this.#protocols[index] = flow.protocol;
    this.#icmp[index] = flow.icmp;
    this.#slots[slot] = index;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  #growColumns(): void {
    const size = this.#protocols.length * 2;
    this.#words = grown(this.#words, new Uint32Array(size * 8));
    this.#ports = grown(this.#ports, new Uint16Array(size * 2));
    this.#protocols = grown(this.#protocols, new Uint8Array(size));
    this.#icmp = grown(this.#icmp, new Uint16Array(size));
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let index = 0; index < this.#count; index++) {
      let slot = this.#hash(this.#stored(index), 0) & (this.#slots.length - 1);
      while (this.#slots[slot]! >= 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = index;
    }
  }

  #stored(index: number): PacketFlow {
    return {
      words: this.#words.subarray(index * 8, index * 8 + 8),
      protocol: this.#protocols[index]!,
      sourcePort: this.#ports[index * 2]!,
      destinationPort: this.#ports[index * 2 + 1]!,
      icmp: this.#icmp[index]!,
    };
  }
}

function isHighToLow(flow: PacketFlow): boolean {
  for (let word = 0; word < 4; word++) {
    if (flow.words[word] !== flow.words[word + 4]) return flow.words[word]! > flow.words[word + 4]!;
  }
  return flow.sourcePort > flow.destinationPort;
}

function mix(hash: number, word: number): number {
  const value = Math.imul(hash ^ word, 0x85ebca6b);
  return value ^ (value >>> 15);
}

function grown<T extends Uint32Array | Uint16Array | Uint8Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
