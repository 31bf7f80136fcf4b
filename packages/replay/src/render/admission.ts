// What the rules said at each gate, in words and as plain data.

import {
  type Admission,
  type Assumption,
  type GateOutcome,
  type PlatformReason,
  type Position,
  unreachable,
} from "@conntrail/engine";
import { describeVersion, versionData } from "./rule.js";

export function describeGate(outcome: GateOutcome): string {
  const gate = `${outcome.gate} gate`.padEnd(16);
  if ("because" in outcome) return `${gate} UNKNOWN${ofSender(outcome)}: ${doubts(outcome).join("; ")}`;
  if ("platform" in outcome) {
    return `${gate} ${outcome.decision === "allow" ? "allowed" : "DENIED"}: ${platformWords[outcome.platform]}`;
  }
  if (outcome.decidedBy === null) return `${gate} open: no security group stands there`;
  return `${gate} ${outcome.decision === "allow" ? "allowed" : "DENIED"} by ${describeVersion(outcome.decidedBy)}`;
}

const platformWords: { readonly [reason in PlatformReason]: string } = {
  dns: "the platform's name service, which no rule binds unless it names its tag",
  metadata: "the platform's metadata service, which no rule binds unless it names its tag",
  "task-metadata": "the platform's task metadata service, which no rule binds",
  time: "the platform's time service, which no rule binds",
  licence: "the platform's licence service, which no rule binds unless it names its tag",
  dhcp: "the platform's address assignment, which no rule binds",
  router: "the subnet's router, which no rule binds",
  host: "the platform's own host address, which no rule binds",
  link: "neighbour discovery, which no rule binds",
  "outbound-mail": "mail to TCP port 25 leaves only where the platform lets it",
  "private-endpoint": "a private endpoint in a subnet whose policies bind none",
};

/** What an answer takes for granted, to be put behind "that". */
export function describeAssumption({ of, because }: Assumption): string {
  switch (of) {
    case "flow-timeout":
      return "inbound TCP has flow records although FlowTimeoutInMinutes of the network is unset, on which Microsoft's pages disagree; byte and packet counts of such flows are not reliable in flow logs";
    case "outbound-mail":
      return "the platform lets mail out or stops it as it does by default";
    case "tracking":
      return "AWS tracks the connection";
    case "default-route":
      return "the subnet's route table, which was never seen, has no route for 0.0.0.0/0: import its `az network route-table show`";
    case "rules":
      return `there was no other rule (${because})`;
    case "address-list":
      return `\`${because}\` held before its first known edition what that shows`;
    case "mid-stream":
      return "the rules judge a packet in mid-stream that no flow record covers as if it opened a connection, which no source says of this platform";
    default:
      return unreachable(of);
  }
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
    untracked: admission.untracked ?? null,
    gates: admission.gates.map((outcome) => ({
      gate: outcome.gate,
      platform: "platform" in outcome ? outcome.platform : null,
      decision: outcome.decision,
      group: outcome.group,
      decidedBy:
        "decidedBy" in outcome && outcome.decidedBy !== null ? versionData(outcome.decidedBy, positions, null) : null,
      because: doubts(outcome),
      ...("sender" in outcome && { sender: outcome.sender }),
    })),
  };
}
