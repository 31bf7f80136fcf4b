// How much traffic was lost in a span of time: what an answer about that span is told with.

import type { Micros, Position } from "@conntrail/engine";
import { readControl } from "@conntrail/store";
import type { Case } from "../case.js";
import { coveredTraffic } from "./covered-traffic.js";
import { isLoss, type Loss, overlaps, spansOf } from "./gap.js";
import { losses, toldHours } from "./losses.js";
import { readSources } from "./sources.js";

export type LossesIn = {
  /** Included; null: from the beginning. */
  readonly from: Micros | null;
  /** Excluded; null: to the end. */
  readonly to: Micros | null;
  readonly knownAt: Position | null;
};

/** Those that are shown; that a sensor has no report for an hour may be quiet. */
export async function lossesIn(kase: Case, { from, to, knownAt }: LossesIn): Promise<Loss[]> {
  const covered = coveredTraffic(kase.views, knownAt);
  if (covered.span === null) return [];
  const { network } = await readControl(kase.log, knownAt);
  const sources = await readSources(kase.log, knownAt);
  const asked = { from: from ?? covered.span.from, to: to ?? covered.span.to };
  const all = await losses({ kase, knownAt, sources, network, covered, told: toldHours(kase) });
  return all
    .filter(isLoss)
    .filter((gap) => gap.kind !== "no-report" && spansOf(gap).some((span) => overlaps(span, asked)));
}
