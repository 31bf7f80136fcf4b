// The state at an instant, in words and as plain data.

import {
  formatAddress,
  formatInstant,
  idleMicros,
  nameOfId,
  type PlacedInterface,
  protocolNumber,
  type RuleVersion,
} from "@conntrail/engine";
import { flowRow } from "@conntrail/store";
import type { AtAnswer, GateState, InterfaceState } from "../query/at.js";
import { anyContent } from "../query/rules.js";
import { formatSpan, plural } from "./amount.js";
import { flowCells, flowData, flowHead } from "./flow.js";
import { reportedCells, reportedData } from "./reported.js";
import { causeData, describeCause, describeRule, versionData } from "./rule.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";
import { tableFullData, tableFullNote } from "./table-full.js";

export function renderAt(answer: AtAnswer, style: Style): string {
  const named = answer.semantics === null ? "as the resources themselves say" : answer.semantics;
  const parts = [`State at ${formatInstant(answer.at)} (semantics: ${named})`];
  if (answer.interfaces.length === 0) parts.push("No interface is known: import `az network nic show`.");
  for (const state of answer.interfaces) parts.push(renderInterface(state, style));
  parts.push(renderGrants(answer, style), renderLive(answer, style), ...renderReported(answer, style));
  parts.push(...answer.tableFull.map((full) => style.doubtful(tableFullNote(full))));
  return parts.join("\n\n");
}

function renderInterface({ at, gates, byHand: entered }: InterfaceState, style: Style): string {
  const title = style.bold(`${at.name} (${at.addresses.map(formatAddress).join(", ")}, ${at.provenance})`);
  const positions = entered.map(({ position }) => position).join(", ");
  const note = entered.length === 0 ? [] : [`  entered by hand: log positions ${positions}`];
  return [title, ...settingLines(at), ...note, ...gates.map((gate) => renderGate(gate, style))].join("\n");
}

/** Only what differs from the platform's defaults. */
function settingLines({ semantics, flushing }: PlacedInterface): string[] {
  const idle = `  ${semantics.name}: TCP ends after ${formatSpan(idleMicros(semantics, protocolNumber.tcp))} of silence`;
  const state = semantics.tcpState ? [] : ["  TCP state tracking is off: every segment is judged"];
  const flush = flushing.map((group) => `  flushConnection is on at ${nameOfId(group)}`);
  return [idle, ...state, ...flush];
}

function renderGate({ gate, group, unknown, rules }: GateState, style: Style): string {
  if (group === null) return `  ${gate} gate: ${unknown ?? "open, no security group"}`;
  const head = `  ${gate} gate: ${group}${unknown === null ? "" : style.doubtful(` (${unknown})`)}`;
  const lines = rules.map((version) => {
    const content = anyContent(version);
    return {
      priority: content?.priority ?? 0,
      text: `    ${version.rule}: ${content === null ? "unknown" : describeRule(content)}${byHand(version)}`,
    };
  });
  return [head, ...lines.sort((a, b) => a.priority - b.priority).map(({ text }) => text)].join("\n");
}

function byHand({ begunBy }: RuleVersion): string {
  return begunBy?.byHand === true ? " (entered by hand)" : "";
}

function renderGrants({ grants, positions }: AtAnswer, style: Style): string {
  const lines = grants.map(({ cause, port, sources, until }) => {
    const end = until === null ? "" : `, until ${formatInstant(until)}`;
    return `  port ${port} from ${sources.join(", ")}${end}: requested ${describeCause(cause, positions)}`;
  });
  return [style.bold(plural(grants.length, "just-in-time grant")), ...lines].join("\n");
}

function renderLive({ live }: AtAnswer, style: Style): string {
  const head = style.bold(plural(live.length, "live flow record"));
  if (live.length === 0) return head;
  return `${head}\n${renderTable(
    flowHead,
    live.map((record) => flowCells(flowRow(record))),
    style,
  )}`;
}

function renderReported({ reported }: AtAnswer, style: Style): string[] {
  if (reported.length === 0) return [];
  const head = style.bold(`${plural(reported.length, "flow record")} open as reported (counters of the whole life)`);
  return [`${head}\n${renderTable(flowHead, reported.map(reportedCells), style)}`];
}

export function atData({ at, semantics, interfaces, live, reported, grants, tableFull, positions }: AtAnswer) {
  return {
    at: formatInstant(at),
    semantics,
    interfaces: interfaces.map((state) => ({
      interface: state.at.name,
      addresses: state.at.addresses.map(formatAddress),
      provenance: state.at.provenance,
      enteredByHand: state.byHand.map(({ position }) => position),
      gates: state.gates.map((gate) => ({
        ...gate,
        rules: gate.rules.map((version) => versionData(version, positions, at)),
      })),
    })),
    grants: grants.map((grant) => ({
      ...grant,
      from: formatInstant(grant.from),
      until: grant.until === null ? null : formatInstant(grant.until),
      cause: causeData(grant.cause, positions),
    })),
    flows: live.map((record) => flowData(flowRow(record))),
    reported: reported.map(reportedData),
    tableFull: tableFull.map(tableFullData),
  };
}
