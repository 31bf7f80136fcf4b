// The order of the fold for reports of one instant: by what they tell of; nothing of the order of arrival, and nothing of
// the file. Those that tell of the same: report-repeats.ts.

import { kindOf, kindRank, type ReportedBatch } from "./reported-batch.js";

/** A report in its batch. */
export type ReportPlace = { readonly batch: ReportedBatch; readonly index: number };

/** 0 for reports of the same: what one log may leave out, and another has, is no part of it. */
export function compareSubjects(a: ReportPlace, b: ReportPlace): number {
  return (
    compareFlows(a, b) ||
    compareTexts(a.batch.sensors[a.batch.sensor[a.index]!]!, b.batch.sensors[b.batch.sensor[b.index]!]!) ||
    kindRank(a.batch.marks[a.index]!) - kindRank(b.batch.marks[b.index]!) ||
    compareNumbers(a, b) ||
    compareTexts(a.batch.rules[a.batch.rule[a.index]!]!, b.batch.rules[b.batch.rule[b.index]!]!) ||
    (kindOf(a.batch.marks[a.index]!) === "connection" ? compareTexts(detailAt(a), detailAt(b)) : 0)
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

const numbers = ["lastTime", "packetsForward", "bytesForward", "packetsBackward", "bytesBackward", "ordinal"] as const;

function compareNumbers(a: ReportPlace, b: ReportPlace): number {
  for (const name of numbers) {
    const difference = a.batch[name][a.index]! - b.batch[name][b.index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

export function detailAt({ batch, index }: ReportPlace): string {
  return batch.details[batch.detail[index]!]!;
}

export function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
