// Equal tuples in one record are two events. Which of them a tuple is says how many equal ones came before it. Open
// addressing over the reports' own numbers, since a map of texts takes longer than all the rest of reading.

import type { ReportedFlow } from "@conntrail/engine";

const noTuple = -1;

export class RepeatedTuples {
  #slots = new Int32Array(256).fill(noTuple);
  #count = 0;
  /** Of each tuple of the record at hand that is not the same as one before. */
  readonly #texts: string[] = [];
  readonly #sensors: string[] = [];
  readonly #rules: string[] = [];
  readonly #hashes: number[] = [];
  readonly #repeats: number[] = [];

  /** Before each record. */
  clear(): void {
    if (this.#count > 0) this.#slots.fill(noTuple);
    this.#count = 0;
  }

  /** How often the same sensor told the same of the same rule before; `report` is what the tuple was read into. */
  ordinalOf(tuple: string, report: ReportedFlow): number {
    const hash = hashOf(report);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const known = this.#slots[slot]!;
      if (known === noTuple) return this.#insert(slot, tuple, report);
      if (this.#texts[known] === tuple && this.#isOf(known, report)) return this.#repeat(known);
    }
  }

  #isOf(known: number, { sensor, rule }: ReportedFlow): boolean {
    return this.#rules[known] === rule && this.#sensors[known] === sensor;
  }

  #repeat(known: number): number {
    const ordinal = this.#repeats[known]! + 1;
    this.#repeats[known] = ordinal;
    return ordinal;
  }

  #insert(slot: number, tuple: string, report: ReportedFlow): 0 {
    const index = this.#count++;
    this.#slots[slot] = index;
    this.#texts[index] = tuple;
    this.#sensors[index] = report.sensor;
    this.#rules[index] = report.rule;
    this.#hashes[index] = hashOf(report);
    this.#repeats[index] = 0;
    if (this.#count * 2 > this.#slots.length) this.#grow();
    return 0;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(noTuple);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.#count; index++) {
      let slot = this.#hashes[index]! & mask;
      while (this.#slots[slot] !== noTuple) slot = (slot + 1) & mask;
      this.#slots[slot] = index;
    }
  }
}

function hashOf({ time, flow, packetsForward, bytesForward }: ReportedFlow): number {
  const ports = (flow.sourcePort << 16) | flow.destinationPort;
  const addresses = mixed(flow.words[3]! ^ mixed(flow.words[7]!));
  return mixed(addresses ^ mixed(ports ^ mixed((time / 1000) ^ mixed(packetsForward ^ bytesForward))));
}

function mixed(word: number): number {
  const value = Math.imul(word, 0x85ebca6b);
  return value ^ (value >>> 15);
}
