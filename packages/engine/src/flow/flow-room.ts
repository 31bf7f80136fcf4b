// How many live records each interface has at each place of capture, and whether there is room for one more. A record
// that is over takes no room, so those are closed before anybody is turned away. While no interface is full, this is a
// count; then the ends of all records are kept in order, so that finding those that are over costs little.

import type { Micros } from "../time.js";
import { type Timer, TimerQueue } from "../timer-queue.js";
import type { FlowSlot, FlowTable } from "./flow-table.js";

/**
 * Records of one interface at one place: they fill columns that double, without waste, in some 250 MB. Clouds give a
 * machine less (docs/decisions/0020).
 */
export const defaultMaxFlows = 2 ** 20;

export type FlowRoomOptions = {
  readonly table: FlowTable;
  /** Most live records of one holder. */
  readonly maxFlows: number;
  /** Who holds the records of a scope: a number for interface and place. */
  readonly holderOf: (scope: number) => number;
  readonly close: (slot: FlowSlot) => void;
};

/** `order`: the slot. A record's last one counts; it may live longer than that says, and no shorter. */
type End = Timer;
type Ends = { readonly queue: TimerQueue<End>; readonly ofSlots: (End | undefined)[] };

export class FlowRoom {
  readonly #held: number[] = [];
  /** Null: nobody was full of late. */
  #ends: Ends | null = null;

  constructor(private readonly options: FlowRoomOptions) {}

  /** Whether a record of this scope can be opened now. */
  isLeft(scope: number, time: Micros): boolean {
    const holder = this.options.holderOf(scope);
    if ((this.#held[holder] ?? 0) < this.options.maxFlows) return true;
    this.#closeOver(time);
    return this.#held[holder]! < this.options.maxFlows;
  }

  enter(scope: number, slot: FlowSlot): void {
    const holder = this.options.holderOf(scope);
    this.#held[holder] = (this.#held[holder] ?? 0) + 1;
    this.hasten(slot, this.options.table.endsAt[slot]!);
  }

  leave(scope: number, slot: FlowSlot): void {
    this.#held[this.options.holderOf(scope)]!--;
    if (this.#ends !== null) this.#ends.ofSlots[slot] = undefined;
  }

  /** The record ends sooner than it did before. */
  hasten(slot: FlowSlot, endsAt: number): void {
    if (this.#ends !== null) add(this.#ends, slot, endsAt);
  }

  /** Forgets the order of the ends where everybody has plenty of room again. */
  relax(): void {
    if (this.#held.every((held) => held * 2 <= this.options.maxFlows)) this.#ends = null;
  }

  #closeOver(time: Micros): void {
    const { endsAt } = this.options.table;
    const ends = this.#orderedEnds();
    const { queue, ofSlots } = ends;
    for (let end = queue.next; end !== undefined && end.time <= time; end = queue.next) {
      queue.remove();
      const slot = end.order;
      if (ofSlots[slot] !== end) continue;
      if (endsAt[slot]! <= time) this.options.close(slot);
      else add(ends, slot, endsAt[slot]!);
    }
  }

  /** Made anew where most of it is about records that are closed. */
  #orderedEnds(): Ends {
    const { table } = this.options;
    if (this.#ends !== null && this.#ends.queue.size <= 2 * table.live + 1) return this.#ends;
    const ends: Ends = { queue: new TimerQueue(), ofSlots: [] };
    table.visit((slot) => add(ends, slot, table.endsAt[slot]!));
    this.#ends = ends;
    return ends;
  }
}

function add({ queue, ofSlots }: Ends, slot: FlowSlot, endsAt: number): void {
  const end = { time: endsAt, order: slot };
  ofSlots[slot] = end;
  queue.add(end);
}
