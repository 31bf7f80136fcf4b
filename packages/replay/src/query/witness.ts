// Who saw traffic: a sensor, or a place of capture. And those of which nobody knows where they stand.

import type { ReportingSensor } from "@conntrail/engine";
import { unplacedWitnesses, type Views, type WitnessKind } from "@conntrail/store";
import { wholeOf } from "./covered-traffic.js";
import type { GapOf, Witness } from "./gap.js";

export function witnessOf({ is, witness }: { readonly is: WitnessKind; readonly witness: string }): Witness {
  return is === "capture" ? { is, place: witness } : { is, sensor: JSON.parse(witness) as ReportingSensor };
}

export function unplacedGaps(views: Views): GapOf<"unplaced">[] {
  const unplaced = unplacedWitnesses(views);
  const span = wholeOf(unplaced.map(({ first, last }) => ({ from: first, to: last })));
  return span === null ? [] : [{ kind: "unplaced", witnesses: unplaced.map(witnessOf), ...span }];
}
