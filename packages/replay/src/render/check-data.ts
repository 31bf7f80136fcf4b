// Reported against derived, as plain data.

import { formatInstant, type Micros } from "@conntrail/engine";
import type { CheckAnswer } from "../query/check.js";
import { type CheckLine, summaryOf, total } from "../query/check-counts.js";
import type { DisagreementAnswer } from "../query/disagreements.js";
import { clueData } from "./check-outcome.js";
import { causeWords } from "./disagreement.js";
import { causeData } from "./rule.js";

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
    notComparedBecause: answer.doubts.map(({ clue, reports }) => ({ reports, ...clueData(clue) })),
    unplacedSensors: answer.unplaced,
    restsOn: {
      sensors,
      standings: Object.fromEntries(answer.standings),
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
    standing: row.standing,
    derivedRule,
    heldAgainst: row.basis,
    clue: clueData(clue),
    edit: causeData(edit, answer.positions),
    evidence: address,
  };
}
