// How many reports of a batch stand in it before, by their columns: without a number made of all that each tells.

import type { ReportedBatch } from "./reported-batch.js";

const none = -1;

export function repeatedInBatch(batch: ReportedBatch): number {
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(batch.count * 2 + 1))).fill(none);
  const isSame = sameIn(batch);
  let repeated = 0;
  for (let index = 0; index < batch.count; index++) {
    let slot = hashAt(batch, index) & (slots.length - 1);
    while (slots[slot] !== none && !isSame(slots[slot]!, index)) slot = (slot + 1) & (slots.length - 1);
    if (slots[slot] === none) slots[slot] = index;
    else repeated++;
  }
  return repeated;
}

/** Of what differs most. */
function hashAt({ flow, time, bytesForward, sensor }: ReportedBatch, index: number): number {
  let hash = Math.imul(flow[index]! ^ Math.imul(sensor[index]!, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul((hash ^ (hash >>> 15)) + (time[index]! % 0x7fffffff), 0x9e3779b1);
  hash = Math.imul((hash ^ (hash >>> 13)) + bytesForward[index]!, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

const telling = [
  "flow",
  "time",
  "lastTime",
  "marks",
  "packetsForward",
  "bytesForward",
  "packetsBackward",
  "bytesBackward",
  "flags",
  "ordinal",
  "sensor",
  "rule",
  "detail",
] as const;

/** All that reports tell, and not where they stand; flows and texts stand in a batch once each. */
function sameIn(batch: ReportedBatch): (one: number, other: number) => boolean {
  const columns = telling.map((name) => batch[name]);
  return (one, other) => {
    for (const column of columns) if (column[one] !== column[other]) return false;
    return true;
  };
}
