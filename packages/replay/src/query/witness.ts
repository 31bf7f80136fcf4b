// Who saw traffic: a sensor, or a place of capture. And those of which nobody knows where they stand.

import type { ReportingSensor } from "@conntrail/engine";
import { unplacedWitnesses, type Views, type WitnessKind } from "@conntrail/store";
import { wholeOf } from "./covered-traffic.js";
import type { GapOf, Witness } from "./gap.js";
import type { NamePlace } from "./place-name.js";

type Named = { readonly is: WitnessKind; readonly witness: string };

export function witnessOf({ is, witness }: Named, nameOf: NamePlace): Witness {
  if (is === "capture") return { is, place: witness, name: nameOf(witness) };
  return { is, sensor: JSON.parse(witness) as ReportingSensor };
}

export function unplacedGaps(views: Views, nameOf: NamePlace): GapOf<"unplaced">[] {
  const unplaced = unplacedWitnesses(views);
  const span = wholeOf(unplaced.map(({ first, last }) => ({ from: first, to: last })));
  if (span === null) return [];
  return [{ kind: "unplaced", witnesses: unplaced.map((witness) => witnessOf(witness, nameOf)), ...span }];
}
