// What ends a flow record, or ended it.

import {
  type FlowEnd,
  formatInstant,
  idleMicros,
  nameOfId,
  protocolNumber,
  type Semantics,
  type UntrackedReason,
} from "@conntrail/engine";
import { formatFlow } from "../query/endpoint.js";
import type { ReportedAnswer } from "../query/reported.js";
import type { FlowAnswer } from "../query/why.js";
import { formatSpan } from "./amount.js";
import { movedText } from "./outlived.js";

/** Why the record lets no packet pass by itself; null: it does. */
export function untrackedOf({ record }: FlowAnswer): UntrackedReason | null {
  return record.admission.untracked ?? null;
}

export const untrackedWords: { readonly [reason in UntrackedReason]: string } = {
  stateless: "these semantics keep no state, and every packet is judged",
  "tcp-state-off": "the interface tracks no TCP state, and every packet is judged",
  "open-to-all": "rules open to everybody in both directions are not tracked, and every packet is judged",
};

const endings: { readonly [end in FlowEnd]: string } = {
  idle: "nothing came any more",
  fin: "both sides had closed",
  rst: "it had been reset",
  "re-evaluated": "the rules, asked anew, allow it no more",
  flushed: "somebody dropped the flow records",
  "interface-removed": "its interface is gone",
};

export function endLines(flow: FlowAnswer, semantics: Semantics): string[] {
  const { record, lastSeen } = flow;
  const how = endings[record.endsBy];
  const later =
    lastSeen === record.lastSeen
      ? "no later packet is in the evidence"
      : `its last packet is ${formatInstant(record.lastSeen)}`;
  const idle = formatSpan(idleMicros(semantics, record.protocol));
  const edit = editLine({ untracked: untrackedOf(flow), flushing: flow.flushing }, semantics);
  if (untrackedOf(flow) !== null) return [edit, `its packets count together until ${idle} of silence`];
  return [
    edit,
    `${idle} of silence${closingWords(record.protocol, semantics)}`,
    `here ${later}, and the record ends ${formatInstant(record.endsAt)}: ${how}`,
  ];
}

export function reportedEndLines({ row, flushing }: ReportedAnswer, semantics: Semantics): string[] {
  const { protocol } = row;
  const idle = formatSpan(idleMicros(semantics, protocol));
  return [editLine({ untracked: null, flushing }, semantics), `${idle} of silence${closingWords(protocol, semantics)}`];
}

function closingWords(protocol: number, { tcpMicros }: Semantics): string {
  if (protocol !== protocolNumber.tcp) return "";
  const reset = formatSpan(tcpMicros.CLOSE);
  const closed = formatSpan(tcpMicros.TIME_WAIT);
  if (reset === closed) return `, or ${reset} after a reset or the end of both sides`;
  return `, or ${reset} after a reset, or ${closed} after the end of both sides`;
}

type Editable = { readonly untracked: UntrackedReason | null; readonly flushing: readonly string[] };

/** What an edit of rules does to the record. */
function editLine({ untracked, flushing }: Editable, semantics: Semantics): string {
  if (untracked !== null) return `an edit of the rules that let it pass: ${untrackedWords[untracked]}`;
  if (flushing.length > 0) {
    return `an edit of ${flushing.map(nameOfId).join(", ")} that no longer allows it: \`flushConnection\` is on there`;
  }
  if (semantics.onChange.rules === "reevaluate") {
    return `a rule edit that no longer allows it (semantics: ${semantics.name})`;
  }
  return `not a rule edit (semantics: ${semantics.name})`;
}

export function endedParagraph({ record, moved }: FlowAnswer): string {
  const opened = `${formatFlow(record)}, opened ${formatInstant(record.openedAt)}`;
  const ended = `ended ${formatInstant(record.endsAt)}: ${endings[record.endsBy]}`;
  return `The flow record before: ${record.id}, ${opened}, ${ended}; ${movedText(moved)}`;
}
