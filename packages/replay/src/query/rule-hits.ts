// What each rule version did: flows that it admitted, what passed by them, what it denied; and what sensors report of it.
// Over all of the evidence.

import type { DerivedRule, RuleVersion } from "@conntrail/engine";
import { type ReportedHitRow, type RuleHitTable, reportedHits, ruleHits } from "@conntrail/store";
import type { Case } from "../case.js";

export type VersionHits = { readonly packets: RuleHitTable | null; readonly reported: ReportedHitRow | null };

export type RuleHits = {
  /** Whether there are reports at all. */
  readonly hasReports: boolean;
  of(version: RuleVersion): VersionHits;
};

export function ruleHitsOf(kase: Case): RuleHits {
  const hits = new Map(ruleHits(kase.views).map((row) => [keyOf({ ...row, isDefault: row.is_default === 1 }), row]));
  const reported = new Map(reportedHits(kase.views).map((row) => [keyOf(JSON.parse(row.derived_rule)), row]));
  return {
    hasReports: reported.size > 0,
    of: (version) => ({ packets: hits.get(keyOf(version)) ?? null, reported: reported.get(keyOf(version)) ?? null }),
  };
}

function keyOf({ group, rule, version, isDefault }: DerivedRule) {
  return [group.toLowerCase(), rule, version, isDefault].join("\n");
}
