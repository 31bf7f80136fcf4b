// The order of the fold for reports: by time, and at one instant by what they say; nothing of the order of arrival, and
// nothing of the file. Reports that say the same are one, whatever exports they came in.

import { kindRank, type ReportedBatch } from "./reported-batch.js";

/** A report in its batch. */
export type ReportPlace = { readonly batch: ReportedBatch; readonly index: number };

/** 0 for reports that say the same. */
export function compareReports(a: ReportPlace, b: ReportPlace): number {
  return (
    compareFlows(a, b) ||
    compareTexts(a.batch.sensors[a.batch.sensor[a.index]!]!, b.batch.sensors[b.batch.sensor[b.index]!]!) ||
    kindRank(a.batch.marks[a.index]!) - kindRank(b.batch.marks[b.index]!) ||
    compareNumbers(a, b) ||
    compareTexts(a.batch.rules[a.batch.rule[a.index]!]!, b.batch.rules[b.batch.rule[b.index]!]!) ||
    compareTexts(a.batch.details[a.batch.detail[a.index]!]!, b.batch.details[b.batch.detail[b.index]!]!)
  );
}

/** Undirected, so that both ways of a connection stand together; then by direction. */
function compareFlows(a: ReportPlace, b: ReportPlace): number {
  const [flowA, flowB] = [a.batch.flow[a.index]!, b.batch.flow[b.index]!];
  const [atA, atB] = [flowA >> 1, flowB >> 1];
  const [one, other] = [a.batch.flows, b.batch.flows];
  for (let word = 0; word < 8; word++) {
    const difference = one.words[atA * 8 + word]! - other.words[atB * 8 + word]!;
    if (difference !== 0) return difference;
  }
  return (
    one.ports[atA * 2]! - other.ports[atB * 2]! ||
    one.ports[atA * 2 + 1]! - other.ports[atB * 2 + 1]! ||
    one.protocols[atA]! - other.protocols[atB]! ||
    one.icmp[atA]! - other.icmp[atB]! ||
    (flowA & 1) - (flowB & 1)
  );
}

const numbers = [
  "marks",
  "lastTime",
  "packetsForward",
  "bytesForward",
  "packetsBackward",
  "bytesBackward",
  "flags",
  "ordinal",
] as const;

function compareNumbers(a: ReportPlace, b: ReportPlace): number {
  for (const name of numbers) {
    const difference = a.batch[name][a.index]! - b.batch[name][b.index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
