// How a gap shows, what it means for answers, and what to fetch.

import { type DroppedBy, formatInstant, unreachable } from "@conntrail/engine";
import type { Cloud, Gap, GapOf, MissingBecause } from "../query/gap.js";
import { formatCount, formatSpan, plural } from "./amount.js";
import { offsetText } from "./gap.js";

export function gapMeaning(gap: Gap): string {
  switch (gap.kind) {
    case "missing-hours":
      return `${missingWords[gap.because](gap)}: what passed there then is not known`;
    case "no-report":
      return `in ${formatCount(gap.hours)} of ${plural(gap.ofHours, "hour")}${spansText(gap)}: quiet, or not in the case`;
    case "skipped":
      return `the platform saw flows and did not keep them${spansText(gap)}`;
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
    case "unplaced":
      return "no rules are held against what was seen there: import `az network nic show` or `aws ec2 describe-network-interfaces`";
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

function spansText({ spans }: GapOf<"no-report" | "skipped">): string {
  if (spans.length === 1) return "";
  const shown = spans.slice(0, mostSpans).map(({ from }) => formatInstant(from).slice(0, 16).replace("T", " "));
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

const changeRemedies: { readonly [cloud in Cloud]: string } = {
  azure: "`az monitor activity-log list` reaches back 90 days",
  aws: "`aws cloudtrail lookup-events` reaches back 90 days",
};

function changeWords({ cloud, is }: GapOf<"changes">): string {
  const remedy = changeRemedies[cloud];
  switch (is) {
    case "none":
      return `not in the case, so rules may have changed unseen: ${remedy}`;
    case "before":
      return `no record until then tells of changes, and no group was seen before: ${remedy}`;
    case "after":
      return `no record from then on tells of changes, and no group was seen behind: ${remedy}`;
    default:
      return unreachable(is);
  }
}

const listWords: { readonly [is in GapOf<"list">["is"]]: string } = {
  "never-shown": "no edition is in the case: rules that name it are unknown",
  "shown-later": "the first edition in the case is later: what it held is inferred",
  "shown-earlier": "the edition in force is more than a week old: what it held may have changed",
};
