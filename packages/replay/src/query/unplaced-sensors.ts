// Sensors of which nobody showed where they stand, so that what they report could not be compared.

import { groupBy, nameOfId, type ReportingSensor, type ResourceId } from "@conntrail/engine";
import type { CheckTallyTable } from "@conntrail/store";
import { ruleOf } from "./check-counts.js";

export type UnplacedSensor = {
  readonly sensor: ReportingSensor;
  /** That they name by full ids, and nobody showed. */
  readonly groups: readonly ResourceId[];
  readonly reports: number;
};

/** Those with the most reports first. */
export function unplacedSensors(tallies: readonly CheckTallyTable[]): UnplacedSensor[] {
  const bySensor = groupBy(
    tallies.filter(({ outcome, basis }) => outcome === "no-interface" || isDoubtOfGroupAlone({ outcome, basis })),
    ({ sensor }) => sensor,
  );
  const unplaced = [...bySensor].map(([sensor, own]) => ({
    sensor: JSON.parse(sensor) as ReportingSensor,
    groups: [...new Set(own.flatMap(unknownGroup))],
    reports: own.reduce((sum, { reports }) => sum + reports, 0),
  }));
  return unplaced.sort((a, b) => b.reports - a.reports);
}

function isDoubtOfGroupAlone({ outcome, basis }: Pick<CheckTallyTable, "outcome" | "basis">): boolean {
  return outcome === "unknown-policy" && basis === "group-alone";
}

function unknownGroup({ rule, outcome }: CheckTallyTable): ResourceId[] {
  const group = ruleOf(rule)?.group ?? null;
  return outcome === "no-interface" && group !== null && nameOfId(group) !== group ? [group] : [];
}
