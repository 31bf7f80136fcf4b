// One gap in words: what it is of, what is missing there, what that means for answers, and what to fetch.

import {
  type DroppedBy,
  formatInstant,
  interfaceOfPlace,
  type Micros,
  microsPerHour,
  nameOfId,
  type ReportingSensor,
  unreachable,
} from "@conntrail/engine";
import type { Cloud, Gap, GapOf, MissingBecause, Witness } from "../query/gap.js";
import { formatCount, formatSpan, plural } from "./amount.js";
import { describeSensor } from "./reported.js";

/** What the gap is of: a sensor, an interface, a group. */
export function gapSubject(gap: Gap): string {
  switch (gap.kind) {
    case "missing-hours":
    case "no-report":
    case "skipped":
      return sensorText(gap.sensor);
    case "dropped":
    case "no-capture":
      return placeText(gap.place);
    case "unread-records":
    case "unfinished-import":
      return gap.source;
    case "uncovered":
      return names(gap.interfaces.map(({ name }) => name));
    case "flow-timeout":
      return nameOfId(gap.network);
    case "rules-late":
      return names(gap.groups.map(nameOfId));
    case "changes":
      return changeLogs[gap.cloud].title;
    case "access-late":
      return gap.name;
    case "list":
      return names(gap.lists);
    case "clock-skew":
      return gap.witnesses.map(witnessText).join(" and ");
    default:
      return unreachable(gap);
  }
}

export function gapTitle(gap: Gap): string {
  switch (gap.kind) {
    case "missing-hours":
      return gap.because === "alone-silent" ? "likely missing" : "missing";
    case "no-report":
      return "no report";
    case "skipped":
      return `SKIPDATA ×${formatCount(gap.records)}`;
    case "dropped":
      return `${plural(gap.packets, "packet")} dropped`;
    case "no-capture":
      return "no capture";
    case "unread-records":
      return "unread records";
    case "unfinished-import":
      return "import not finished";
    case "uncovered":
      return "not watched";
    case "flow-timeout":
      return gap.shown ? "flow timeout unset" : "flow timeout not known";
    case "rules-late":
      return `rules ${gap.doubt}`;
    case "changes":
      return "changes not told";
    case "access-late":
      return `policy ${gap.doubt}`;
    case "list":
      return listTitles[gap.is];
    case "clock-skew":
      return `clocks ${offsetText(gap.offsetMicros)} apart`;
    default:
      return unreachable(gap);
  }
}

/** How it shows, and what it means for answers. */
export function gapMeaning(gap: Gap): string {
  switch (gap.kind) {
    case "missing-hours":
      return `${missingWords[gap.because](gap)}: what passed there then is not known`;
    case "no-report":
      return `in ${formatCount(gap.hours)} of ${plural(gap.ofHours, "hour")}${spansText(gap)}: quiet, or not in the case`;
    case "skipped":
      return "the platform saw flows and did not keep them";
    case "dropped":
      return `${droppedText(gap.droppedBy)}: counts are too low, and connections may lack their opening`;
    case "no-capture":
      return `${formatSpan(gap.to - gap.from)} between two captures of the place: quiet, or not captured`;
    case "unread-records":
      return `${problemsText(gap)}: see \`conntrail import --problems\``;
    case "unfinished-import":
      return "what follows is not in the case: import it again";
    case "uncovered":
      return "neither captured nor in a flow log: that no traffic is known there says nothing";
    case "flow-timeout":
      return "inbound TCP under rules of your own is logged without counts, so byte counts are unreliable";
    case "rules-late":
      return gap.because;
    case "changes":
      return changeWords(gap);
    case "access-late":
      return gap.doubt === "unknown" ? "what it said is not recorded" : "it was seen only later";
    case "list":
      return listWords[gap.is];
    case "clock-skew":
      return `${plural(gap.connections, "connection")} opened ${offsetText(gap.offsetMicros)} ${gap.offsetMicros > 0 ? "later" : "earlier"} at the second, in the median`;
    default:
      return unreachable(gap);
  }
}

const missingWords: { readonly [because in MissingBecause]: (gap: GapOf<"missing-hours">) => string } = {
  "reports-quiet-times": () => "its log reports quiet times too, and nothing here",
  "whole-log-silent": ({ silent }) =>
    `all ${formatCount(silent)} of its interfaces that report before and after are silent`,
  "seen-by-others": () => "others saw its traffic",
  "alone-silent": () => "it reports in nearly all other hours, and others of its log in this one",
};

const mostSpans = 3;

function spansText({ spans }: GapOf<"no-report">): string {
  if (spans.length === 1) return "";
  const shown = spans.slice(0, mostSpans).map(({ from }) => formatInstant(from).slice(0, 13).replace("T", " "));
  return ` (${shown.join(", ")}${spans.length > mostSpans ? ", …" : ""})`;
}

function droppedText(by: DroppedBy | null): string {
  switch (by) {
    case "interface":
      return "the network interface had no room";
    case "system":
      return "the operating system had no room";
    case null:
      return "the capture does not say where";
    default:
      return unreachable(by);
  }
}

function problemsText({ problems }: GapOf<"unread-records">): string {
  return Object.entries(problems)
    .map(([kind, count]) => `${formatCount(count)} ${kind}`)
    .join(", ");
}

const changeLogs: { readonly [cloud in Cloud]: { readonly title: string; readonly remedy: string } } = {
  azure: { title: "Activity Log", remedy: "`az monitor activity-log list` reaches back 90 days" },
  aws: { title: "CloudTrail", remedy: "`aws cloudtrail lookup-events` reaches back 90 days" },
};

function changeWords({ cloud, is, from, to }: GapOf<"changes">): string {
  const { remedy } = changeLogs[cloud];
  switch (is) {
    case "none":
      return `not in the case, so rules may have changed unseen: ${remedy}`;
    case "before":
      return `its records start ${formatInstant(to)}; changes before are not known: ${remedy}`;
    case "after":
      return `its records end ${formatInstant(from)}; changes behind are not known: ${remedy}`;
    default:
      return unreachable(is);
  }
}

const listTitles: { readonly [is in GapOf<"list">["is"]]: string } = {
  "never-shown": "list not known",
  "shown-later": "list inferred",
  "shown-earlier": "list out of date",
};

const listWords: { readonly [is in GapOf<"list">["is"]]: string } = {
  "never-shown": "no edition is in the case: rules that name it are unknown",
  "shown-later": "the first edition in the case is later: what it held is inferred",
  "shown-earlier": "the edition in force is more than a week old: what it held may have changed",
};

function names(all: readonly string[]): string {
  const shown = all.slice(0, 3).join(", ");
  return all.length > 3 ? `${shown} and ${formatCount(all.length - 3)} more` : shown;
}

function sensorText(sensor: ReportingSensor): string {
  return describeSensor(JSON.stringify(sensor));
}

/** The name that the user gave it, else of its source. */
export function placeText(place: string): string {
  return interfaceOfPlace(place) ?? `capture ${place.slice(0, 12)}`;
}

function witnessText(witness: Witness): string {
  return witness.is === "sensor" ? sensorText(witness.sensor) : placeText(witness.place);
}

function offsetText(micros: number): string {
  return formatSpan(Math.abs(micros));
}

/** `2026-03-18T03` where it is one hour, else both ends. */
export function hoursText({ from, to }: { readonly from: Micros; readonly to: Micros }): string {
  const isHour = from % microsPerHour === 0 && to - from === microsPerHour;
  if (isHour) return `hour ${formatInstant(from).slice(0, 13).replace("T", " ")}`;
  return `${formatInstant(from).slice(0, 16)}Z to ${formatInstant(to).slice(0, 16)}Z`;
}
