// What changed from A to B: rules, what they let through, and the flow records of the span. A is included and B is not,
// so the state just before A is held against the state just before B.

import {
  type AddressSet,
  type Asked,
  beginningOfTime,
  type GroupHistory,
  isThere,
  type Micros,
  type NameContents,
  namesFor,
  type Position,
  type ReachDifference,
  type RuleDifference,
  type RuleSet,
  reachDifference,
  ruleDifferences,
  serviceTagContents,
  toMicros,
  unknownAddresses,
  unseenSpace,
} from "@conntrail/engine";
import { type Control, type FlowTable, queryFlows, readControl } from "@conntrail/store";
import type { Case } from "../case.js";
import { usage } from "../exit-code.js";
import { admittedBy } from "./admitted-by.js";
import { type ReferenceChange, referenceChanges } from "./reference-change.js";
import { isCalled, positionsOf } from "./rules.js";

export type DiffQuestion = {
  /** Included; null: from the beginning of the evidence. */
  readonly from: Micros | null;
  /** Excluded; null: to the end of the evidence, that instant included. */
  readonly to: Micros | null;
  readonly endOfEvidence: Micros;
  readonly group: string | null;
  /** What service tags, prefix lists and application security groups stand for, too. */
  readonly references: boolean;
  readonly knownAt: Position | null;
};

export type GroupDiff = {
  readonly group: string;
  readonly name: string;
  /** Whether the group was there at all. */
  readonly there: { readonly before: boolean; readonly after: boolean };
  /** Why there may be rules that are not compared; null where the group is known whole. */
  readonly incomplete: { readonly before: string | null; readonly after: string | null };
  readonly rules: readonly RuleDifference[];
  /** Null where the group was not there at one of the ends. */
  readonly reach: ReachDifference | null;
  /** What names in the rules stand for, as long as that is sure and the same at both ends. */
  readonly named: readonly NamedSet[];
};

export type NamedSet = { readonly name: string; readonly addresses: AddressSet };

export type DiffAnswer = {
  readonly question: DiffQuestion;
  readonly groups: readonly GroupDiff[];
  readonly flows: {
    readonly opened: readonly FlowTable[];
    readonly ended: readonly FlowTable[];
    readonly surviving: readonly FlowTable[];
  };
  readonly references: readonly ReferenceChange[];
  readonly positions: ReadonlyMap<string, Position>;
};

/** The instants that are compared. */
export type Ends = { readonly before: Micros; readonly after: Micros };

export async function diff(kase: Case, question: DiffQuestion): Promise<DiffAnswer> {
  const control = await readControl(kase.log, question.knownAt, question.references ? "all" : "named");
  const histories = [...control.policy.groups.values()].filter((one) => isWanted(one, question.group));
  if (question.group !== null && histories.length === 0) {
    throw usage(`there is no group \`${question.group}\`: see \`conntrail rules\``);
  }
  const ends = endsOf(question);
  const wanted = question.group === null ? null : histories.map(({ group }) => group);
  const flows = flowsOf(kase, question, wanted);
  return {
    question,
    groups: histories.map((history) => groupDiff(history, ends, control)),
    flows,
    references: question.references ? referenceChanges(control, ends, flows.opened) : [],
    positions: positionsOf(control.events),
  };
}

function isWanted(history: GroupHistory, group: string | null): boolean {
  return group === null || isCalled(history, group);
}

function endsOf({ from, to, endOfEvidence }: DiffQuestion): Ends {
  return {
    before: from === null ? beginningOfTime : toMicros(from - 1),
    after: to === null ? endOfEvidence : toMicros(to - 1),
  };
}

function groupDiff(history: GroupHistory, ends: Ends, control: Control): GroupDiff {
  const [before, after] = [history.ruleSetAt(ends.before), history.ruleSetAt(ends.after)];
  const rules = ruleDifferences(before, after);
  const there = { before: isThere(before), after: isThere(after) };
  const asked = [askedOf(before, ends.before, ends, control), askedOf(after, ends.after, ends, control)] as const;
  return {
    group: history.group,
    name: history.name,
    there,
    incomplete: {
      before: there.before ? before.incomplete : null,
      after: there.after ? after.incomplete : null,
    },
    rules: there.before && there.after ? rules : rules.filter(isOwnRule),
    reach: there.before && there.after ? reachDifference(...asked) : null,
    named: namedSets(asked),
  };
}

/** Default rules come and go with their group. */
function isOwnRule(difference: RuleDifference): boolean {
  return !("version" in difference && difference.version.isDefault);
}

/** Names mean what they mean to the first interface behind the group: at the other end, where none is at this one. */
function askedOf(set: RuleSet, time: Micros, ends: Ends, control: Control): Asked {
  const lists = control.policy.lists.listsAt(time);
  for (const at of [time, ends.after, ends.before]) {
    const topology = control.network.topologyAt(at);
    const place = topology.interfaces.find(({ gates }) =>
      Object.values(gates).some((gate) => gate.is === "groups" && gate.groups.some((id) => isSame(id, set.group))),
    );
    if (place !== undefined) return { set, names: namesFor(place, topology, lists) };
  }
  const serviceTag: NameContents["serviceTag"] = (tag) => serviceTagContents(tag, unseenSpace, lists);
  return { set, names: { serviceTag, group: () => unknownAddresses } };
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function namedSets(both: readonly Asked[]): NamedSet[] {
  const found = new Map<string, NamedSet>();
  for (const { set, names } of both) {
    const clauses = [...set.inbound, ...set.outbound].flatMap((entry) => entry.clauses);
    const sides = clauses.flatMap(({ matcher }) => (matcher === null ? [] : [matcher.source, matcher.destination]));
    for (const { tags, groups } of sides) {
      for (const tag of tags) found.set(tag.toLowerCase(), { name: tag, addresses: names.serviceTag(tag).inside });
      for (const id of groups) found.set(id.toLowerCase(), { name: id, addresses: names.group(id).inside });
    }
  }
  return [...found.values()].filter(({ addresses }) => addresses.size > 0);
}

/** Of the groups that are asked about, those that admitted the flow. */
function flowsOf(
  kase: Case,
  { from, to, endOfEvidence }: DiffQuestion,
  groups: readonly string[] | null,
): DiffAnswer["flows"] {
  const rows = queryFlows(kase.views, { from, until: to, at: null }).filter(
    (row) => groups === null || admittedBy(row).some(({ group }) => groups.some((id) => isSame(id, group))),
  );
  const begins = (row: FlowTable) => from === null || row.opened_at >= from;
  const ends = (row: FlowTable) => (to === null ? row.ends_at <= endOfEvidence : row.ends_at < to);
  return {
    opened: rows.filter(begins),
    ended: rows.filter(ends),
    surviving: rows.filter((row) => !begins(row) && !ends(row)),
  };
}

/** Whether anything differs but the traffic. */
export function isDifferent({ groups, references }: DiffAnswer): boolean {
  const differs = ({ there, rules, reach }: GroupDiff) =>
    there.before !== there.after ||
    rules.length > 0 ||
    (reach !== null && (reach.regions.length > 0 || reach.leftOut > 0));
  return references.length > 0 || groups.some(differs);
}
