// What a capture says of packets that it did not get, told once for each of its interfaces at the end of the file.

import { type DroppedBy, isInstant } from "@conntrail/engine";
import type { CaptureInterface } from "./capture.js";
import type { Imported } from "./importer.js";

/** Counted from the beginning of the capture on. Times in microseconds; `from` null: not told. */
export type DroppedCounts = {
  readonly from: number | null;
  readonly to: number;
  readonly dropped: { readonly [by in DroppedBy]: number };
};

export class DroppedPackets {
  readonly #last = new Map<CaptureInterface, DroppedCounts>();

  /** A later count of an interface holds the earlier ones. */
  hear(source: CaptureInterface, counts: DroppedCounts): void {
    this.#last.set(source, counts);
  }

  /** `firstTime`: of the first packet, where the file does not say when the capture began. */
  *told(firstTime: number | null): Iterable<Imported> {
    for (const [{ place }, { from, to, dropped }] of this.#last) {
      const begun = Math.min(from ?? firstTime ?? to, to);
      if (!isInstant(begun) || !isInstant(to)) continue;
      for (const [droppedBy, packets] of Object.entries(dropped) as [DroppedBy, number][]) {
        if (packets > 0) yield { kind: "dropped", place: place.name, span: [begun, to], droppedBy, packets };
      }
    }
  }
}
