// Rule sets of one group as tests write them, by way of a snapshot of the group.

import { buildPolicyHistory, type Rule, type RuleSet, type SecurityGroupSeen } from "../../src/index.js";
import { groupSeen } from "./control-events.js";
import { at } from "./instants.js";

export function setOf(rules: readonly (string | Rule)[], more: Partial<SecurityGroupSeen["data"]> = {}): RuleSet {
  const { groups } = buildPolicyHistory([groupSeen("09:00", rules, more)]);
  return groups.get((more.group ?? "web").toLowerCase())!.ruleSetAt(at("12:00"));
}
