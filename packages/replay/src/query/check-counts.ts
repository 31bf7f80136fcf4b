// What is counted of reports held against the rules: by outcome, by sensor and rule, by how firm our own answer is.

import { type CheckOutcome, groupBy, type ReportedRule, type ReportingSensor, type Standing } from "@conntrail/engine";
import type { CheckTallyTable } from "@conntrail/store";

/** Reports by outcome. */
export type CheckCounts = ReadonlyMap<CheckOutcome, number>;

export type CheckLine = {
  readonly sensor: ReportingSensor;
  readonly rule: ReportedRule | null;
  readonly counts: CheckCounts;
};

export function countsOf(tallies: readonly CheckTallyTable[]): CheckCounts {
  const counts = new Map<CheckOutcome, number>();
  for (const { outcome, reports } of tallies) {
    counts.set(outcome as CheckOutcome, (counts.get(outcome as CheckOutcome) ?? 0) + reports);
  }
  return counts;
}

/** Those with the most that nothing explains first, then those with the most reports. */
export function linesOf(tallies: readonly CheckTallyTable[]): CheckLine[] {
  const byNames = groupBy(tallies, ({ sensor, rule }) => `${sensor}\n${rule}`);
  const lines = [...byNames.values()].map((own) => ({
    sensor: JSON.parse(own[0]!.sensor) as ReportingSensor,
    rule: ruleOf(own[0]!.rule),
    counts: countsOf(own),
  }));
  const open = ({ counts }: CheckLine) => counts.get("unexplained") ?? 0;
  const name = ({ sensor, rule }: CheckLine) => JSON.stringify([sensor, rule]);
  return lines.sort((a, b) => open(b) - open(a) || total(b.counts) - total(a.counts) || (name(a) < name(b) ? -1 : 1));
}

/** As the views write it. */
export function ruleOf(text: string): ReportedRule | null {
  return text === "" ? null : (JSON.parse(text) as ReportedRule);
}

export function standingsOf(tallies: readonly CheckTallyTable[]): ReadonlyMap<Standing, number> {
  const sums = new Map<Standing, number>();
  for (const { standing, outcome, reports } of tallies) {
    if (apart.includes(outcome as CheckOutcome)) continue;
    sums.set(standing as Standing, (sums.get(standing as Standing) ?? 0) + reports);
  }
  return sums;
}

export function total(counts: CheckCounts): number {
  return [...counts.values()].reduce((sum, reports) => sum + reports, 0);
}

/** The verdict is the same. */
const agreeing: readonly CheckOutcome[] = ["agrees", "other-rule"];
/** Nothing is held against these. */
const apart: readonly CheckOutcome[] = ["no-verdict", "no-interface", "unknown-policy"];

export type CheckSummary = {
  /** By sensors that judge. */
  readonly judged: number;
  readonly compared: number;
  readonly agreed: number;
  readonly unexplained: number;
  /** Neither agreed nor unexplained. */
  readonly explained: number;
  readonly notCompared: number;
};

export function summaryOf(counts: CheckCounts): CheckSummary {
  const sum = (outcomes: readonly CheckOutcome[]) =>
    outcomes.reduce((reports, outcome) => reports + (counts.get(outcome) ?? 0), 0);
  const compared = total(counts) - sum(apart);
  const [agreed, unexplained] = [sum(agreeing), sum(["unexplained"])];
  const notCompared = sum(["no-interface", "unknown-policy"]);
  const judged = compared + notCompared;
  return { judged, compared, agreed, unexplained, explained: compared - agreed - unexplained, notCompared };
}
