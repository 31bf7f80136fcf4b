// Records of the Activity Log that wait for the others of their operation, where a body may stand. Records of one
// operation lie together, so only the latest ones are held: a log may be longer than memory.

import { type Activity, OperationBodies } from "./azure-activity.js";
import type { OperationReader } from "./azure-operation.js";
import type { Imported } from "./importer.js";

type Waiting = { readonly reader: OperationReader; readonly activity: Activity };

/** Records of operations that are read: so far apart, two of one operation still find each other. */
const reach = 4096;

export class OperationWindow {
  /** Told already: their bodies still serve those that come behind. */
  #before: readonly Waiting[] = [];
  #due: readonly Waiting[] = [];
  #latest: Waiting[] = [];

  *take(reader: OperationReader, activity: Activity): Iterable<Imported> {
    this.#latest.push({ reader, activity });
    if (this.#latest.length === reach) yield* this.#tellDue();
  }

  *finish(): Iterable<Imported> {
    yield* this.#tellDue();
    yield* this.#tellDue();
  }

  *#tellDue(): Iterable<Imported> {
    const held = [...this.#before, ...this.#due, ...this.#latest];
    const bodies = new OperationBodies(held.map(({ activity }) => activity));
    for (const { reader, activity } of this.#due) {
      const body = bodies.find(activity, reader.bodies);
      if (body !== null) yield* reader.readJoined?.(activity, body) ?? [];
    }
    this.#before = this.#due;
    this.#due = this.#latest;
    this.#latest = [];
  }
}
