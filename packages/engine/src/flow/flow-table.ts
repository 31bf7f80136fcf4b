// The flow table: all live records as columns of typed arrays, found by open addressing. The one place where records
// change. It knows neither rules nor timeouts; slot order never shows.

import type { Micros } from "../time.js";
import type { FlowDictionary } from "../traffic/flow-dictionary.js";
import type { FlowKeys } from "../traffic/flow-keys.js";
import { HistoryColumns } from "./history-columns.js";
import { TcpColumns } from "./tcp-columns.js";

/** A live record's place in the columns; good until the record is closed. */
export type FlowSlot = number;

export const noFlow = -1;

/** What a record begins with. `scope`: the table's own number for a place of capture and interface. */
export type Opening = {
  readonly scope: number;
  readonly flows: FlowDictionary;
  readonly flow: number;
  readonly keys: FlowKeys;
  readonly hash: number;
  readonly time: Micros;
  readonly source: number;
  readonly frame: number;
  /** 0: the low endpoint opened the flow; 1: the high one. */
  readonly originator: number;
  /** Of the opener, seen from the interface: an index into `flowDirections`. */
  readonly direction: number;
  readonly admission: number;
  /** The admission says so: the record lets no packet pass by itself. */
  readonly untracked: boolean;
  /** The keeper's own number for the semantics it lives by. */
  readonly semantics: number;
  readonly midStream: boolean;
};

/** A flow in the dictionary of its batch, and what the table knows of that. */
export type FlowAmongKeys = { readonly flows: FlowDictionary; readonly keys: FlowKeys; readonly flow: number };

export const flowDirections = [null, "inbound", "outbound"] as const;

export class FlowTable {
  #index = new Int32Array(1024).fill(noFlow);
  #free: FlowSlot[] = [];
  #used = 0;
  #live = 0;
  #hashes = new Uint32Array(256);
  /** Every record has its own, from 1; good for telling whether a slot still holds the same one. */
  #serials = new Float64Array(256);
  #serial = 0;
  scope = new Uint32Array(256);
  words = new Uint32Array(256 * 8);
  ports = new Uint16Array(256 * 2);
  protocol = new Uint8Array(256);
  icmp = new Uint16Array(256);
  openedAt = new Float64Array(256);
  source = new Uint32Array(256);
  frame = new Uint32Array(256);
  originator = new Uint8Array(256);
  direction = new Uint8Array(256);
  admission = new Uint32Array(256);
  untracked = new Uint8Array(256);
  semantics = new Uint16Array(256);
  state = new Uint8Array(256);
  tcp = new TcpColumns(256);
  history = new HistoryColumns(256);
  midStream = new Uint8Array(256);
  /** When the rules were last asked about a packet of a live record, by the caller's count of changes. */
  askedIn = new Uint32Array(256);
  /** Two a record, from the low end and from the high one: what the rules said then, and one more; 0: not asked. */
  asked = new Uint32Array(256 * 2);
  lastSeen = new Float64Array(256);
  endsAt = new Float64Array(256);
  /** Two a record: from the originator, from the responder. Also `bytes` (IP) and `payload`. */
  packets = new Float64Array(256 * 2);
  bytes = new Float64Array(256 * 2);
  payload = new Float64Array(256 * 2);

  get live(): number {
    return this.#live;
  }

  find(hash: number, scope: number, flow: FlowAmongKeys): FlowSlot {
    const { keys } = flow;
    const cell = cellOf(scope, flow.flow);
    const last = keys.slots[cell]!;
    if (keys.serials[cell] !== 0 && this.#serials[last] === keys.serials[cell] && this.scope[last] === scope)
      return last;
    const slot = this.#search(hash, scope, flow);
    if (slot !== noFlow) this.#note(slot, scope, flow);
    return slot;
  }

  /** Notes where the record of a flow is, so that it need not be searched for. */
  #note(slot: FlowSlot, scope: number, { keys, flow }: FlowAmongKeys): void {
    const cell = cellOf(scope, flow);
    keys.slots[cell] = slot;
    keys.serials[cell] = this.#serials[slot]!;
  }

  #search(hash: number, scope: number, { flows, flow }: FlowAmongKeys): FlowSlot {
    const mask = this.#index.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = this.#index[at]!;
      if (slot === noFlow) return noFlow;
      if (this.#hashes[slot] === hash && this.scope[slot] === scope && this.#sameKey(slot, flows, flow)) return slot;
    }
  }

  open(opening: Opening): FlowSlot {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot === this.protocol.length) this.#growColumns();
    if (++this.#live * 2 > this.#index.length) this.#growIndex();
    this.#writeKey(slot, opening);
    this.openedAt[slot] = opening.time;
    this.source[slot] = opening.source;
    this.frame[slot] = opening.frame;
    this.originator[slot] = opening.originator;
    this.direction[slot] = opening.direction;
    this.admission[slot] = opening.admission;
    this.untracked[slot] = opening.untracked ? 1 : 0;
    this.semantics[slot] = opening.semantics;
    this.midStream[slot] = opening.midStream ? 1 : 0;
    for (let side = slot * 2; side < slot * 2 + 2; side++) {
      this.asked[side] = 0;
      this.packets[side] = 0;
      this.bytes[side] = 0;
      this.payload[side] = 0;
    }
    this.history.clear(slot);
    this.#place(slot);
    this.#note(slot, opening.scope, opening);
    return slot;
  }

  /** Counts a packet that passed. `side`: 0 from the originator, 1 from the responder. */
  touch(slot: FlowSlot, side: number, time: Micros, ipLength: number, payloadLength: number): void {
    const at = slot * 2 + side;
    this.packets[at]! += 1;
    this.bytes[at]! += ipLength;
    this.payload[at]! += payloadLength;
    this.lastSeen[slot] = time;
  }

  close(slot: FlowSlot): void {
    const mask = this.#index.length - 1;
    let hole = this.#hashes[slot]! & mask;
    while (this.#index[hole] !== slot) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; this.#index[at] !== noFlow; at = (at + 1) & mask) {
      const home = this.#hashes[this.#index[at]!]! & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#index[hole] = this.#index[at]!;
      hole = at;
    }
    this.#index[hole] = noFlow;
    this.#free.push(slot);
    this.#live--;
    this.endsAt[slot] = Number.NEGATIVE_INFINITY;
    this.protocol[slot] = 0;
    this.#hashes[slot] = 0;
    this.#serials[slot] = 0;
  }

  /** Visits every live record; the visitor may close it. */
  visit(visit: (slot: FlowSlot) => void): void {
    this.sweep(Number.POSITIVE_INFINITY, visit);
  }

  /** Visits every live record that ends at or before `time`; the visitor may close it. */
  sweep(time: number, visit: (slot: FlowSlot) => void): void {
    for (let slot = 0; slot < this.#used; slot++) {
      const ends = this.endsAt[slot]!;
      if (ends <= time && ends !== Number.NEGATIVE_INFINITY) visit(slot);
    }
  }

  #sameKey(slot: FlowSlot, flows: FlowDictionary, flow: number): boolean {
    for (let word = 0; word < 8; word++) if (this.words[slot * 8 + word] !== flows.words[flow * 8 + word]) return false;
    return (
      this.ports[slot * 2] === flows.ports[flow * 2] &&
      this.ports[slot * 2 + 1] === flows.ports[flow * 2 + 1] &&
      this.protocol[slot] === flows.protocols[flow] &&
      this.icmp[slot] === flows.icmp[flow]
    );
  }

  #writeKey(slot: FlowSlot, { scope, flows, flow, hash }: Opening): void {
    this.#serials[slot] = ++this.#serial;
    this.#hashes[slot] = hash;
    this.scope[slot] = scope;
    for (let word = 0; word < 8; word++) this.words[slot * 8 + word] = flows.words[flow * 8 + word]!;
    this.ports[slot * 2] = flows.ports[flow * 2]!;
    this.ports[slot * 2 + 1] = flows.ports[flow * 2 + 1]!;
    this.protocol[slot] = flows.protocols[flow]!;
    this.icmp[slot] = flows.icmp[flow]!;
  }

  #place(slot: FlowSlot): void {
    const mask = this.#index.length - 1;
    let at = this.#hashes[slot]! & mask;
    while (this.#index[at] !== noFlow) at = (at + 1) & mask;
    this.#index[at] = slot;
  }

  #growIndex(): void {
    const old = this.#index;
    this.#index = new Int32Array(old.length * 2).fill(noFlow);
    for (const slot of old) if (slot !== noFlow) this.#place(slot);
  }

  #growColumns(): void {
    this.#hashes = doubled(this.#hashes);
    this.#serials = doubled(this.#serials);
    this.scope = doubled(this.scope);
    this.words = doubled(this.words);
    this.ports = doubled(this.ports);
    this.protocol = doubled(this.protocol);
    this.icmp = doubled(this.icmp);
    this.openedAt = doubled(this.openedAt);
    this.source = doubled(this.source);
    this.frame = doubled(this.frame);
    this.originator = doubled(this.originator);
    this.direction = doubled(this.direction);
    this.admission = doubled(this.admission);
    this.untracked = doubled(this.untracked);
    this.semantics = doubled(this.semantics);
    this.state = doubled(this.state);
    this.midStream = doubled(this.midStream);
    this.tcp = this.tcp.grown(this.midStream.length);
    this.history = this.history.grown(this.midStream.length);
    this.askedIn = doubled(this.askedIn);
    this.asked = doubled(this.asked);
    this.lastSeen = doubled(this.lastSeen);
    this.endsAt = doubled(this.endsAt);
    this.packets = doubled(this.packets);
    this.bytes = doubled(this.bytes);
    this.payload = doubled(this.payload);
  }
}

/** Interfaces that share a flow mostly have scopes that follow each other. */
function cellOf(scope: number, flow: number): number {
  return flow * 2 + (scope & 1);
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

function doubled<T extends Column>(column: T): T {
  const grown = new (column.constructor as new (length: number) => T)(column.length * 2);
  grown.set(column);
  return grown;
}
