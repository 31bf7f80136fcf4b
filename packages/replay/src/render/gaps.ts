// All gaps: what matters most in one line, then a table.

import { beginningOfTime, endOfTime, formatInstant, type Micros } from "@conntrail/engine";
import type { Gap } from "../query/gap.js";
import type { GapsAnswer } from "../query/gaps.js";
import { plural } from "./amount.js";
import { gapSubject, gapTitle } from "./gap.js";
import { gapMeaning } from "./gap-meaning.js";
import { gapsHeadline } from "./gaps-summary.js";
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
  const parts = [style.bold(gapsHeadline(gaps, answer.first === null)), table, rest, restsOn(answer)];
  return parts.filter((part) => part !== "").join("\n\n");
}

function cells(gap: Gap): string[] {
  return [gapTitle(gap), gapSubject(gap), gapBound(gap.from), gapBound(gap.to), gapMeaning(gap)];
}

export function gapBound(time: Micros): string {
  return time === beginningOfTime || time === endOfTime ? "-" : formatInstant(time);
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
    summary: gapsHeadline(gaps, first === null),
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
