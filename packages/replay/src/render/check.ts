// Reported against derived, in words.

import { checkOutcomes, formatInstant, nameOfId } from "@conntrail/engine";
import type { CheckAnswer } from "../query/check.js";
import { type CheckCounts, type CheckLine, summaryOf, total } from "../query/check-counts.js";
import type { ListInUse } from "../query/lists-in-use.js";
import type { UnplacedSensor } from "../query/unplaced-sensors.js";
import { formatCount, plural } from "./amount.js";
import { describeClue, describeOutcome, outcomeTitle } from "./check-outcome.js";
import { disagreementLines, loggedName } from "./disagreement.js";
import { describeSensor } from "./reported.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

const mostLines = 40;

export function renderCheck(answer: CheckAnswer, style: Style): string {
  const parts = [
    style.bold(headline(answer)),
    linesTable(answer, style),
    disagreementsPart(answer, style),
    notComparedPart(answer, style),
    toImportPart(answer, style),
    restsOn(answer).join("\n"),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function headline({ counts, isNarrowed }: CheckAnswer): string {
  const { judged, compared, agreed, explained, unexplained, notCompared } = summaryOf(counts);
  if (total(counts) === 0) return isNarrowed ? "No report of that time, rule and sensor is in this evidence." : nothing;
  if (judged === 0) return `None of ${plural(total(counts), "report")} tells a verdict: ${nothingJudged}`;
  if (compared === 0) return `None of ${plural(judged, "flow-log tuple")} could be compared.`;
  const left = notCompared === 0 ? "" : `; ${formatCount(notCompared)} more could not be compared`;
  const rest = [
    explained > 0 ? plural(explained, "differs for a known cause", "differ for a known cause") : "",
    unexplained > 0 ? plural(unexplained, "is unexplained", "are unexplained") : "nothing is unexplained",
  ].filter((part) => part !== "");
  return `${percent(agreed, compared)} of ${plural(compared, "flow-log tuple")} agree; ${rest.join("; ")}${left}.`;
}

const nothing = "No flow-log tuple is in this evidence: import NSG, VNet or VPC flow logs.";
const nothingJudged = "sensors that only see are left out, and a VPC flow log needs the field `action`.";

/** Never rounded up to all. */
function percent(part: number, whole: number): string {
  return `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`;
}

function linesTable({ lines }: CheckAnswer, style: Style): string {
  if (lines.length === 0) return "";
  const head = ["sensor", "rule as logged", "reports", "agree", "all else"];
  const table = renderTable(head, lines.slice(0, mostLines).map(lineCells), style);
  const more = lines.length - mostLines;
  return more <= 0 ? table : `${table}\nand ${plural(more, "more line")}: narrow it with --sensor or --rule`;
}

function lineCells({ sensor, rule, counts }: CheckLine): string[] {
  const { compared, agreed } = summaryOf(counts);
  return [
    describeSensor(JSON.stringify(sensor)),
    loggedName(rule, sensor),
    formatCount(total(counts)),
    compared === 0 ? "-" : percent(agreed, compared),
    otherwise(counts),
  ];
}

/** The worst first. */
function otherwise(counts: CheckCounts): string {
  const told = checkOutcomes.filter((outcome) => outcome !== "agrees" && counts.has(outcome)).reverse();
  return told.map((outcome) => `${formatCount(counts.get(outcome)!)} ${outcomeTitle(outcome)}`).join(", ");
}

function disagreementsPart(answer: CheckAnswer, style: Style): string {
  const { disagreements, more } = answer;
  if (disagreements.length === 0) return "";
  const told = disagreements.flatMap((own) => disagreementLines(own, answer, style));
  const rest = more === 0 ? [] : [`and ${formatCount(more)} more: see --limit`];
  return [style.bold("Where they differ"), ...told, ...rest].join("\n");
}

function notComparedPart({ doubts, counts }: CheckAnswer, style: Style): string {
  const unplaced = counts.get("no-interface") ?? 0;
  const nowhere = unplaced === 0 ? [] : [`  ${plural(unplaced, "report")}: ${describeOutcome("no-interface")}`];
  const unknown = doubts.map(({ clue, reports }) => {
    const words = clue === null ? describeOutcome("unknown-policy") : describeClue(clue, (event) => event);
    return `  ${plural(reports, "report")}: ${words}`;
  });
  const all = [...nowhere, ...unknown];
  return all.length === 0 ? "" : [style.bold("Not compared"), ...all].join("\n");
}

function toImportPart({ unplaced }: CheckAnswer, style: Style): string {
  if (unplaced.length === 0) return "";
  const shown = unplaced.slice(0, mostLines).map(unplacedLine);
  const more = unplaced.length - shown.length;
  const rest = more === 0 ? [] : [`  and those of ${plural(more, "more sensor")}`];
  return [style.bold("To compare more, import"), ...shown, ...rest].join("\n");
}

function unplacedLine({ sensor, groups, reports }: UnplacedSensor): string {
  const whose = `${describeSensor(JSON.stringify(sensor))} (${plural(reports, "report")})`;
  return `  for ${whose}: ${exportsOf(sensor, groups).join(", ")}`;
}

function exportsOf({ kind }: UnplacedSensor["sensor"], groups: UnplacedSensor["groups"]): string[] {
  if (kind === "aws-vpc") return ["`aws ec2 describe-network-interfaces`"];
  const shows = groups.map((group) => `\`az network nsg show --name ${nameOfId(group)}\``);
  return ["`az network nic show`", "`az network vnet show`", ...shows];
}

function restsOn({ first, last, sensors, lists, span, standings }: CheckAnswer): string[] {
  if (first === null || last === null) return [];
  const hours = span.from === null && span.to === null ? "" : ", by whole hours";
  const firm = [...standings].map(([standing, reports]) => `${formatCount(reports)} ${standing}`).join(", ");
  return [
    "Rests on:",
    `  ${plural(sensors, "sensor")}, on connections opened from ${formatInstant(first)} to ${formatInstant(last)}${hours}`,
    ...(firm === "" ? [] : [`  our own verdicts: ${firm}`]),
    "  what a new connection meets, which is the same under all semantics; later reports of one fare as its opening did",
    ...lists.map(listWords),
  ];
}

function listWords({ list, editions }: ListInUse): string {
  if (editions.length === 0) return `  \`${list}\`: no edition is known`;
  const dates = [...new Set(editions.map(({ time }) => formatInstant(time).slice(0, 10)))];
  const shown = dates.length > 4 ? [...dates.slice(0, 2), "…", ...dates.slice(-2)] : dates;
  return `  \`${list}\` in ${plural(dates.length, "edition")}: ${shown.join(", ")}`;
}
