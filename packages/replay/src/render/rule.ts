// Rules, versions and who made them, in words and as plain data.

import {
  type Cause,
  endOfTime,
  formatInstant,
  isUnreadable,
  type Micros,
  nameOfId,
  type Position,
  provenanceAt,
  type Rule,
  type RuleContent,
  type RuleSide,
  type RuleVersion,
} from "@conntrail/engine";
import { anyContent } from "../query/rules.js";
import { formatBound } from "./amount.js";
import { plainText } from "./plain-text.js";

/** `priority 100, allow inbound tcp from 203.0.113.7 to 10.1.0.4 port 22`. */
export function describeRule(rule: Rule): string {
  if (isUnreadable(rule)) return `unreadable: ${rule.unreadable}`;
  const priority = formatPriority(rule);
  const first = priority === null ? "" : `priority ${priority}, `;
  const sides = `from ${describeSide(rule.source)} to ${describeSide(rule.destination)}`;
  return `${first}${rule.access} ${rule.direction} ${describeProtocol(rule)} ${sides}`;
}

/** Null: rules of AWS security groups have none, and ours only says that they are asked together. */
export function formatPriority({ priority }: RuleContent): string | null {
  return priority === 0 || priority > 65_535 ? null : String(priority);
}

function describeProtocol({ protocol, icmp }: RuleContent): string {
  if (protocol === "*") return "any protocol";
  if (icmp === undefined || icmp.type === null) return protocol;
  return `${protocol} type ${icmp.type}${icmp.code === null ? "" : ` code ${icmp.code}`}`;
}

function describeSide({ addresses, applicationSecurityGroups, ports }: RuleSide): string {
  const named = applicationSecurityGroups.map(nameOfId);
  const all = [...addresses, ...named].map((address) => (address === "*" ? "anywhere" : address));
  const shown = all.length > 4 ? `${all.slice(0, 4).join(", ")} and ${all.length - 4} more` : all.join(", ");
  return ports.includes("*") ? shown : `${shown} port ${ports.join(", ")}`;
}

/** `nsg-web rule jit-ssh-7 v1 (priority 100, …)`. */
export function describeVersion(version: RuleVersion): string {
  const content = anyContent(version);
  const said = content === null ? "what it says is not known" : describeRule(content);
  const number = version.isDefault ? "default rule" : `v${version.version}`;
  const byHand = version.begunBy?.byHand === true ? ", entered by hand" : "";
  return plainText(`${version.groupName} \`${version.rule}\` ${number} (${said})${byHand}`);
}

/** `2026-03-18T10:00:00.000000Z by Defender for Cloud (log position 48211)`. */
export function describeCause(cause: Cause, positions: ReadonlyMap<string, Position>): string {
  const position = positions.get(cause.event);
  const where = position === undefined ? "" : ` (log position ${position})`;
  const from = cause.actor?.from;
  const who = cause.actor?.who;
  const actor = who == null ? "" : ` by ${who}${from == null ? "" : ` from ${from}`}`;
  const byHand = cause.byHand ? ", entered by hand" : "";
  return plainText(`${formatInstant(cause.time)}${actor}${where}${byHand}`);
}

export function causeData(cause: Cause | null, positions: ReadonlyMap<string, Position>) {
  if (cause === null) return null;
  const { type, time, actor, event, byHand } = cause;
  return { type, time: formatInstant(time), position: positions.get(event) ?? null, byHand, ...actor };
}

export function versionData(version: RuleVersion, positions: ReadonlyMap<string, Position>, at: Micros | null) {
  return {
    group: version.groupName,
    rule: version.rule,
    version: version.version,
    default: version.isDefault,
    from: formatBound(version.from),
    to: formatBound(version.to),
    provenance: provenanceAt(version, at ?? (version.to === endOfTime ? version.recordedFrom : version.from)),
    content: version.content,
    begunBy: causeData(version.begunBy, positions),
    endedBy: causeData(version.endedBy, positions),
  };
}
