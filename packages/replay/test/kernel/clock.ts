// The time of a capture. It runs as fast as real time, since the kernel's timeouts run in that, or faster by a whole
// factor, while the kernel's timeouts are shorter by the same.

import { type Micros, toMicros } from "@conntrail/engine";
import { pause } from "./tap.js";

export class Clock {
  readonly #began = performance.now();
  #last = 0;

  constructor(private readonly pace: number) {}

  /** Strictly rising, so that every frame and edit has an instant of its own. */
  next(): Micros {
    const now = Math.round((performance.timeOrigin + this.#began + this.#elapsedMillis()) * 1000);
    this.#last = Math.max(this.#last + 1, now);
    return toMicros(this.#last);
  }

  /** Seconds of the capture. */
  elapsed(): number {
    return this.#elapsedMillis() / 1000;
  }

  waitUntil(elapsed: number): void {
    pause(Math.max(0, (elapsed * 1000 - this.#elapsedMillis()) / this.pace));
  }

  #elapsedMillis(): number {
    return (performance.now() - this.#began) * this.pace;
  }
}
