// How the flow column of a batch is guessed: by the two packets before, else by how lately the flow appeared first.

import type { PacketBatch } from "./packet-batch.js";
import type { Walk } from "./prediction.js";

/** Codes of the column; all others say how far the flow lies behind the newest, `recent` being the newest itself. */
const code = { asGuessed: 0, same: 1, reversed: 2, recent: 3 } as const;

/** From here on codes are negative distances: flows that the dictionary has and no packet before needed. */
const firstNegative = 2 ** 31;

/**
 * Guess: the flow that followed the last time that these two came one after the other, so that conversations cost
 * nothing. A flow's first packet costs one byte, since dictionaries are in the order of first appearance.
 */
export function walkFlows({ batch, residuals, restoring }: Walk): void {
  const followed = new Int32Array(4096).fill(-1);
  let newest = 0;
  let last = 0;
  let beforeLast = 0;
  for (let index = 0; index < batch.count; index++) {
    const context = (Math.imul(last, 0x9e3779b1) ^ Math.imul(beforeLast, 0x85ebca6b)) >>> 20;
    const guess = followed[context]! < 0 ? last : followed[context]!;
    if (restoring) batch.flow[index] = flowOf(residuals[index]!, guess, last, newest);
    const flow = batch.flow[index]!;
    if (!restoring) residuals[index] = codeOf(flow, guess, last, newest);
    followed[context] = flow;
    beforeLast = last;
    last = flow;
    newest = newestAfter(batch, index, newest);
  }
}

function codeOf(flow: number, guess: number, last: number, newest: number): number {
  if (flow === guess) return code.asGuessed;
  if (flow === last) return code.same;
  if (flow === (last ^ 1)) return code.reversed;
  const distance = newest * 2 + 1 - flow;
  return distance >= 0 ? code.recent + distance : distance;
}

function flowOf(residual: number, guess: number, last: number, newest: number): number {
  if (residual === code.asGuessed) return guess;
  if (residual === code.same) return last;
  if (residual === code.reversed) return last ^ 1;
  return newest * 2 + 1 - (residual >= firstNegative ? residual | 0 : residual - code.recent);
}

/** The dictionary index that the next new flow will have, after a packet and what it quotes. */
function newestAfter({ flow, quoted }: PacketBatch, index: number, newest: number): number {
  return Math.max(newest, (flow[index]! >> 1) + 1, (quoted[index]! >> 1) + 1);
}
