// The flow table: all live records as columns of typed arrays, found by open addressing. The one place where records
// change. It knows neither rules nor timeouts; slot order never shows.

import type { Micros } from "../time.js";
import type { FlowDictionary } from "../traffic/flow-dictionary.js";
import { cellOf, type FlowKeys, flowKeys, keyCell, withScope } from "../traffic/flow-keys.js";
import { type Column, FlowColumns } from "./flow-columns.js";
import { type FlowTableImage, flowsOf, imageOf, putImage } from "./flow-table-image.js";
import { HistoryColumns } from "./history-columns.js";

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
/** What other numbers the numbers of an image have become. */
export type Renumbering = { readonly [column in NumberedColumn]: ReadonlyMap<number, number> };
const numberedColumns = ["scope", "source", "admission", "semantics"] as const;
type NumberedColumn = (typeof numberedColumns)[number];

export type FlowAmongKeys = { readonly flows: FlowDictionary; readonly keys: FlowKeys; readonly flow: number };

export const flowDirections = [null, "inbound", "outbound"] as const;

/** A cell of the index has two numbers: the slot, and the hash of the record there. */
const cellNumbers = 2;

/** Where a record with this hash stands in the index, if nothing stands in its way. */
function homeOf(hash: number, mask: number): number {
  return (hash << 1) & mask;
}

export class FlowTable extends FlowColumns {
  #index = new Int32Array(1024 * cellNumbers).fill(noFlow);
  #free: FlowSlot[] = [];
  #used = 0;
  #live = 0;
  #serial = 0;
  readonly #history = new HistoryColumns(this);

  get history(): HistoryColumns {
    return this.#history;
  }

  get live(): number {
    return this.#live;
  }

  find(hash: number, scope: number, flow: FlowAmongKeys): FlowSlot {
    const noted = this.noted(scope, flow);
    if (noted !== noFlow) return noted;
    const slot = this.#search(hash, scope, flow);
    if (slot !== noFlow) this.#note(slot, scope, flow);
    return slot;
  }

  /** Where the record of the flow was found last, if it is still there. */
  noted(scope: number, { keys: { cells }, flow }: FlowAmongKeys): FlowSlot {
    const at = cellOf(scope, flow);
    const serial = cells[at + keyCell.serial]!;
    const slot = cells[at + keyCell.slot]!;
    return serial !== 0 && this.serial[slot] === serial && cells[at + keyCell.scope] === scope ? slot : noFlow;
  }

  #note(slot: FlowSlot, scope: number, { keys: { cells }, flow }: FlowAmongKeys): void {
    const at = cellOf(scope, flow);
    cells[at + keyCell.slot] = slot;
    cells[at + keyCell.serial] = this.serial[slot]!;
    cells[at + keyCell.scope] = scope;
  }

  #search(hash: number, scope: number, { flows, flow }: FlowAmongKeys): FlowSlot {
    const index = this.#index;
    const mask = index.length - 1;
    for (let at = homeOf(hash, mask); ; at = (at + cellNumbers) & mask) {
      const slot = index[at]!;
      if (slot === noFlow) return noFlow;
      if (index[at + 1] === (hash | 0) && this.scope[slot] === scope && this.#sameKey(slot, flows, flow)) return slot;
    }
  }

  open(opening: Opening): FlowSlot {
    const slot = this.#take();
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
    this.#unplace(slot);
    this.#free.push(slot);
    this.#live--;
    this.endsAt[slot] = Number.NEGATIVE_INFINITY;
    this.protocol[slot] = 0;
    this.serial[slot] = 0;
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

  /** The live records; what can be found out again is left out. */
  save(keep: ((slot: FlowSlot) => boolean) | null): {
    readonly image: FlowTableImage;
    readonly slots: readonly FlowSlot[];
  } {
    const slots: FlowSlot[] = [];
    this.visit((slot) => {
      if (keep === null || keep(slot)) slots.push(slot);
    });
    return { image: imageOf(this.#savedColumns(), this.capacity, slots), slots };
  }

  /** Adds the records of an image; their slots. */
  restore(image: FlowTableImage, renumbering: Renumbering): readonly FlowSlot[] {
    const { hashes } = flowKeys(flowsOf(image));
    const slots = Array.from(hashes, () => this.#take());
    putImage(image, this.#savedColumns(), slots);
    slots.forEach((slot, record) => {
      for (const name of numberedColumns) this[name][slot] = renumbering[name].get(this[name][slot]!)!;
      this.asked.fill(0, slot * 2, slot * 2 + 2);
      this.serial[slot] = ++this.#serial;
      this.hash[slot] = withScope(hashes[record]!, this.scope[slot]!);
      this.#place(slot);
    });
    return slots;
  }

  #take(): FlowSlot {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot === this.capacity) this.growColumns();
    if (++this.#live * 2 * cellNumbers > this.#index.length) this.#growIndex();
    return slot;
  }

  #savedColumns(): [name: string, column: Column][] {
    return this.columns().filter(([name]) => !unsavedColumns.has(name));
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
    this.serial[slot] = ++this.#serial;
    this.hash[slot] = hash;
    this.scope[slot] = scope;
    for (let word = 0; word < 8; word++) this.words[slot * 8 + word] = flows.words[flow * 8 + word]!;
    this.ports[slot * 2] = flows.ports[flow * 2]!;
    this.ports[slot * 2 + 1] = flows.ports[flow * 2 + 1]!;
    this.protocol[slot] = flows.protocols[flow]!;
    this.icmp[slot] = flows.icmp[flow]!;
  }

  #place(slot: FlowSlot): void {
    const index = this.#index;
    const hash = this.hash[slot]!;
    const mask = index.length - 1;
    let at = homeOf(hash, mask);
    while (index[at] !== noFlow) at = (at + cellNumbers) & mask;
    index[at] = slot;
    index[at + 1] = hash;
  }

  /** Moves back what stands behind the hole, so that every record is found from its home on without a gap. */
  #unplace(slot: FlowSlot): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = homeOf(this.hash[slot]!, mask);
    while (index[hole] !== slot) hole = (hole + cellNumbers) & mask;
    for (let at = (hole + cellNumbers) & mask; index[at] !== noFlow; at = (at + cellNumbers) & mask) {
      const home = homeOf(index[at + 1]!, mask);
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      index[hole] = index[at]!;
      index[hole + 1] = index[at + 1]!;
      hole = at;
    }
    index[hole] = noFlow;
  }

  #growIndex(): void {
    const old = this.#index;
    this.#index = new Int32Array(old.length * 2).fill(noFlow);
    for (let at = 0; at < old.length; at += cellNumbers) if (old[at] !== noFlow) this.#place(old[at]!);
  }
}

/** What can be found out again. */
const unsavedColumns = new Set(["serial", "hash", "askedIn", "asked"]);
