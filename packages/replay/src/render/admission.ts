// What the rules said at each gate, in words and as plain data.

import type { Admission, GateOutcome, Position } from "@conntrail/engine";
import { describeVersion, versionData } from "./rule.js";

export function describeGate(outcome: GateOutcome): string {
  const gate = `${outcome.gate} gate`.padEnd(15);
  if ("because" in outcome) return `${gate} UNKNOWN${ofSender(outcome)}: ${doubts(outcome).join("; ")}`;
  if (outcome.decidedBy === null) return `${gate} open: no security group stands there`;
  return `${gate} ${outcome.decision === "allow" ? "allowed" : "DENIED"} by ${describeVersion(outcome.decidedBy)}`;
}

function ofSender(outcome: GateOutcome): string {
  if (!("sender" in outcome) || outcome.sender === undefined) return "";
  return ` at the sender's interface \`${outcome.sender}\``;
}

function doubts(outcome: GateOutcome): string[] {
  if (!("because" in outcome)) return [];
  return outcome.because.map(({ rule, because }) => (rule === null ? because : `rule \`${rule.rule}\`: ${because}`));
}

export function doubtsOf(admission: Admission): string[] {
  return [...new Set(admission.gates.flatMap(doubts))];
}

export function admissionData(admission: Admission, positions: ReadonlyMap<string, Position>) {
  return {
    verdict: admission.decision,
    topology: admission.topology,
    gates: admission.gates.map((outcome) => ({
      gate: outcome.gate,
      decision: outcome.decision,
      group: outcome.group,
      decidedBy:
        "decidedBy" in outcome && outcome.decidedBy !== null ? versionData(outcome.decidedBy, positions, null) : null,
      because: doubts(outcome),
      ...("sender" in outcome && { sender: outcome.sender }),
    })),
  };
}
