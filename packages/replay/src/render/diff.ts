// What changed between two instants, in words and as plain data.

import { formatInstant, type Position, type Region, type RuleDifference } from "@conntrail/engine";
import { type DiffAnswer, type GroupDiff, isDifferent } from "../query/diff.js";
import type { ReferenceChange } from "../query/reference-change.js";
import { formatCount, plural } from "./amount.js";
import { plainText } from "./plain-text.js";
import { describeAddressRange, describeRegion } from "./region.js";
import { describeDifference, differenceData } from "./rule-difference.js";
import type { Style } from "./style.js";

type Positions = ReadonlyMap<string, Position>;

const mostRegions = 30;

export function renderDiff(answer: DiffAnswer, style: Style): string {
  const changed = answer.groups.filter(isWorthTelling);
  const groups = changed.map((group) => renderGroup(group, answer.positions, style));
  const references = answer.references.map((change) => describeReference(change));
  const same = isDifferent(answer) ? [] : ["No rule, and nothing that rules let through, is different."];
  return [describeSpan(answer), ...groups, ...references, ...same, describeFlows(answer)].join("\n\n");
}

function isWorthTelling({ there, rules, reach, incomplete }: GroupDiff): boolean {
  if (there.before !== there.after) return true;
  const unseen = incomplete.before !== null || incomplete.after !== null;
  return rules.length > 0 || unseen || (reach !== null && (reach.regions.length > 0 || reach.leftOut > 0));
}

function describeSpan({ question }: DiffAnswer): string {
  const { from, to, endOfEvidence } = question;
  const begin = from === null ? "the beginning of the evidence" : `${formatInstant(from)} (included)`;
  const end =
    to === null ? `the end of the evidence, ${formatInstant(endOfEvidence)}` : `${formatInstant(to)} (excluded)`;
  return `From ${begin} to ${end}`;
}

function renderGroup(group: GroupDiff, positions: Positions, style: Style): string {
  const lines = [
    ...presence(group),
    ...incompleteness(group).map(style.doubtful),
    ...group.rules.map((difference) => describeDifference(difference, positions)),
    ...regionLines(group, style),
  ];
  return [style.bold(`${group.name}: ${summary(group)}`), ...lines.map((line) => plainText(`  ${line}`))].join("\n");
}

function summary({ rules }: GroupDiff): string {
  const count = (is: RuleDifference["is"]) => rules.filter((difference) => difference.is === is).length;
  const moved = rules.filter(
    (difference) => difference.is === "changed" && difference.fields.some(({ field }) => field === "priority"),
  ).length;
  const parts = [
    `+${count("added")} −${count("removed")} rules`,
    `${count("changed")} changed`,
    ...(moved > 0 ? [`${plural(moved, "priority", "priorities")} moved`] : []),
    ...(count("unknown") > 0 ? [`${count("unknown")} not known`] : []),
  ];
  return parts.join(", ");
}

function presence({ there }: GroupDiff): string[] {
  if (!there.before && there.after) return ["the group was made in the span"];
  return there.before && !there.after ? ["the group was deleted in the span"] : [];
}

function incompleteness({ incomplete }: GroupDiff): string[] {
  const { before, after } = incomplete;
  if (before === after) return before === null ? [] : [`there may be more: ${before}`];
  return [
    ...(before === null ? [] : [`there may have been more at the beginning: ${before}`]),
    ...(after === null ? [] : [`there may be more at the end: ${after}`]),
  ];
}

function regionLines({ reach, named }: GroupDiff, style: Style): string[] {
  if (reach === null) return [];
  const shown = reach.regions.slice(0, mostRegions).map((region) => {
    const { word, paint } = changeOf(region, style);
    return `${paint(word)} ${region.direction}: ${describeRegion(region, named)}`;
  });
  const more = reach.regions.length - shown.length;
  const left = reach.leftOut;
  return [
    ...shown,
    ...(more > 0 ? [`and ${plural(more, "more region")}: see them with -o json`] : []),
    ...(left > 0
      ? [`${formatCount(left)} combinations of addresses, ports and protocols were too many to compare`]
      : []),
  ];
}

function changeOf({ before, after }: Region, style: Style): { word: string; paint: (text: string) => string } {
  if (after === "unknown") return { word: `no longer known (was ${before})`, paint: style.doubtful };
  if (before === "unknown") return { word: `known now to ${after}`, paint: style.doubtful };
  if (after === "deny") return { word: "newly closed", paint: style.bad };
  return { word: before === "deny" ? "newly open" : `${before} became ${after}`, paint: style.good };
}

function describeReference({ name, come, gone, newlyAllowed }: ReferenceChange): string {
  const flows = newlyAllowed.length === 0 ? "" : `; ${plural(newlyAllowed.length, "flow")} newly allowed by that alone`;
  return plainText(`${name} +${come.length} −${gone.length} addresses and prefixes${flows}`);
}

function describeFlows({ flows }: DiffAnswer): string {
  const { opened, ended, surviving } = flows;
  return `Flow records: ${opened.length} opened, ${ended.length} ended, ${surviving.length} surviving`;
}

export function diffData(answer: DiffAnswer) {
  const { question, groups, references, flows, positions } = answer;
  const ids = (rows: DiffAnswer["flows"]["opened"]) => rows.map(({ id }) => id);
  return {
    from: question.from === null ? null : formatInstant(question.from),
    to: question.to === null ? null : formatInstant(question.to),
    different: isDifferent(answer),
    groups: groups.map((group) => groupDiffData(group, positions)),
    references: references.map((change) => ({ ...change, newlyAllowed: ids(change.newlyAllowed) })),
    flows: { opened: ids(flows.opened), ended: ids(flows.ended), surviving: ids(flows.surviving) },
  };
}

export function groupDiffData({ group, name, there, incomplete, rules, reach }: GroupDiff, positions: Positions) {
  return {
    group,
    name,
    there,
    incomplete,
    rules: rules.map((difference) => differenceData(difference, positions)),
    regions: reach?.regions.map(regionData) ?? null,
    leftOut: reach?.leftOut ?? 0,
  };
}

function regionData({ source, destination, ...region }: Region) {
  return {
    ...region,
    source: source.ranges.map(describeAddressRange),
    destination: destination.ranges.map(describeAddressRange),
  };
}
