// What each rule version did: flows that it admitted, what passed by them, what it denied. Over all of the evidence.

import type { RuleVersion } from "@conntrail/engine";
import { type RuleHitTable, ruleHits } from "@conntrail/store";
import type { Case } from "../case.js";

export type RuleHits = { of(version: RuleVersion): RuleHitTable | null };

export function ruleHitsOf(kase: Case): RuleHits {
  const hits = new Map(ruleHits(kase.views).map((row) => [keyOf({ ...row, isDefault: row.is_default === 1 }), row]));
  return { of: (version) => hits.get(keyOf(version)) ?? null };
}

function keyOf({ group, rule, version, isDefault }: Pick<RuleVersion, "group" | "rule" | "version" | "isDefault">) {
  return [group.toLowerCase(), rule, version, isDefault].join("\n");
}
