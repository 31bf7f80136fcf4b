// All gaps: what matters most in one line, then a table.

import { beginningOfTime, endOfTime, formatInstant, type Micros, nameOfId } from "@conntrail/engine";
import type { Gap, GapKind, GapOf } from "../query/gap.js";
import { type GapsAnswer, gapsOfKind } from "../query/gaps.js";
import { formatCount, formatSpan, plural } from "./amount.js";
import { gapMeaning, gapSubject, gapTitle, hoursText } from "./gap.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

const head = ["gap", "of", "from", "to", "what it means"];

/** `limit`: rows of the table. */
export function renderGaps(answer: GapsAnswer, limit: number, style: Style): string {
  const { gaps } = answer;
  const shown = gaps.slice(0, limit);
  const table = shown.length === 0 ? "" : renderTable(head, shown.map(cells), style);
  const more = gaps.length - shown.length;
  const rest = more === 0 ? "" : `and ${plural(more, "more gap")}: see --limit, or narrow it with --interface`;
  const parts = [style.bold(headline(gaps, answer.first === null)), table, rest, restsOn(answer)];
  return parts.filter((part) => part !== "").join("\n\n");
}

function cells(gap: Gap): string[] {
  return [gapTitle(gap), gapSubject(gap), gapBound(gap.from), gapBound(gap.to), gapMeaning(gap)];
}

export function gapBound(time: Micros): string {
  return time === beginningOfTime || time === endOfTime ? "-" : formatInstant(time);
}

const mostPhrases = 5;

function headline(gaps: readonly Gap[], isEmpty: boolean): string {
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
    return `${plural(lists.size, "address list")} not known as of then`;
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
  if (none !== undefined) return [`no ${gapSubject(none)}, so rules are as later exports show them`];
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
  const name = id ?? resource ?? mac;
  return name === null ? gapSubject(gap) : nameOfId(name);
}

function lengthOf(own: readonly Gap[]): number {
  return own.reduce((sum, { from, to }) => sum + (to - from), 0);
}

function restsOn({ first, last, sensors, captures, quietReports }: GapsAnswer): string {
  if (first === null || last === null) return "";
  const told = [
    sensors === 0 ? "" : plural(sensors, "sensor"),
    captures === 0 ? "" : plural(captures, "capture"),
    quietReports === 0 ? "" : `${plural(quietReports, "report")} of quiet times (NODATA), which are no gaps`,
  ].filter((part) => part !== "");
  return `Rests on traffic from ${formatInstant(first)} to ${formatInstant(last)}: ${told.join(", ")}.`;
}

export function gapsData(answer: GapsAnswer) {
  const { gaps, first, last, sensors, captures, quietReports } = answer;
  const instant = (time: Micros | null) => (time === null ? null : formatInstant(time));
  return {
    summary: headline(gaps, first === null),
    gaps: gaps.map(gapData),
    restsOn: { first: instant(first), last: instant(last), sensors, captures, quietReports },
  };
}

export function gapData(gap: Gap) {
  const { from, to, kind, ...rest } = gap;
  const instant = (time: Micros) => (time === beginningOfTime || time === endOfTime ? null : formatInstant(time));
  const spans =
    "spans" in rest ? { spans: rest.spans.map((span) => ({ from: instant(span.from), to: instant(span.to) })) } : {};
  const words = { of: gapSubject(gap), title: gapTitle(gap), meaning: gapMeaning(gap) };
  return { kind, ...words, from: instant(from), to: instant(to), ...rest, ...spans };
}
