// What the histories said before an instant, as one hash: the same hash, the same fold up to there.

import { createHash } from "node:crypto";
import { type ControlPast, controlPast, type PastFact } from "@conntrail/engine";

export class PastReader {
  readonly #hash = createHash("sha256");
  readonly #facts: readonly PastFact[];
  #read = 0;

  /** `more`: facts besides those of the histories. */
  constructor(control: ControlPast, more: readonly PastFact[]) {
    this.#facts = [...controlPast(control), ...more].sort((a, b) => a.time - b.time || (a.text < b.text ? -1 : 1));
  }

  /** SHA-256, hex. Instants are asked for in ascending order. */
  before(time: number): string {
    for (; this.#read < this.#facts.length && this.#facts[this.#read]!.time < time; this.#read++) {
      const { time: from, text } = this.#facts[this.#read]!;
      this.#hash.update(`${from} ${text}\n`);
    }
    return this.#hash.copy().digest("hex");
  }
}
