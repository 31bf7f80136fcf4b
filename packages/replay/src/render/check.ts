// Reported against derived, in words and as plain data.

import {
  type CheckBasis,
  type CheckOutcome,
  checkOutcomes,
  formatInstant,
  hasPorts,
  type Micros,
  parseAddress,
  protocolName,
} from "@conntrail/engine";
import {
  type CheckAnswer,
  type CheckCounts,
  type CheckLine,
  type DisagreementAnswer,
  summaryOf,
  total,
} from "../query/check.js";
import { formatEndpoint } from "../query/endpoint.js";
import type { ListInUse } from "../query/lists-in-use.js";
import { formatCount, plural } from "./amount.js";
import { describeBasis, describeClue, describeOutcome, outcomeTitle } from "./check-outcome.js";
import { describeSensor } from "./reported.js";
import { causeData, describeCause } from "./rule.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

const mostLines = 40;

export function renderCheck(answer: CheckAnswer, style: Style): string {
  const parts = [
    style.bold(headline(answer.counts)),
    linesTable(answer, style),
    ...disagreementParts(answer, style),
    doubtsPart(answer, style),
  ];
  return [...parts, restsOn(answer).join("\n")].filter((part) => part !== "").join("\n\n");
}

function headline(counts: CheckCounts): string {
  const { compared, agreed, explained, unexplained, notCompared } = summaryOf(counts);
  if (total(counts) === 0) return "No flow-log tuple is in this evidence: import NSG, VNet or VPC flow logs.";
  if (compared === 0) return `None of ${plural(total(counts), "flow-log tuple")} could be compared.`;
  const left = notCompared === 0 ? "" : `; ${formatCount(notCompared)} more could not be compared`;
  const rest = [
    explained > 0 ? `${formatCount(explained)} more are explained` : "",
    unexplained > 0 ? `${formatCount(unexplained)} are not explained` : "nothing is left unexplained",
  ].filter((part) => part !== "");
  return `${percent(agreed, compared)} of ${plural(compared, "flow-log tuple")} agree; ${rest.join("; ")}${left}.`;
}

/** Never rounded up to all. */
function percent(part: number, whole: number): string {
  return `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`;
}

function linesTable({ lines }: CheckAnswer, style: Style): string {
  if (lines.length === 0) return "";
  const shown = lines.slice(0, mostLines);
  const outcomes = checkOutcomes.filter((outcome) => lines.some(({ counts }) => counts.has(outcome)));
  const head = ["sensor", "rule as logged", "reports", "agree", ...outcomes.map(outcomeTitle)];
  const table = renderTable(
    head,
    shown.map((line) => lineCells(line, outcomes)),
    style,
  );
  const more = lines.length - shown.length;
  return more === 0 ? table : `${table}\nand ${plural(more, "more line")}: narrow it with --sensor or --rule`;
}

function lineCells({ sensor, rule, counts }: CheckLine, outcomes: readonly CheckOutcome[]): string[] {
  const { compared, agreed } = summaryOf(counts);
  return [
    describeSensor(JSON.stringify(sensor)),
    rule?.rule ?? "-",
    formatCount(total(counts)),
    compared === 0 ? "-" : percent(agreed, compared),
    ...outcomes.map((outcome) => (counts.has(outcome) ? formatCount(counts.get(outcome)!) : "-")),
  ];
}

function disagreementParts(answer: CheckAnswer, style: Style): string[] {
  const { disagreements, more } = answer;
  if (disagreements.length === 0) return [];
  const rest = more === 0 ? [] : [`and ${plural(more, "more disagreement")}: see --limit`];
  return [
    [style.bold("Where they differ"), ...disagreements.flatMap((own) => lines(own, answer, style)), ...rest].join("\n"),
  ];
}

function lines(disagreement: DisagreementAnswer, answer: CheckAnswer, style: Style): string[] {
  const { row, outcome, rule, address } = disagreement;
  const title = outcome === "unexplained" ? style.bad(outcomeTitle(outcome)) : style.doubtful(outcomeTitle(outcome));
  const logged = rule?.rule == null ? "" : ` under \`${rule.rule}\``;
  const where =
    address === null
      ? ""
      : `; record ${address.record} of ${address.file}, log position ${address.position}.${address.index}`;
  return [
    `${title}: ${ends(row)}, ${plural(row.reports, "report")}, ${times(row)}`,
    `  ${describeSensor(row.sensor)}: ${row.reported === "allow" ? "allowed" : "denied"}${logged}${where}`,
    `  the rules: ${derivedWords(disagreement)}`,
    `  ${causeWords(disagreement, answer)}`,
  ];
}

function ends(row: DisagreementAnswer["row"]): string {
  const port = hasPorts(row.protocol) ? row.destination_port : null;
  return `${row.source} → ${formatEndpoint(parseAddress(row.destination)!, port)}/${protocolName(row.protocol)}`;
}

function times({ first, last }: DisagreementAnswer["row"]): string {
  const from = formatInstant(first as Micros);
  return first === last ? from : `${from} to ${formatInstant(last as Micros)}`;
}

function derivedWords({ row, derivedRule }: DisagreementAnswer): string {
  const basis = row.basis === "" ? "" : describeBasis(row.basis as CheckBasis);
  const said = row.derived === "deny" ? "DENY" : row.derived;
  if (derivedRule === null) return [said, basis].filter((part) => part !== "").join(", ");
  const { rule, version, isDefault } = derivedRule;
  const by = `${said} by \`${rule}\` ${isDefault ? "default rule" : `v${version}`}`;
  return [by, basis].filter((part) => part !== "").join(", ");
}

function causeWords({ outcome, clue }: DisagreementAnswer, answer: CheckAnswer): string {
  const words = describeOutcome(outcome);
  return clue === null ? words : `${words}: ${describeClue(clue, editWords(answer))}`;
}

function editWords({ editOf, positions }: CheckAnswer): (event: string) => string {
  return (event) => {
    const cause = editOf(event);
    return cause === null ? "by an event that the log no longer holds" : describeCause(cause, positions);
  };
}

/** What to import, so that more can be compared. */
function doubtsPart({ doubts, counts }: CheckAnswer, style: Style): string {
  const unplaced = counts.get("no-interface") ?? 0;
  const interfaces = "import `az network nic show` or `aws ec2 describe-network-interfaces`";
  const own = doubts.map(({ clue, reports }) => {
    const words = clue === null ? describeOutcome("unknown-policy") : describeClue(clue, (event) => event);
    return `  ${plural(reports, "report")}: ${words}`;
  });
  const all =
    unplaced === 0
      ? own
      : [`  ${plural(unplaced, "report")}: ${describeOutcome("no-interface")}: ${interfaces}`, ...own];
  return all.length === 0 ? "" : [style.bold("Not compared"), ...all].join("\n");
}

function restsOn({ first, last, sensors, lists, span }: CheckAnswer): string[] {
  if (first === null || last === null) return [];
  const hours = span.from === null && span.to === null ? "" : ", by whole hours";
  return [
    "Rests on:",
    `  reports of ${plural(sensors, "sensor")} from ${formatInstant(first)} to ${formatInstant(last)}${hours}`,
    "  the rules as a new connection meets them, which is the same under all semantics; what follows an opening fares as it did",
    ...lists.map(listWords),
  ];
}

function listWords({ list, editions }: ListInUse): string {
  if (editions.length === 0) return `  \`${list}\`: no edition is known`;
  const dates = [...new Set(editions.map(({ time }) => formatInstant(time).slice(0, 10)))];
  const shown = dates.length > 4 ? [...dates.slice(0, 2), "…", ...dates.slice(-2)] : dates;
  return `  \`${list}\` in ${plural(dates.length, "edition")}: ${shown.join(", ")}`;
}

export function checkData(answer: CheckAnswer) {
  const { counts, lines: own, disagreements, more, first, last, sensors, lists } = answer;
  const { compared, agreed } = summaryOf(counts);
  return {
    reports: total(counts),
    ...summaryOf(counts),
    agreement: compared === 0 ? null : agreed / compared,
    outcomes: Object.fromEntries(counts),
    rules: own.map((line) => lineData(line)),
    disagreements: disagreements.map((disagreement) => disagreementData(disagreement, answer)),
    more,
    notComparedBecause: answer.doubts,
    restsOn: {
      sensors,
      first: first === null ? null : formatInstant(first),
      last: last === null ? null : formatInstant(last),
      lists: lists.map(({ list, editions }) => ({ list, editions: editions.map(({ time }) => formatInstant(time)) })),
    },
  };
}

function lineData({ sensor, rule, counts }: CheckLine) {
  return { sensor, rule, reports: total(counts), ...summaryOf(counts), outcomes: Object.fromEntries(counts) };
}

export function disagreementData(disagreement: DisagreementAnswer, answer: CheckAnswer) {
  const { row, sensor, rule, derivedRule, outcome, clue, address } = disagreement;
  const edit = clue !== null && "event" in clue && clue.event !== null ? answer.editOf(clue.event) : null;
  return {
    outcome,
    cause: causeWords(disagreement, answer),
    protocol: row.protocol,
    source: row.source,
    destination: row.destination,
    destinationPort: row.destination_port,
    reports: row.reports,
    first: formatInstant(row.first as Micros),
    last: formatInstant(row.last as Micros),
    sensor,
    reported: row.reported,
    rule,
    derived: row.derived,
    derivedRule,
    heldAgainst: row.basis,
    clue,
    edit: causeData(edit, answer.positions),
    evidence: address,
  };
}
