// Where a report and the rules differ, in words: what the log says, what the rules say, the likeliest cause, and where the
// evidence stands.

import {
  type CheckBasis,
  formatInstant,
  hasPorts,
  type Micros,
  nameOfId,
  parseAddress,
  protocolName,
  type ReportedRule,
  type ReportingSensor,
} from "@conntrail/engine";
import type { CheckAnswer } from "../query/check.js";
import type { DisagreementAnswer } from "../query/disagreements.js";
import { formatEndpoint } from "../query/endpoint.js";
import { plural } from "./amount.js";
import { describeBasis, describeClue, describeOutcome, outcomeTitle } from "./check-outcome.js";
import { describeSensor } from "./reported.js";
import { describeCause } from "./rule.js";
import type { Style } from "./style.js";

export function disagreementLines(disagreement: DisagreementAnswer, answer: CheckAnswer, style: Style): string[] {
  const { row, outcome } = disagreement;
  const title = outcome === "unexplained" ? style.bad(outcomeTitle(outcome)) : style.doubtful(outcomeTitle(outcome));
  return [
    `${title}: ${ends(row)}, ${plural(row.reports, "report")}, ${times(row)}`,
    `  reported  ${reportedWords(disagreement)}`,
    `  derived   ${derivedWords(disagreement)}`,
    `  cause     ${causeWords(disagreement, answer)}`,
    ...evidenceLine(disagreement),
  ];
}

function ends(row: DisagreementAnswer["row"]): string {
  const port = hasPorts(row.protocol) ? row.destination_port : null;
  return `${row.source} → ${formatEndpoint(parseAddress(row.destination)!, port)}/${protocolName(row.protocol)}`;
}

/** Of its openings. */
function times({ first, last }: DisagreementAnswer["row"]): string {
  const from = formatInstant(first as Micros);
  return first === last ? from : `${from} to ${formatInstant(last as Micros)}`;
}

function reportedWords({ row, rule, sensor }: DisagreementAnswer): string {
  const under = rule?.rule == null ? "" : ` under \`${loggedName(rule, sensor)}\``;
  return `${row.reported === "allow" ? "allowed" : "denied"}${under}: ${describeSensor(row.sensor)}`;
}

/** With the group where the log is not that group's own. */
export function loggedName(rule: ReportedRule | null, { kind }: ReportingSensor): string {
  if (rule?.rule == null) return "-";
  const isOfGroup = kind === "azure-vnet" && rule.group !== null && nameOfId(rule.group) !== rule.group;
  return isOfGroup ? `${nameOfId(rule.group)}/${rule.rule}` : rule.rule;
}

function derivedWords({ row, derivedRule }: DisagreementAnswer): string {
  const basis = row.basis === "" ? "" : describeBasis(row.basis as CheckBasis);
  const said = { allow: "allowed", deny: "denied" }[row.derived] ?? row.derived;
  return [`${said}${derivedBy(derivedRule)}`, row.standing, basis].filter((part) => part !== "").join(", ");
}

function derivedBy(derivedRule: DisagreementAnswer["derivedRule"]): string {
  if (derivedRule === null) return "";
  const { rule, version, isDefault, group } = derivedRule;
  return ` by \`${rule}\` ${isDefault ? "(default rule)" : `v${version}`} of ${nameOfId(group)}`;
}

export function causeWords({ outcome, clue }: DisagreementAnswer, answer: CheckAnswer): string {
  const words = describeOutcome(outcome);
  return clue === null ? words : `${words}; ${describeClue(clue, editWords(answer))}`;
}

function editWords({ editOf, positions }: CheckAnswer): (event: string) => string {
  return (event) => {
    const cause = editOf(event);
    return cause === null ? "by an event that the log no longer holds" : describeCause(cause, positions);
  };
}

function evidenceLine({ address }: DisagreementAnswer): string[] {
  if (address === null) return [];
  const { file, record, position, index } = address;
  return [`  evidence  record ${record} of ${file}: \`conntrail log show ${position}.${index} --source\``];
}
