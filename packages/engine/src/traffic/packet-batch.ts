// A batch: some thousands of packets of one place of capture and one source, as columns over a flow dictionary. It is
// what the log stores of traffic and what the projector folds.

import { type FlowDictionary, FlowDictionaryBuilder } from "./flow-dictionary.js";
import type { Packet } from "./packet.js";

/** Columns have `count` entries each; entry `i` of all of them is packet `i`, in the order of the file. */
export type PacketBatch = {
  readonly count: number;
  readonly flows: FlowDictionary;
  /** Microseconds since the Unix epoch. Usually ascending, as in the file, but not always. */
  readonly time: Float64Array;
  /** Record number in the source, from 1, ascending. */
  readonly frame: Uint32Array;
  /** `index * 2 + direction` into `flows`. */
  readonly flow: Uint32Array;
  readonly ipLength: Uint32Array;
  readonly payloadLength: Uint32Array;
  /** TCP flag bits, or ICMP type * 256 + code. */
  readonly flags: Uint16Array;
  readonly sequence: Uint32Array;
  readonly acknowledgement: Uint32Array;
  /** Bits of `packetMark`. */
  readonly marks: Uint8Array;
  readonly fragmentId: Uint32Array;
  /** What an ICMP error quotes, `index * 2 + direction` into `flows`; -1 for all other packets. */
  readonly quoted: Int32Array;
};

/**
 * A batch is cut at this many packets: ordinary traffic takes some 150 KB then, and `encodeInParts` bounds all else. Four
 * times as many would save 6 % of the log's bytes and no time (measured 2026-11-21), and questions about one connection
 * would decode four times as many.
 */
export const maxBatchPackets = 16_384;

/** Room for `capacity` packets; the builder fills it and hands out a batch of what is there. */
export class PacketBatchBuilder {
  readonly capacity: number;
  #count = 0;
  readonly #flows = new FlowDictionaryBuilder();
  readonly #time: Float64Array;
  readonly #frame: Uint32Array;
  readonly #flow: Uint32Array;
  readonly #ipLength: Uint32Array;
  readonly #payloadLength: Uint32Array;
  readonly #flags: Uint16Array;
  readonly #sequence: Uint32Array;
  readonly #acknowledgement: Uint32Array;
  readonly #marks: Uint8Array;
  readonly #fragmentId: Uint32Array;
  readonly #quoted: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#time = new Float64Array(capacity);
    this.#frame = new Uint32Array(capacity);
    this.#flow = new Uint32Array(capacity);
    this.#ipLength = new Uint32Array(capacity);
    this.#payloadLength = new Uint32Array(capacity);
    this.#flags = new Uint16Array(capacity);
    this.#sequence = new Uint32Array(capacity);
    this.#acknowledgement = new Uint32Array(capacity);
    this.#marks = new Uint8Array(capacity);
    this.#fragmentId = new Uint32Array(capacity);
    this.#quoted = new Int32Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.capacity;
  }

  add(packet: Packet): void {
    const at = this.#count++;
    this.#time[at] = packet.time;
    this.#frame[at] = packet.frame;
    this.#flow[at] = this.#flows.add(packet.flow);
    this.#ipLength[at] = packet.ipLength;
    this.#payloadLength[at] = packet.payloadLength;
    this.#flags[at] = packet.flags;
    this.#sequence[at] = packet.sequence;
    this.#acknowledgement[at] = packet.acknowledgement;
    this.#marks[at] = packet.marks;
    this.#fragmentId[at] = packet.fragmentId;
    this.#quoted[at] = packet.quotes ? this.#flows.add(packet.quoted) : -1;
  }

  /** The packets so far as a batch of their own; the builder is empty afterwards. */
  finish(): PacketBatch {
    const count = this.#count;
    const batch: PacketBatch = {
      count,
      flows: this.#flows.finish(),
      time: this.#time.slice(0, count),
      frame: this.#frame.slice(0, count),
      flow: this.#flow.slice(0, count),
      ipLength: this.#ipLength.slice(0, count),
      payloadLength: this.#payloadLength.slice(0, count),
      flags: this.#flags.slice(0, count),
      sequence: this.#sequence.slice(0, count),
      acknowledgement: this.#acknowledgement.slice(0, count),
      marks: this.#marks.slice(0, count),
      fragmentId: this.#fragmentId.slice(0, count),
      quoted: this.#quoted.slice(0, count),
    };
    this.#count = 0;
    return batch;
  }
}
