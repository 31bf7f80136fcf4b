// Rules of a group as a table and as plain data.

import {
  endOfTime,
  formatInstant,
  isUnreadable,
  type Micros,
  type Position,
  provenanceAt,
  type RuleSide,
  type RuleVersion,
} from "@conntrail/engine";
import { anyContent, type GroupRules } from "../query/rules.js";
import { formatBound } from "./amount.js";
import { causeData, describeCause, formatPriority, versionData } from "./rule.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

const head = [
  "rule",
  "version",
  "direction",
  "priority",
  "access",
  "protocol",
  "source",
  "destination",
  "from",
  "to",
  "known how",
];

type Positions = ReadonlyMap<string, Position>;

/** `at` null: all versions. */
export function renderGroup(group: GroupRules, positions: Positions, style: Style, at: Micros | null): string {
  const parts = [style.bold(`${group.name} (${group.group})${group.byHand ? ", entered by hand" : ""}`)];
  if (group.incomplete !== null) parts.push(style.doubtful(group.incomplete));
  parts.push(
    renderTable(
      head,
      group.versions.map((version) => cells(version, positions, at)),
      style,
    ),
  );
  for (const { kind, rule, message, cause } of group.findings) {
    parts.push(
      style.doubtful(`finding: ${kind}: \`${rule ?? group.name}\` at ${formatInstant(cause.time)}: ${message}`),
    );
  }
  return parts.join("\n");
}

function cells(version: RuleVersion, positions: Positions, at: Micros | null): string[] {
  const began = version.begunBy === null ? formatBound(version.from) : describeCause(version.begunBy, positions);
  const ended = version.endedBy === null ? formatBound(version.to) : describeCause(version.endedBy, positions);
  return [
    version.rule,
    version.isDefault ? "default" : `v${version.version}`,
    ...contentCells(version),
    began,
    ended,
    knownHow(version, at),
  ];
}

function contentCells(version: RuleVersion): string[] {
  const rule = anyContent(version);
  if (rule === null) return ["?", "?", "?", "?", "?", "?"];
  if (isUnreadable(rule))
    return [rule.direction ?? "?", String(rule.priority ?? "?"), rule.access ?? "?", "?", "?", rule.unreadable];
  return [
    rule.direction,
    formatPriority(rule) ?? "-",
    rule.access,
    rule.protocol,
    sideText(rule.source),
    sideText(rule.destination),
  ];
}

function sideText({ addresses, applicationSecurityGroups, ports }: RuleSide): string {
  return `${[...addresses, ...applicationSecurityGroups].join(",")}:${ports.join(",")}`;
}

function knownHow(version: RuleVersion, at: Micros | null): string {
  if (version.content.kind !== "known") return `${version.content.kind}: ${version.content.because}`;
  const byHand = version.begunBy?.byHand === true ? ", entered by hand" : "";
  return `${provenanceAt(version, at ?? (version.to === endOfTime ? version.recordedFrom : version.from))}${byHand}`;
}

export function groupData(group: GroupRules, positions: Positions, at: Micros | null) {
  return {
    group: group.group,
    name: group.name,
    incomplete: group.incomplete,
    enteredByHand: group.byHand,
    rules: group.versions.map((version) => versionData(version, positions, at)),
    findings: group.findings.map(({ kind, rule, message, cause }) => ({
      kind,
      rule,
      message,
      cause: causeData(cause, positions),
    })),
  };
}
