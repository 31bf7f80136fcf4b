// Where a packet stands: file and frame in the evidence, position and index in the log.

import type { Position } from "@conntrail/engine";
import { findFrame, readBatch } from "@conntrail/store";
import type { Case } from "../case.js";

export type EvidenceAddress = {
  /** As given to import. */
  readonly file: string;
  readonly sha256: string;
  readonly frame: number;
  /** Null where the log no longer holds it. */
  readonly position: Position | null;
  readonly index: number | null;
};

export async function evidenceAddress(
  kase: Case,
  { sha256, frame }: { readonly sha256: string; readonly frame: number },
): Promise<EvidenceAddress> {
  const { name, positions } = findFrame(kase.views, sha256, frame);
  for (const position of positions) {
    for await (const event of kase.log.readAll({ from: (position - 1) as Position, until: position })) {
      if (event.type !== "packets-observed") continue;
      const index = readBatch(event).frame.indexOf(frame);
      if (index >= 0) return { file: name ?? sha256, sha256, frame, position, index };
    }
  }
  return { file: name ?? sha256, sha256, frame, position: null, index: null };
}
