// What is known of the rule that a log names, where it did not decide: nobody showed it, or it was not in force then.

import type { PolicyHistory } from "../policy/policy-history.js";
import type { RuleVersion } from "../policy/rule-version.js";
import type { Micros } from "../time.js";
import type { CheckClue } from "./check-outcome.js";
import { loggedGroup, namesRule } from "./logged-rule.js";
import type { Sighting } from "./sighting.js";

/** Null: the log names none, or it was in force. */
export function namedRule(policy: PolicyHistory, { rule, time }: Sighting): CheckClue | null {
  const named = rule?.rule ?? null;
  const group = loggedGroup(policy, rule);
  if (named === null || group === null) return null;
  const versions = group.versions.filter((version) => namesRule(named, version));
  if (versions.some(({ from, to }) => from <= time && time < to)) return null;
  return { is: "named-rule", group: group.group, ...lastBefore(versions, time) };
}

type Found = {
  readonly was: "never-seen" | "gone" | "not-yet";
  readonly time: Micros | null;
  readonly event: string | null;
};

function lastBefore(versions: readonly RuleVersion[], time: Micros): Found {
  const before = versions.filter(({ to }) => to <= time).sort((a, b) => a.to - b.to);
  const gone = before.at(-1);
  if (gone !== undefined) return { was: "gone", time: gone.to, event: gone.endedBy?.event ?? null };
  const [next] = versions.toSorted((a, b) => a.from - b.from);
  if (next === undefined) return { was: "never-seen", time: null, event: null };
  return { was: "not-yet", time: next.from, event: next.begunBy?.event ?? null };
}
