// All gaps in one line: a phrase for each kind, what loses most first.

import { formatInstant, type Micros, nameOfId } from "@conntrail/engine";
import type { Gap, GapKind, GapOf } from "../query/gap.js";
import { gapsOfKind } from "../query/gaps.js";
import { formatCount, formatSpan, plural } from "./amount.js";
import { gapSubject, hoursText } from "./gap.js";

const mostPhrases = 5;

/** `isEmpty`: there is no traffic at all. */
export function gapsHeadline(gaps: readonly Gap[], isEmpty: boolean): string {
  if (gaps.length === 0) return isEmpty ? "No traffic is in the case, so there is nothing to miss." : "No gaps.";
  const phrases = summaries.flatMap((summary) => summary(gaps));
  const shown = phrases.slice(0, mostPhrases).join("; ");
  const text = phrases.length > mostPhrases ? `${shown}; and more` : shown;
  return `${plural(gaps.length, "gap")}: ${text}.`;
}

type Summary = (gaps: readonly Gap[]) => string[];

/** One phrase for all gaps of a kind. */
function summary<Kind extends GapKind>(kind: Kind, words: (own: readonly GapOf<Kind>[]) => string): Summary {
  return (gaps) => {
    const own = gapsOfKind(gaps, kind);
    return own.length === 0 ? [] : [words(own)];
  };
}

const summaries: readonly Summary[] = [
  (gaps) => missingSummary(gapsOfKind(gaps, "missing-hours")),
  summary("skipped", (own) => {
    const records = own.reduce((sum, gap) => sum + gap.records, 0);
    return `${subjectsText(own, "sensor")} SKIPDATA ×${formatCount(records)}`;
  }),
  summary("dropped", (own) => {
    const packets = own.reduce((sum, gap) => sum + gap.packets, 0);
    return `${plural(packets, "packet")} dropped at ${subjectsText(own, "place")}`;
  }),
  summary("no-capture", (own) => `no capture of ${subjectsText(own, "place")} for ${formatSpan(lengthOf(own))}`),
  summary("unread-records", (own) => `records of ${plural(own.length, "file")} could not be read`),
  summary("unfinished-import", (own) => `${plural(own.length, "import")} not finished`),
  summary("unplaced", (own) => {
    const witnesses = own.flatMap((gap) => gap.witnesses);
    return `no interface known for ${plural(witnesses.length, "sensor or capture", "sensors and captures")}`;
  }),
  summary("uncovered", (own) => {
    const interfaces = own.flatMap((gap) => gap.interfaces);
    return `${interfaces.length === 1 ? interfaces[0]!.name : plural(interfaces.length, "interface")} not watched`;
  }),
  summary("flow-timeout", (own) => {
    const isShown = own.some(({ shown }) => shown);
    return `flow timeout ${isShown ? "unset" : "not known"} on ${subjectsText(own, "network")}, so byte counts are unreliable`;
  }),
  summary(
    "clock-skew",
    (own) => `clocks of ${subjectsText(own, "pair")} ${formatSpan(Math.abs(own[0]!.offsetMicros))} apart`,
  ),
  (gaps) => historySummary(gaps),
  summary("access-late", (own) => `just-in-time policy ${subjectsText(own, "policy", "policies")} seen late`),
  summary("list", (own) => {
    const lists = new Set(own.flatMap((gap) => gap.lists));
    return `contents of ${plural(lists.size, "address list")} not known for that time`;
  }),
  summary("no-report", (own) => {
    const hours = own.reduce((sum, gap) => sum + gap.hours, 0);
    return `${subjectsText(own, "sensor")} without a report in ${plural(hours, "hour")}, quiet or not in the case`;
  }),
];

function missingSummary(own: readonly GapOf<"missing-hours">[]): string[] {
  const [first, ...others] = own;
  if (first === undefined) return [];
  const likely = first.because === "alone-silent" ? "likely " : "";
  const text = `${shortName(first)} ${hoursText(first)} ${likely}missing`;
  const hours = others.reduce((sum, gap) => sum + gap.hours, 0);
  return [others.length === 0 ? text : `${text}, and ${plural(hours, "hour")} more`];
}

/** Where the history of rules begins, or why it has none. */
function historySummary(gaps: readonly Gap[]): string[] {
  const changes = gapsOfKind(gaps, "changes");
  const late = gapsOfKind(gaps, "rules-late");
  const begun = changes.find(({ is }) => is === "before");
  if (begun !== undefined) return [`policy history starts ${minuteText(begun.to)}`];
  const none = changes.find(({ is }) => is === "none");
  if (none !== undefined) return [`no ${gapSubject(none)}, so changes of rules are not known`];
  const groups = new Set(late.flatMap((gap) => gap.groups));
  if (groups.size > 0) return [`rules of ${plural(groups.size, "group")} not recorded for a time`];
  return changes.map(({ from }) => `policy history ends ${minuteText(from)}`).slice(0, 1);
}

function minuteText(time: Micros): string {
  return `${formatInstant(time).slice(0, 16)}Z`;
}

/** The one subject by its name, or how many there are. */
function subjectsText(own: readonly Gap[], one: string, many = `${one}s`): string {
  const subjects = new Set(own.map(gapSubject));
  return subjects.size === 1 ? shortName(own[0]!) : plural(subjects.size, one, many);
}

/** Of a sensor what it stands at, or logs. */
function shortName(gap: Gap): string {
  if (!("sensor" in gap)) return gapSubject(gap);
  const { interface: id, resource, mac } = gap.sensor;
  const name = id ?? resource;
  if (name === null) return mac ?? gapSubject(gap);
  return mac === null ? nameOfId(name) : `${nameOfId(name)} at ${mac}`;
}

function lengthOf(own: readonly Gap[]): number {
  return own.reduce((sum, { from, to }) => sum + (to - from), 0);
}
