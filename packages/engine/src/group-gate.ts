// Asks the groups that stand at one gate of an interface: all rules of all of them, in the way of their kind.

import type { Admittance } from "./admit.js";
import type { ResourceId } from "./event.js";
import type { GateGroups, GroupGate } from "./network/placed-interface.js";
import type { ListsAt } from "./policy/address-list.js";
import { mostPermissive } from "./policy/aws-security-group.js";
import type { GroupVerdict } from "./policy/evaluate.js";
import { GateEvaluator } from "./policy/gate-evaluator.js";
import { groupNamed, type PolicyHistory } from "./policy/policy-history.js";
import type { NameContents } from "./policy/rule-match.js";
import type { RuleSet } from "./policy/rule-set.js";
import type { RuleVersion } from "./policy/rule-version.js";
import { adminVerdictOf } from "./policy/security-admin.js";
import { nameOfId } from "./resource-id.js";
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
  const unseen = standing.groups.find((group) => groupNamed(asked.policy, group) === null);
  if (unseen !== undefined) return doubtful(gate, unseen, neverSeen(gate, unseen));
  const verdict = askTogether(gate, setsOf(standing.groups, asked), asked, ask);
  return verdict === null ? null : outcomeOf(gate, verdict, asked);
}

function askWhole({ policy, direction, tuple }: Admittance): AskGroup {
  const evaluator = evaluatorOf(policy);
  return (set, names) => evaluator.evaluate({ set, direction, names }, tuple);
}

export function setsOf(groups: readonly ResourceId[], { policy, time }: Admittance): RuleSet[] {
  const sets: RuleSet[] = [];
  for (const group of groups) {
    const set = groupNamed(policy, group)?.ruleSetAt(time);
    if (set !== undefined) sets.push(set);
  }
  return sets;
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
  const name = nameOfId(group);
  return `group \`${name}\` was never seen: import its \`${exportOf(gate, group)}\``;
}

function exportOf(gate: GroupGate, group: ResourceId): string {
  if (gate === "network-acl") return "aws ec2 describe-network-acls";
  return group.startsWith("sg-") ? "aws ec2 describe-security-groups" : "az network nsg show";
}

function doubtful(gate: GroupGate, group: ResourceId | null, because: string): GateOutcome {
  return { gate, decision: "unknown", group, because: [{ rule: null, because }] };
}

type Settled = Exclude<GroupVerdict, { decision: "unknown" }>;

/** What was said last when this version decided at this gate, and what that rests on. */
type Said = { readonly set: RuleSet | undefined; readonly lists: ListsAt; readonly outcome: GateOutcome };
const said = new WeakMap<RuleVersion, { [gate in GroupGate]?: Said }>();

/** The same object for the same outcome: a version says the same to millions of packets. */
function outcomeOf(gate: GroupGate, verdict: GroupVerdict, asked: Admittance): GateOutcome {
  if (verdict.decision === "unknown") return { gate, ...verdict };
  const set = groupNamed(asked.policy, verdict.group)?.ruleSetAt(asked.time);
  const lists = asked.policy.lists.listsAt(asked.time);
  const atGates = said.get(verdict.decidedBy) ?? {};
  const last = atGates[gate];
  if (last !== undefined && last.set === set && last.lists === lists) return last.outcome;
  const outcome = settledOutcome(gate, verdict, assumptionsOf(verdict, set, lists));
  said.set(verdict.decidedBy, { ...atGates, [gate]: { set, lists, outcome } });
  return outcome;
}

function settledOutcome(gate: GroupGate, verdict: Settled, assumed: readonly Assumption[]): GateOutcome {
  const rests = assumed.length === 0 ? {} : { assumed };
  if (verdict.decision === "always-allow") return { gate, ...verdict, decision: "allow", always: true, ...rests };
  return { gate, ...verdict, decision: verdict.decision, ...rests };
}

/** Absences of rules that are only inferred, and lists of which only a later edition is known. */
function assumptionsOf({ decidedBy }: Settled, set: RuleSet | undefined, lists: ListsAt): Assumption[] {
  const absences = (set?.assumed ?? []).map((because): Assumption => ({ of: "rules", because }));
  const { content } = decidedBy;
  if (content.kind !== "known" || "unreadable" in content.rule) return absences;
  const named = [...content.rule.source.addresses, ...content.rule.destination.addresses];
  const early = named.filter((name) => lists.find(name)?.provenance === "inferred");
  return [...absences, ...early.map((list): Assumption => ({ of: "address-list", because: list }))];
}
