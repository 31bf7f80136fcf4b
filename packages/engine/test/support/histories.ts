// Policy histories as aligned text, one line a version. Every scenario is read in several orders of arrival, and must
// say the same in all of them.

import { expect } from "vitest";
import {
  beginningOfTime,
  buildPolicyHistory,
  type Cause,
  type ControlEvent,
  endOfTime,
  formatInstant,
  isUnreadable,
  type Micros,
  type PolicyHistory,
  type Rule,
  type RuleVersion,
} from "../../src/index.js";
import { Random } from "./random.js";

export function historyOf(events: readonly ControlEvent[]): PolicyHistory {
  const history = buildPolicyHistory(events);
  const random = new Random(events.length);
  const told = tellAll(history);
  const orders = [events.toReversed(), random.shuffled(events), random.shuffled(events)];
  for (const order of orders) expect(tellAll(buildPolicyHistory(order))).toEqual(told);
  return history;
}

function tellAll({ groups, findings }: PolicyHistory): unknown {
  const told = [...groups].map(([key, group]) => [key, group.name, group.incomplete, group.versions]);
  return [told, findings];
}

/** The versions that are not defaults: `ssh 1 | .. 10:00 | 22 | seen 09:00 | - .. written`. */
export function versionsOf(events: readonly ControlEvent[], group = "web"): string[] {
  const versions = historyOf(events).groups.get(group)?.versions ?? [];
  return versions.filter(({ isDefault }) => !isDefault).map(tell);
}

export function findingsOf(events: readonly ControlEvent[]): string[] {
  return historyOf(events).findings.map(({ kind, rule, cause }) => `${kind} of ${rule} at ${clock(cause.time)}`);
}

function tell(version: RuleVersion): string {
  const span = `${clock(version.from)} .. ${clock(version.to)}`.trim();
  const causes = `${nameOf(version.begunBy)} .. ${nameOf(version.endedBy)}`;
  const name = `${version.rule} ${version.version}`;
  return [name, span, contentOf(version), `seen ${clock(version.recordedFrom) || "never"}`, causes].join(" | ").trim();
}

function contentOf({ content }: RuleVersion): string {
  if (content.kind === "unknown") return "unknown";
  return content.kind === "known" ? portsOf(content.rule) : content.candidates.map(portsOf).join(" or ");
}

/** Scenarios tell their rules apart by the destination's ports. */
function portsOf(rule: Rule | null): string {
  if (rule === null) return "none";
  return isUnreadable(rule) ? "unreadable" : rule.destination.ports.join(",");
}

function nameOf(cause: Cause | null): string {
  if (cause === null) return "-";
  return cause.type.replace("security-", "").replace("-", " ");
}

function clock(time: Micros): string {
  if (time === beginningOfTime || time === endOfTime) return "";
  return formatInstant(time)
    .slice(11, 26)
    .replace(/(:00)?\.0+$/, "");
}
