// Just-in-time access as a table with its findings, and as plain data.

import {
  type AccessFinding,
  type AccessGrant,
  type AccessSetUp,
  endOfTime,
  formatInstant,
  type GrantMatch,
  type Micros,
  nameOfId,
  type RuleVersion,
  unreachable,
} from "@conntrail/engine";
import { isReported } from "../query/flows.js";
import type { GrantAnswer, JitAnswer, RefusedRequest } from "../query/jit.js";
import type { Session } from "../query/jit-session.js";
import { formatBound, formatBytes, formatSpan, plural } from "./amount.js";
import { flowData, flowText } from "./flow.js";
import { plainText } from "./plain-text.js";
import { describeSensor, reportedData } from "./reported.js";
import { causeData, describeCause, describeVersion, versionData } from "./rule.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

const head = [
  "grant",
  "who",
  "machine",
  "port",
  "from where",
  "why",
  "from",
  "until",
  "status",
  "sessions",
  "overstay",
  "bytes after",
];

export function renderJit(answer: JitAnswer, style: Style): string {
  const parts = [
    style.bold(`${plural(answer.grants.length, "just-in-time grant")}, as of ${formatInstant(answer.at)}`),
  ];
  if (answer.grants.length > 0) parts.push(renderTable(head, answer.grants.map(cells), style));
  parts.push(...answer.grants.map((grant) => grantSection(grant, answer, style)));
  if (answer.refused.length > 0) {
    parts.push([style.bold("Refused requests"), ...answer.refused.map(refusedLine)].join("\n"));
  }
  parts.push(...answer.setUps.map((setUp) => setUpSection(setUp, style)));
  const findings = answer.findings.map((finding) => style.doubtful(plainText(findingLine(finding, answer))));
  if (findings.length > 0) parts.push(findings.join("\n"));
  return parts.join("\n\n");
}

function cells({ grant, status, sessions }: GrantAnswer): string[] {
  const { overstayMicros, bytesAfter } = afterEnd(sessions);
  return [
    grant.id,
    `${grant.cause.actor?.who ?? "unknown"}${grant.cause.byHand ? " (entered by hand)" : ""}`,
    nameOfId(grant.machine),
    `${grant.port}${grant.protocol === null || grant.protocol === "*" ? "" : `/${grant.protocol}`}`,
    grant.sources.length === 0 ? "unknown" : grant.sources.join(", "),
    grant.justification ?? "-",
    formatInstant(grant.from),
    grant.until === null ? "not recorded" : formatInstant(grant.until),
    statusText(grant, status),
    String(sessions.length),
    overstayMicros === 0 ? "-" : formatSpan(overstayMicros),
    overstayMicros === 0 ? "-" : bytesText(bytesAfter),
  ];
}

function grantSection({ grant, rules, sessions }: GrantAnswer, { positions }: JitAnswer, style: Style): string {
  const lines = [
    `requested ${describeCause(grant.cause, positions)}`,
    ...rules.map(({ version, by }) => ruleLine(version, by)),
    ...(rules.length === 0 ? ["no rule that was made for it is in the evidence"] : []),
    ...sessions.map(sessionLine),
  ];
  return [style.bold(grant.id), ...lines.map((line) => `  ${line}`)].join("\n");
}

function ruleLine(version: RuleVersion, by: GrantMatch["by"]): string {
  return `${describeVersion(version)}, ${formatBound(version.from)} to ${formatBound(version.to)} (tied by ${by})`;
}

function sessionLine({ flow, overstayMicros, bytesAfter }: Session): string {
  const lived = formatSpan(flow.last_seen - flow.opened_at);
  const past = `${formatSpan(overstayMicros)} past the grant's end, ${bytesText(bytesAfter)} in that time`;
  const told = isReported(flow) ? `, as reported by ${describeSensor(flow.sensor)}` : "";
  const opened = `${flow.id} ${flowText(flow)}: opened ${formatInstant(flow.opened_at as Micros)}, lived ${lived}${told}`;
  return overstayMicros === 0 ? opened : `${opened}, ${past}`;
}

/** The longest overstay, and what moved in all of them; null where it is not told of each. */
function afterEnd(sessions: readonly Session[]) {
  const bytes = sessions.map(({ bytesAfter }) => bytesAfter);
  return {
    overstayMicros: Math.max(0, ...sessions.map((session) => session.overstayMicros)),
    bytesAfter: bytes.includes(null) ? null : bytes.reduce<number>((sum, own) => sum + own!, 0),
  };
}

function bytesText(bytes: number | null): string {
  return bytes === null ? "bytes not told" : formatBytes(bytes);
}

function statusText({ end, until }: AccessGrant, status: GrantAnswer["status"]): string {
  return status === "active" || end === null || end.time === until ? status : `${status} ${formatInstant(end.time)}`;
}

function refusedLine({ time, actor, data }: RefusedRequest): string {
  const asked = (data.grants ?? []).map(({ machine, port }) => `port ${port} of ${nameOfId(machine)}`);
  const what = asked.length === 0 ? "" : ` for ${asked.join(", ")}`;
  return plainText(
    `  ${formatInstant(time)} ${actor?.who ?? "unknown"}${what}: ${data.refusal ?? "no reason is recorded"}`,
  );
}

function setUpSection({ policy, revoked }: AccessSetUp, style: Style): string {
  const title = plainText(`Revoked when policy ${policy.name} was set up ${formatInstant(policy.from)}`);
  return [style.bold(title), ...revoked.map((version) => `  ${describeVersion(version)}`)].join("\n");
}

function findingLine(finding: AccessFinding, { positions }: JitAnswer): string {
  const head = `finding: ${finding.type}:`;
  const span = spanText(finding);
  switch (finding.type) {
    case "no-justification":
      return `${head} ${grantText(finding.grant)} was granted, and nobody said what for`;
    case "edited-by-hand":
      return `${head} ${describeVersion(finding.version)}: edited ${describeCause(finding.by, positions)}`;
    case "priorities-shifted": {
      const moved = finding.moved.map(({ version, before, after }) => `\`${version.rule}\` from ${before} to ${after}`);
      return `${head} with ${describeVersion(finding.version)} other rules moved: ${moved.join(", ")}`;
    }
    case "deny-shadowed":
      return `${head} ${describeVersion(finding.by)} comes before ${describeVersion(finding.deny)} and opens port ${finding.ports.join(", ")} without any grant, ${span}`;
    case "left-behind":
      return `${head} ${describeVersion(finding.version)} outlived ${grantText(finding.grant)}, ${span}`;
    case "machine-gone":
      return `${head} ${describeVersion(finding.version)} is for a machine that is gone, ${span}`;
    default:
      return unreachable(finding);
  }
}

function grantText({ id, cause, machine, port }: AccessGrant): string {
  return `${id} to ${cause.actor?.who ?? "unknown"} for port ${port} of ${nameOfId(machine)}`;
}

function spanText({ from, to }: AccessFinding): string {
  return to === endOfTime ? `since ${formatBound(from)}` : `${formatBound(from)} to ${formatBound(to)}`;
}

export function jitData(answer: JitAnswer) {
  return {
    at: formatInstant(answer.at),
    grants: answer.grants.map((grant) => grantData(grant, answer)),
    refused: answer.refused.map(({ time, actor, data, position }) => ({
      time: formatInstant(time),
      position,
      who: actor?.who ?? null,
      asked: data.grants,
      refusal: data.refusal ?? null,
    })),
    setUps: answer.setUps.map(({ policy, revoked }) => ({
      policy: policy.policy,
      time: formatInstant(policy.from),
      revoked: revoked.map((version) => versionData(version, answer.positions, null)),
    })),
    findings: answer.findings.map((finding) => findingData(finding, answer)),
  };
}

export function grantData({ grant, status, rules, sessions }: GrantAnswer, { positions }: JitAnswer) {
  const { overstayMicros, bytesAfter } = afterEnd(sessions);
  return {
    grant: grant.id,
    who: grant.cause.actor?.who ?? null,
    requestedFrom: grant.cause.actor?.from ?? null,
    byHand: grant.cause.byHand,
    position: positions.get(grant.cause.event) ?? null,
    policy: grant.policy,
    machine: grant.machine,
    port: grant.port,
    protocol: grant.protocol,
    sources: grant.sources,
    justification: grant.justification,
    from: formatInstant(grant.from),
    until: grant.until === null ? null : formatInstant(grant.until),
    status,
    end: grant.end === null ? null : { time: formatInstant(grant.end.time), because: grant.end.because },
    rules: rules.map(({ version, by }) => ({ ...versionData(version, positions, null), tiedBy: by })),
    sessions: sessions.map((session) => ({
      ...(isReported(session.flow) ? reportedData(session.flow) : flowData(session.flow)),
      overstaySeconds: session.overstayMicros / 1e6,
      bytesAfter: session.bytesAfter,
    })),
    overstaySeconds: overstayMicros / 1e6,
    bytesAfter,
  };
}

function findingData(finding: AccessFinding, answer: JitAnswer) {
  const { positions } = answer;
  const versions = "version" in finding ? [finding.version] : "deny" in finding ? [finding.deny, finding.by] : [];
  return {
    kind: finding.type,
    message: findingLine(finding, answer),
    grant: "grant" in finding ? finding.grant.id : null,
    rules: versions.map((version) => versionData(version, positions, null)),
    from: formatBound(finding.from),
    to: formatBound(finding.to),
    ...(finding.type === "edited-by-hand" && { by: causeData(finding.by, positions) }),
    ...(finding.type === "priorities-shifted" && {
      moved: finding.moved.map(({ version, before, after }) => ({ rule: version.rule, before, after })),
    }),
    ...(finding.type === "deny-shadowed" && { ports: finding.ports }),
  };
}
