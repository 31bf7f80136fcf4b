// Who saw traffic: a sensor, or a place of capture. And those of which nobody knows where they stand.

import type { ReportingSensor } from "@conntrail/engine";
import { unplacedCaptures, unplacedSensors, type Views, type WitnessKind } from "@conntrail/store";
import { wholeOf } from "./covered-traffic.js";
import type { GapOf, Witness } from "./gap.js";
import type { NamePlace } from "./place-name.js";
import { sensorKey } from "./sensor-key.js";
import type { ToldHour } from "./sensor-silence.js";

type Named = { readonly is: WitnessKind; readonly witness: string };

export function witnessOf({ is, witness }: Named, nameOf: NamePlace): Witness {
  if (is === "capture") return { is, place: witness, name: nameOf(witness) };
  return { is, sensor: JSON.parse(witness) as ReportingSensor };
}

type UnplacedAsked = { readonly views: Views; readonly told: readonly ToldHour[]; readonly nameOf: NamePlace };

export function unplacedGaps({ views, told, nameOf }: UnplacedAsked): GapOf<"unplaced">[] {
  const sensors = new Set(unplacedSensors(views));
  const captures = unplacedCaptures(views);
  const hours = told.filter(({ sensor }) => sensors.has(sensorKey(sensor)));
  const span = wholeOf([...hours, ...captures].map(({ first, last }) => ({ from: first, to: last })));
  if (span === null) return [];
  const witnesses = [
    ...[...sensors].map((witness) => witnessOf({ is: "sensor", witness }, nameOf)),
    ...captures.map(({ place }) => witnessOf({ is: "capture", witness: place }, nameOf)),
  ];
  return [{ kind: "unplaced", witnesses, ...span }];
}
