// Traffic in the order in which Zeek reads it: packets of one source and place in the order of the file, with a clock
// that never goes back; sources of one place beside each other by that clock.

import type { Micros } from "../time.js";
import type { TrafficBatch } from "../traffic/merge.js";

/** A batch whose `batch.time` is the clock, nowhere before `firstTime`; `seenAt` are the packets' own times. */
export type ClockedBatch = TrafficBatch & { readonly seenAt: Float64Array };

/** Batches of one source and place come in the order of the file. */
export class FileClock {
  readonly #clocks = new Map<string, number>();

  clocked<B extends TrafficBatch>(traffic: B): B & ClockedBatch {
    const { batch, place, sha256 } = traffic;
    const key = `${sha256} ${place}`;
    const time = new Float64Array(batch.count);
    let clock = this.#clocks.get(key) ?? Number.NEGATIVE_INFINITY;
    const firstTime = Math.max(clock, traffic.firstTime) as Micros;
    for (let index = 0; index < batch.count; index++) {
      clock = Math.max(clock, batch.time[index]!);
      time[index] = clock;
    }
    this.#clocks.set(key, clock);
    return { ...traffic, firstTime, batch: { ...batch, time }, seenAt: batch.time };
  }
}

/** Of a batch in the log: where it stands in its source, and the span of its packets' times. */
export type BatchSpan = {
  readonly sha256: string;
  readonly place: string;
  readonly firstFrame: number;
  readonly firstTime: number;
  readonly lastTime: number;
};

/** The batches in an order that keeps that of each file and goes by the clock, none before its first packet's. */
export function inFileOrder<S extends BatchSpan>(spans: readonly S[]): readonly (S & { readonly clock: number })[] {
  const clocks = new Map<string, number>();
  const byFrame = [...spans].sort((a, b) => a.firstFrame - b.firstFrame);
  const clocked = byFrame.map((span) => {
    const key = `${span.sha256} ${span.place}`;
    const clock = Math.max(clocks.get(key) ?? Number.NEGATIVE_INFINITY, span.firstTime);
    clocks.set(key, Math.max(clock, span.lastTime));
    return { ...span, clock };
  });
  return clocked.sort((a, b) => a.clock - b.clock);
}
