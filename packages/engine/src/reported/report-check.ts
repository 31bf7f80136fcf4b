// Reported against derived: whether the rules, as we know them, say what the sensor says, and where not, the likeliest
// cause.

import { type Micros, microsPerMinute, toMicros } from "../time.js";
import { type Admission, decidingGate } from "../verdict.js";
import type { Sighting } from "./report-judge.js";

/**
 * `agrees`: verdict and rule. `other-rule`: the verdict agrees, the sensor names another rule. `no-verdict`: the sensor
 * does not judge. All others disagree, or can't be compared. `no-interface`: nobody shows where the sensor stands.
 * `unknown-policy`: the rules are not known well enough. `edit-in-the-same-minute`: rules of the minute before or after
 * agree. `opened-before`: allowed, and the sensor tells of no opening. `address-list`: a list decided whose edition of
 * that day is not known. `unexplained`: none of these.
 */
export type CheckOutcome =
  | "agrees"
  | "other-rule"
  | "no-verdict"
  | "no-interface"
  | "unknown-policy"
  | "edit-in-the-same-minute"
  | "opened-before"
  | "address-list"
  | "unexplained";

/** `at`: what the rules of another instant say. */
export function checkOf(
  sighting: Sighting,
  admission: Admission | null,
  at: (time: Micros) => Admission | null,
): CheckOutcome {
  const { verdict, time } = sighting;
  if (verdict === null) return "no-verdict";
  if (admission === null) return "no-interface";
  if (admission.decision === verdict) return namesOtherRule(sighting, admission) ? "other-rule" : "agrees";
  if (admission.decision === "unknown") return "unknown-policy";
  const around = [time - microsPerMinute, time + microsPerMinute];
  if (around.some((near) => at(toMicros(near))?.decision === verdict)) return "edit-in-the-same-minute";
  if (verdict === "allow" && !sighting.openingTold) return "opened-before";
  return "unexplained";
}

function namesOtherRule({ rule }: Sighting, admission: Admission): boolean {
  const named = rule?.rule ?? null;
  const gate = decidingGate(admission);
  const decided = gate !== null && gate.decision !== "unknown" ? gate.decidedBy : null;
  if (named === null || decided === null) return false;
  return ruleName(named) !== decided.rule.toLowerCase();
}

/** Flow logs say whose rule it is before its name: `UserRule_ssh`, `DefaultRule_DenyAllInBound` [A8]. */
export function ruleName(logged: string): string {
  return logged.replace(/^(UserRule|DefaultRule)_/i, "").toLowerCase();
}
