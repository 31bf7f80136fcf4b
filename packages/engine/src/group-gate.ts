// Asks the groups that stand at one gate of an interface: all rules of all of them, in the way of their kind.

import type { Admittance } from "./admit.js";
import type { ResourceId } from "./event.js";
import type { GateGroups, GroupGate } from "./network/placed-interface.js";
import { mostPermissive } from "./policy/aws-security-group.js";
import type { GroupVerdict } from "./policy/evaluate.js";
import { GateEvaluator } from "./policy/gate-evaluator.js";
import type { PolicyHistory } from "./policy/policy-history.js";
import type { NameContents } from "./policy/rule-match.js";
import type { RuleSet } from "./policy/rule-set.js";
import { adminVerdictOf } from "./policy/security-admin.js";
import { namesFor } from "./rule-names.js";
import type { Assumption, GateOutcome } from "./verdict.js";

/** What a group says, asked by itself. */
export type AskGroup = (set: RuleSet, names: NameContents) => GroupVerdict | null;

const evaluators = new WeakMap<PolicyHistory, GateEvaluator>();

export function evaluatorOf(policy: PolicyHistory): GateEvaluator {
  const known = evaluators.get(policy) ?? new GateEvaluator();
  evaluators.set(policy, known);
  return known;
}

/** Null: no group there has anything to say, and another gate settles it. */
export function askGate(
  gate: GroupGate,
  standing: Exclude<GateGroups, { is: "none" }>,
  asked: Admittance,
  ask: AskGroup = askWhole(asked),
): GateOutcome | null {
  if (standing.is === "open") return { gate, decision: "allow", group: null, decidedBy: null };
  if (standing.is === "unknown") return doubtful(gate, null, standing.because);
  const unseen = standing.groups.find((group) => !asked.policy.groups.has(group.toLowerCase()));
  if (unseen !== undefined) return doubtful(gate, unseen, neverSeen(gate, unseen));
  const verdict = askTogether(gate, setsOf(standing.groups, asked), asked, ask);
  return verdict === null ? null : outcomeOf(gate, verdict, asked);
}

function askWhole({ policy, direction, tuple }: Admittance): AskGroup {
  const evaluator = evaluatorOf(policy);
  return (set, names) => evaluator.evaluate({ set, direction, names }, tuple);
}

export function setsOf(groups: readonly ResourceId[], { policy, time }: Admittance): RuleSet[] {
  return groups.flatMap((group) => policy.groups.get(group.toLowerCase())?.ruleSetAt(time) ?? []);
}

export function namesOf({ place, topology, policy, time }: Admittance): NameContents {
  return namesFor(place, topology, policy.lists.listsAt(time));
}

function askTogether(gate: GroupGate, sets: readonly RuleSet[], asked: Admittance, ask: AskGroup): GroupVerdict | null {
  const names = namesOf(asked);
  const verdicts = sets.flatMap((set) => ask(set, names) ?? []);
  if (gate === "security-admin") return adminVerdictOf(verdicts);
  const [first, ...others] = verdicts;
  return first === undefined ? null : mostPermissive([first, ...others]);
}

function neverSeen(gate: GroupGate, group: ResourceId): string {
  const name = group.slice(group.lastIndexOf("/") + 1);
  return `group \`${name}\` was never seen: import its \`${exportOf(gate, group)}\``;
}

function exportOf(gate: GroupGate, group: ResourceId): string {
  if (gate === "network-acl") return "aws ec2 describe-network-acls";
  return group.startsWith("sg-") ? "aws ec2 describe-security-groups" : "az network nsg show";
}

function doubtful(gate: GroupGate, group: ResourceId | null, because: string): GateOutcome {
  return { gate, decision: "unknown", group, because: [{ rule: null, because }] };
}

function outcomeOf(gate: GroupGate, verdict: GroupVerdict, asked: Admittance): GateOutcome {
  if (verdict.decision === "unknown") return { gate, ...verdict };
  const assumed = assumptionsOf(verdict, asked);
  const rests = assumed.length === 0 ? {} : { assumed };
  if (verdict.decision === "always-allow") return { gate, ...verdict, decision: "allow", always: true, ...rests };
  return { gate, ...verdict, decision: verdict.decision, ...rests };
}

/** Absences of rules that are only inferred, and lists of which only a later edition is known. */
function assumptionsOf(verdict: Exclude<GroupVerdict, { decision: "unknown" }>, asked: Admittance): Assumption[] {
  const sets = setsOf([verdict.group], asked);
  const absences = sets.flatMap(({ assumed }) => assumed.map((because): Assumption => ({ of: "rules", because })));
  const { content } = verdict.decidedBy;
  if (content.kind !== "known" || "unreadable" in content.rule) return absences;
  const lists = asked.policy.lists.listsAt(asked.time);
  const named = [...content.rule.source.addresses, ...content.rule.destination.addresses];
  const early = named.filter((name) => lists.find(name)?.provenance === "inferred");
  return [...absences, ...early.map((list): Assumption => ({ of: "address-list", because: list }))];
}
