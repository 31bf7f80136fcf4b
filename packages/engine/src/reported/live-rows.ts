// Memory of reported flow records in the making: columns of numbers, since there may be hundreds of thousands of them and
// objects take several times as much.

import type { NamedRule, NamedSensor } from "./report-names.js";

/** Where each of a record's wide numbers stands; of two ends' the low one's comes first. */
export const wide = {
  openedAt: 0,
  openedBy: 1,
  lastSeen: 2,
  earlierAt: 3,
  earlierSeen: 4,
  packets: 5,
  bytes: 7,
  first: 9,
} as const;
const wideCount = 11;

/** Where each of its numbers of 32 bits stands: eight words of addresses, low end first, then the others. */
export const narrow = {
  ports: 8,
  protocol: 10,
  icmp: 11,
  marks: 12,
  ordinal: 13,
  said: 14,
  reports: 15,
  flags: 16,
  firstSide: 17,
  opener: 18,
  openingTold: 19,
  direction: 20,
} as const;
const narrowCount = 22;

const firstRows = 1024;

export class LiveRows {
  #wide = new Float64Array(firstRows * wideCount);
  #narrow = new Uint32Array(firstRows * narrowCount);
  /** The next row whose key has the same hash; -1: none. */
  next = new Int32Array(firstRows);
  readonly sensors: NamedSensor[] = [];
  readonly rules: NamedRule[] = [];
  readonly details: string[] = [];
  readonly #free: number[] = [];
  #count = 0;

  /** A row, with whatever a record that is over left there. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#count === this.next.length) this.#grow();
    return this.#count++;
  }

  giveBack(row: number): void {
    this.details[row] = "";
    this.#free.push(row);
  }

  wide(row: number, place: number): number {
    return this.#wide[row * wideCount + place]!;
  }

  setWide(row: number, place: number, value: number): void {
    this.#wide[row * wideCount + place] = value;
  }

  narrow(row: number, place: number): number {
    return this.#narrow[row * narrowCount + place]!;
  }

  setNarrow(row: number, place: number, value: number): void {
    this.#narrow[row * narrowCount + place] = value;
  }

  #grow(): void {
    const rows = this.#count * 2;
    this.#wide = grown(this.#wide, new Float64Array(rows * wideCount));
    this.#narrow = grown(this.#narrow, new Uint32Array(rows * narrowCount));
    this.next = grown(this.next, new Int32Array(rows));
  }
}

function grown<T extends Float64Array | Uint32Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
