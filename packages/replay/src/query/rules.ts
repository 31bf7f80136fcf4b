// Rules of security groups: in force at an instant, or every version there ever was. Traffic is not touched.

import {
  buildPolicyHistory,
  type ControlEvent,
  isEnteredByHand,
  type Micros,
  type PolicyFinding,
  type Position,
  type RuleVersion,
} from "@conntrail/engine";
import { type EventLog, readControlEvents } from "@conntrail/store";
import { usage } from "../exit-code.js";

export type RulesQuestion = {
  readonly group: string | null;
  /** In force at this instant; null: all versions. */
  readonly at: Micros | null;
  readonly knownAt: Position | null;
};

export type GroupRules = {
  readonly group: string;
  readonly name: string;
  /** Why there may be rules that are not listed, at the instant or at the end; null where the group was seen whole. */
  readonly incomplete: string | null;
  /** Whether the group itself was entered by hand, its default rules with it. */
  readonly byHand: boolean;
  readonly versions: readonly RuleVersion[];
  readonly findings: readonly PolicyFinding[];
};

export type RulesAnswer = { readonly groups: readonly GroupRules[]; readonly positions: ReadonlyMap<string, Position> };

export async function rules(log: EventLog, { group, at, knownAt }: RulesQuestion): Promise<RulesAnswer> {
  const events = await readControlEvents(log, knownAt);
  const policy = buildPolicyHistory(events);
  const wanted = [...policy.groups.values()].filter((history) => group === null || isCalled(history, group));
  if (group !== null && wanted.length === 0) throw usage(`there is no group \`${group}\`: see \`conntrail rules\``);
  const groups = wanted.map((history) => ({
    group: history.group,
    name: history.name,
    incomplete: at === null ? history.incomplete : history.ruleSetAt(at).incomplete,
    byHand: events.some((event) => isMadeByHand(event, history.group)),
    versions: history.versions.filter(({ from, to }) => at === null || (from <= at && at < to)).toSorted(byPlace),
    findings: policy.findings.filter((finding) => finding.group === history.group),
  }));
  return { groups, positions: positionsOf(events) };
}

function isMadeByHand({ type, data, source }: ControlEvent, group: string): boolean {
  return type === "security-group-seen" && isEnteredByHand(source) && data.group.toLowerCase() === group.toLowerCase();
}

export function positionsOf(events: readonly ControlEvent[]): Map<string, Position> {
  return new Map(events.map((event) => [event.id, event.position]));
}

/** By name or id, whatever the case. */
export function isCalled({ group, name }: { readonly group: string; readonly name: string }, wanted: string): boolean {
  return [group, name].some((own) => own.toLowerCase() === wanted.toLowerCase());
}

/** By direction, priority, name and time. */
function byPlace(a: RuleVersion, b: RuleVersion): number {
  const [ruleA, ruleB] = [anyContent(a), anyContent(b)];
  const direction = (ruleA?.direction ?? "").localeCompare(ruleB?.direction ?? "");
  return (
    direction || (ruleA?.priority ?? 0) - (ruleB?.priority ?? 0) || a.rule.localeCompare(b.rule) || a.from - b.from
  );
}

/** What the version says, or may say; null where nothing is known of it. */
export function anyContent({ content }: RuleVersion) {
  if (content.kind === "known") return content.rule;
  return content.kind === "unsettled" ? (content.candidates.find((rule) => rule !== null) ?? null) : null;
}
