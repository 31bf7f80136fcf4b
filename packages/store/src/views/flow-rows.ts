// Flow records as rows, wherever they are folded: values one after the other, and circumstances that many have in
// common once, numbered from 1.

import type { FlowRecord } from "@conntrail/engine";
import { type FlowCircumstance, type FlowRowTable, flowRowColumns } from "./flow-schema.js";
import { circumstanceOf, ownRow } from "./view-rows.js";

export const rowColumns = Object.keys(flowRowColumns) as (keyof FlowRowTable)[];
const ownColumns = rowColumns.filter((column) => column !== "circumstance");

export type FlowRows = {
  /** Row after row, each as `rowColumns`, beginning with the number of its circumstance. */
  readonly values: readonly (string | number)[];
  /** Those that are new, in the order of their numbers. */
  readonly circumstances: readonly FlowCircumstance[];
};

export class FlowRowMaker {
  readonly #numbers = new CircumstanceNumbers((circumstance) => this.#circumstances.push(circumstance));
  #values: (string | number)[] = [];
  #circumstances: FlowCircumstance[] = [];

  add(record: FlowRecord): void {
    const row = ownRow(record);
    this.#values.push(this.#numbers.numberOf(record));
    for (const column of ownColumns) this.#values.push(row[column]);
  }

  /** How many rows wait to be taken. */
  get waiting(): number {
    return this.#values.length / rowColumns.length;
  }

  take(): FlowRows {
    const taken = { values: this.#values, circumstances: this.#circumstances };
    this.#values = [];
    this.#circumstances = [];
    return taken;
  }
}

/** Numbers for circumstances, told apart without working out their rows. */
class CircumstanceNumbers {
  readonly #byAdmission = new Map<FlowRecord["admission"], Map<string, number>>();
  readonly #wheres = new Map<string, number>();
  #last: { readonly record: FlowRecord; readonly where: number } | null = null;
  #count = 0;

  constructor(private readonly onNew: (circumstance: FlowCircumstance) => void) {}

  numberOf(record: FlowRecord): number {
    const { admission, direction, protocol, midStream, state, connState, endsBy } = record;
    const ofAdmission = this.#byAdmission.get(admission) ?? new Map<string, number>();
    const rest = `${this.#whereOf(record)} ${direction} ${protocol} ${midStream} ${state} ${connState} ${endsBy}`;
    const known = ofAdmission.get(rest);
    if (known !== undefined) return known;
    this.onNew(circumstanceOf(record));
    this.#byAdmission.set(admission, ofAdmission.set(rest, ++this.#count));
    return this.#count;
  }

  /** One number for place, interface and source; mostly that of the record before. */
  #whereOf(record: FlowRecord): number {
    if (this.#last !== null && isFromSame(this.#last.record, record)) return this.#last.where;
    const key = [record.openedBy.sha256, record.interface, record.interfaceName, record.place].join("\n");
    const where = this.#wheres.get(key) ?? this.#wheres.size;
    this.#wheres.set(key, where);
    this.#last = { record, where };
    return where;
  }
}

function isFromSame(a: FlowRecord, b: FlowRecord): boolean {
  const sameInterface = a.interface === b.interface && a.interfaceName === b.interfaceName;
  return sameInterface && a.openedBy.sha256 === b.openedBy.sha256 && a.place === b.place;
}
