// What let a flow record in, and what became of it since: rules that are gone, access that is over.

import {
  type AccessGrant,
  type Cause,
  formatInstant,
  type Micros,
  type Position,
  type RuleVersion,
} from "@conntrail/engine";
import type { Moved, TiedGrant } from "../query/reported-admission.js";
import { formatBytes, formatSpan, plural } from "./amount.js";
import { describeCause, versionData } from "./rule.js";

type Positions = ReadonlyMap<string, Position>;

/** `outlived`: of the rules that let it in, those that had ended, the earliest first. `movedSince`: null where it is not told. */
export type LetIn = {
  readonly outlived: readonly RuleVersion[];
  readonly grants: readonly TiedGrant[];
  readonly movedSince: Moved | null;
};

/** For somebody who has never seen the tool; null where no rule is gone. `verdict`: of a new connection. */
export function outlivedStory({ outlived: [ended], grants }: LetIn, verdict: string): string | null {
  if (ended === undefined) return null;
  const grant = grants.find(({ version }) => version === ended)?.grant;
  const whose = grant?.cause.actor?.who == null ? "" : `, made for ${grant.cause.actor.who},`;
  const now = { deny: " A new connection would be denied.", allow: " A new one would be allowed too." }[verdict] ?? "";
  return [
    `In short: the connection was opened while a rule${whose} allowed it. That rule is gone, but a security group keeps a`,
    `flow record of each connection it let in, and rule edits bind new connections only.${now}`,
  ].join("\n");
}

export function grantLines({ grant, by, version }: TiedGrant, positions: Positions): string[] {
  const written = version.begunBy === null ? [] : [`the rule was written ${describeCause(version.begunBy, positions)}`];
  const until = grant.until === null ? "" : `, until ${formatInstant(grant.until)}${endedEarly(grant)}`;
  const why = grant.justification === null ? "no justification" : `"${grant.justification}"`;
  return [
    ...written,
    `for the just-in-time request of ${describeCause(grant.cause, positions)}: port ${grant.port} from ${grant.sources.join(", ")}${until}, ${why} (tied by ${by})`,
  ];
}

function endedEarly({ end, until }: AccessGrant): string {
  if (end === null || end.because === "expired" || end.time === until) return "";
  return ` (${end.because} ${formatInstant(end.time)})`;
}

/** `at`: the instant asked about. */
export function outlivedLines(
  { outlived, movedSince }: LetIn,
  asked: { readonly positions: Positions; readonly at: Micros },
): string[] {
  const lines = outlived.map((version) => endedRule(version, asked));
  if (movedSince === null) return lines;
  return [...lines, `from then to the end of the evidence ${movedText(movedSince)}`];
}

function endedRule(
  version: RuleVersion,
  { positions, at }: { readonly positions: Positions; readonly at: Micros },
): string {
  const named = `\`${version.rule}\` v${version.version}`;
  if (version.endedBy === null) return `${named} was no longer there ${formatInstant(version.to)}`;
  const span = formatSpan(at - version.to);
  return `${named} was ${howEnded(version.endedBy)} ${describeCause(version.endedBy, positions)}; the record has outlived it by ${span}`;
}

function howEnded({ type }: Cause): string {
  if (type === "access-requested" || type === "access-ended") return "removed with the access it was made for,";
  return type === "security-rule-deleted" ? "deleted" : "changed";
}

export function movedText({ packets, bytesForward, bytesBackward }: Moved): string {
  return `${plural(packets, "packet")}: ${formatBytes(bytesForward)} from the opener, ${formatBytes(bytesBackward)} to it`;
}

export function outlivedData({ outlived }: LetIn, positions: Positions) {
  return outlived.map((version) => versionData(version, positions, null));
}

export function tiedGrantData({ grants }: LetIn, positions: Positions) {
  return grants.map(({ grant, by, version }) => ({
    rule: version.rule,
    tiedBy: by,
    requestor: grant.cause.actor?.who ?? null,
    requestedFrom: grant.cause.actor?.from ?? null,
    requestedAt: formatInstant(grant.from),
    position: positions.get(grant.cause.event) ?? null,
    grant: grant.id,
    until: grant.until === null ? null : formatInstant(grant.until),
    ended: grant.end === null ? null : { time: formatInstant(grant.end.time), because: grant.end.because },
    port: grant.port,
    sources: grant.sources,
    justification: grant.justification,
  }));
}
