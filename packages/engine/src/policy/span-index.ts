// Which of thousands of spans hold at an instant. Their ends stand side by side in arrays: read off the objects one by
// one, they took ten milliseconds for a year of edits.

import type { Micros } from "../time.js";

/** From `from` up to and without `to`. */
export type Span = { readonly from: Micros; readonly to: Micros };

export class SpanIndex<T extends Span> {
  readonly #from: Float64Array;
  readonly #to: Float64Array;

  constructor(private readonly spans: readonly T[]) {
    this.#from = Float64Array.from(spans, ({ from }) => from);
    this.#to = Float64Array.from(spans, ({ to }) => to);
  }

  /** In the order in which they were given. */
  at(time: Micros): T[] {
    const holding: T[] = [];
    for (let index = 0; index < this.#from.length; index++) {
      if (this.#from[index]! <= time && time < this.#to[index]!) holding.push(this.spans[index]!);
    }
    return holding;
  }
}
