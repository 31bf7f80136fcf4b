// The columns of a flow table's live records as plain data, one record after the other. Slots mostly follow each other,
// so that they are copied in runs and not one by one.

import type { FlowDictionary } from "../traffic/flow-dictionary.js";
import type { Column } from "./flow-columns.js";

export type FlowTableImage = { readonly count: number; readonly columns: { readonly [column: string]: Column } };

export type NamedColumn = readonly [name: string, column: Column];

/** Records `record` and after, as many as `length`, stand at `slot` and after. */
type Run = { readonly record: number; readonly slot: number; length: number };

/** `capacity`: records that each of the columns has room for. */
export function imageOf(columns: readonly NamedColumn[], capacity: number, slots: readonly number[]): FlowTableImage {
  const runs = runsOf(slots);
  const picked = columns.map(([name, column]): NamedColumn => {
    const width = column.length / capacity;
    const saved = new (column.constructor as new (length: number) => Column)(slots.length * width);
    for (const { record, slot, length } of runs) {
      saved.set(column.subarray(slot * width, (slot + length) * width), record * width);
    }
    return [name, saved];
  });
  return { count: slots.length, columns: Object.fromEntries(picked) };
}

export function putImage(
  { columns: saved }: FlowTableImage,
  columns: readonly NamedColumn[],
  slots: readonly number[],
) {
  const runs = runsOf(slots);
  for (const [name, column] of columns) {
    const own = saved[name]!;
    const width = own.length / slots.length;
    for (const { record, slot, length } of runs) {
      column.set(own.subarray(record * width, (record + length) * width), slot * width);
    }
  }
}

/** The flows of an image, as those of a batch. */
export function flowsOf({ count, columns: { words, ports, protocol, icmp } }: FlowTableImage): FlowDictionary {
  return {
    count,
    words: words as Uint32Array,
    ports: ports as Uint16Array,
    protocols: protocol as Uint8Array,
    icmp: icmp as Uint16Array,
  };
}

function runsOf(slots: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  let last: Run = { record: 0, slot: Number.NaN, length: 0 };
  slots.forEach((slot, record) => {
    if (slot === last.slot + last.length) last.length++;
    else {
      last = { record, slot, length: 1 };
      runs.push(last);
    }
  });
  return runs;
}
