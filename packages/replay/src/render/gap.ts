// One gap in words: what it is of, what is missing there, what that means for answers, and what to fetch.

import {
  formatInstant,
  type Micros,
  microsPerHour,
  nameOfId,
  type ReportingSensor,
  unreachable,
} from "@conntrail/engine";
import type { Cloud, Gap, GapOf, Witness } from "../query/gap.js";
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
      return gap.name;
    case "unread-records":
    case "unfinished-import":
      return gap.source;
    case "uncovered":
      return names(gap.interfaces.map(({ name }) => name));
    case "unplaced":
      return names(gap.witnesses.map(witnessText));
    case "flow-timeout":
      return nameOfId(gap.network);
    case "rules-late":
      return names(gap.groups.map(nameOfId));
    case "changes":
      return changeLogTitles[gap.cloud];
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
    case "unplaced":
      return "interface not known";
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

const changeLogTitles: { readonly [cloud in Cloud]: string } = { azure: "Activity Log", aws: "CloudTrail" };

const listTitles: { readonly [is in GapOf<"list">["is"]]: string } = {
  "never-shown": "list not known",
  "shown-later": "list inferred",
  "shown-earlier": "list out of date",
};

function names(all: readonly string[]): string {
  const shown = all.slice(0, 3).join(", ");
  return all.length > 3 ? `${shown} and ${formatCount(all.length - 3)} more` : shown;
}

function sensorText(sensor: ReportingSensor): string {
  return describeSensor(JSON.stringify(sensor));
}

function witnessText(witness: Witness): string {
  return witness.is === "sensor" ? sensorText(witness.sensor) : witness.name;
}

export function offsetText(micros: number): string {
  return formatSpan(Math.abs(micros));
}

/** `2026-03-18T03` where it is one hour, else both ends. */
export function hoursText({ from, to }: { readonly from: Micros; readonly to: Micros }): string {
  const isHour = from % microsPerHour === 0 && to - from === microsPerHour;
  if (isHour) return `hour ${formatInstant(from).slice(0, 13).replace("T", " ")}`;
  return `${formatInstant(from).slice(0, 16)}Z to ${formatInstant(to).slice(0, 16)}Z`;
}
