// Asks the groups that stand at one gate of an interface: all rules of all of them, in the way of their kind.

import type { Admittance } from "./admit.js";
import type { ResourceId } from "./event.js";
import { countAtOrBelow } from "./grouping.js";
import type { GateGroups, GroupGate, PlacedInterface } from "./network/placed-interface.js";
import type { ListsAt } from "./policy/address-list.js";
import { mostPermissive } from "./policy/aws-security-group.js";
import type { GroupVerdict } from "./policy/evaluate.js";
import { type AskedRules, GateEvaluator } from "./policy/gate-evaluator.js";
import { groupNamed, type PolicyHistory } from "./policy/policy-history.js";
import type { NameContents } from "./policy/rule-match.js";
import type { RuleSet } from "./policy/rule-set.js";
import type { RuleVersion } from "./policy/rule-version.js";
import { adminVerdictOf } from "./policy/security-admin.js";
import { nameOfId } from "./resource-id.js";
import { namesFor } from "./rule-names.js";
import type { Micros } from "./time.js";
import type { Assumption, GateOutcome } from "./verdict.js";

/** What a group says, asked by itself. */
export type AskGroup = (set: RuleSet, names: NameContents) => GroupVerdict | null;

const evaluators = new WeakMap<PolicyHistory, GateEvaluator>();

export function evaluatorOf(policy: PolicyHistory): GateEvaluator {
  const known = evaluators.get(policy) ?? new GateEvaluator();
  evaluators.set(policy, known);
  return known;
}

/** Null: no group there has anything to say, and another gate settles it. `ask`: null asks all rules of a group. */
export function askGate(
  gate: GroupGate,
  standing: Exclude<GateGroups, { is: "none" }>,
  asked: Admittance,
  ask: AskGroup | null = null,
): GateOutcome | null {
  if (standing.is === "open") return { gate, decision: "allow", group: null, decidedBy: null };
  if (standing.is === "unknown") return doubtful(gate, null, standing.because);
  const rules = gateRulesOf(gate, standing.groups, asked);
  if (rules.unseen !== null) return doubtful(gate, rules.unseen, neverSeen(gate, rules.unseen));
  const verdict = askTogether(gate, rules, asked, ask);
  return verdict === null ? null : outcomeOf(gate, verdict, asked);
}

/** What stands at a gate over a span of time in which neither rules nor lists change. */
type GateRules = {
  readonly policy: PolicyHistory;
  readonly span: Span;
  /** The first of its groups that was never seen. */
  readonly unseen: ResourceId | null;
  readonly groups: readonly AskedRules[];
  readonly evaluator: GateEvaluator;
};

/** From `from` to before `to`. */
type Span = { readonly from: number; readonly to: number };

/** What stood there when it was asked last: most packets come while that holds. */
const lastRules = new WeakMap<PlacedInterface, { [gate in GroupGate]?: GateRules }>();

function gateRulesOf(gate: GroupGate, groups: readonly ResourceId[], asked: Admittance): GateRules {
  const atGates = lastRules.get(asked.place) ?? {};
  const last = atGates[gate];
  if (last !== undefined && last.policy === asked.policy && isWithin(last.span, asked.time)) return last;
  const made = makeGateRules(groups, asked);
  lastRules.set(asked.place, { ...atGates, [gate]: made });
  return made;
}

function makeGateRules(groups: readonly ResourceId[], asked: Admittance): GateRules {
  const { policy, time } = asked;
  const names = namesOf(asked);
  const evaluator = evaluatorOf(policy);
  const histories = groups.flatMap((group) => groupNamed(policy, group) ?? []);
  return {
    policy,
    span: histories
      .map(({ boundaries }) => spanAt(boundaries, time))
      .reduce(shared, spanAt(policy.lists.boundaries, time)),
    unseen: groups.find((group) => groupNamed(policy, group) === null) ?? null,
    groups: histories.map((history) => evaluator.rulesOf(history.ruleSetAt(time), names)),
    evaluator,
  };
}

function spanAt(boundaries: readonly Micros[], time: Micros): Span {
  const begun = countAtOrBelow(boundaries, time);
  return {
    from: boundaries[begun - 1] ?? Number.NEGATIVE_INFINITY,
    to: boundaries[begun] ?? Number.POSITIVE_INFINITY,
  };
}

function shared(a: Span, b: Span): Span {
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}

function isWithin({ from, to }: Span, time: Micros): boolean {
  return from <= time && time < to;
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

/** One group alone needs no weighing, and mostly there is one. */
function askTogether(gate: GroupGate, rules: GateRules, asked: Admittance, ask: AskGroup | null): GroupVerdict | null {
  const [only] = rules.groups;
  if (only !== undefined && rules.groups.length === 1) return askGroup(only, rules, asked, ask);
  const verdicts = rules.groups.flatMap((group) => askGroup(group, rules, asked, ask) ?? []);
  if (gate === "security-admin") return adminVerdictOf(verdicts);
  const [first, ...others] = verdicts;
  return first === undefined ? null : mostPermissive([first, ...others]);
}

function askGroup(
  group: AskedRules,
  { evaluator }: GateRules,
  { direction, tuple }: Admittance,
  ask: AskGroup | null,
): GroupVerdict | null {
  return ask === null ? evaluator.ask(group, direction, tuple) : ask(group.set, group.names);
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
