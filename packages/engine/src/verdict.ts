// What became of a packet, and the typed reason: every gate it came to, with the group, the rule and the version that
// decided there.

import type { ResourceId } from "./event.js";
import type { FlowId } from "./flow/flow-id.js";
import type { GateKind } from "./network/placed-interface.js";
import type { AwsService } from "./policy/aws-platform.js";
import type { PlatformService } from "./policy/azure-platform.js";
import type { Doubt } from "./policy/evaluate.js";
import { provenanceAt, type RuleVersion } from "./policy/rule-version.js";
import type { Micros } from "./time.js";

/** `none`: no interface is known where the packet passed, so nobody judged it. */
export type Decision = "allow" | "deny" | "unknown" | "none";

/**
 * Why the platform itself lets a packet pass or stops it, whatever the groups say: its own addresses (DNS, metadata,
 * licences), mail to TCP port 25, private endpoints, traffic that it never filters.
 */
export type PlatformReason = PlatformService | AwsService | "outbound-mail" | "private-endpoint";

export type GateOutcome =
  | { readonly gate: GateKind; readonly decision: "allow"; readonly group: null; readonly decidedBy: null }
  | {
      readonly gate: GateKind;
      readonly decision: "allow" | "deny";
      readonly group: ResourceId;
      readonly decidedBy: RuleVersion;
      /** A security admin rule that lets the packet pass the network security groups unasked. */
      readonly always?: true;
      /** What no evidence shows and was taken to be so. */
      readonly assumed?: readonly Assumption[];
    }
  | {
      readonly gate: "platform";
      readonly decision: "allow" | "deny";
      readonly group: null;
      readonly decidedBy: null;
      readonly platform: PlatformReason;
      readonly assumed?: readonly Assumption[];
    }
  | {
      readonly gate: GateKind;
      readonly decision: "unknown";
      readonly group: ResourceId | null;
      readonly because: readonly Doubt[];
      /** The gate is of this interface, which sent the packet: whether it came as far as here is in doubt. */
      readonly sender?: ResourceId;
    };

/**
 * Why a record lets no packet pass by itself, so that each is asked of the rules: there is no memory, none for TCP, or
 * the rules admit everybody in both directions, which AWS does not track [W1].
 */
export type UntrackedReason = "stateless" | "tcp-state-off" | "open-to-all";

/**
 * What an answer rests on that no evidence shows, so that it is inferred. `flow-timeout`: a network whose
 * `FlowTimeoutInMinutes` is unset, of which one source says that inbound TCP under other than default rules has no state
 * [A8], another that it has [A1]. `outbound-mail`: whether the platform lets mail out. `tracking`: whether AWS tracks
 * the connection. `default-route`: that no route for 0.0.0.0/0 is in the subnet's route table. `rules`: that there was
 * no other rule. `address-list`: that a list held what its first known edition does. `mid-stream`: that the rules judge
 * a packet in mid-stream without a record as if it opened a connection.
 */
export type Assumption = {
  readonly of: AssumptionKind;
  /** In words where the evidence gives some: the rule, the list. */
  readonly because: string | null;
};

type AssumptionKind =
  | "flow-timeout"
  | "outbound-mail"
  | "tracking"
  | "default-route"
  | "rules"
  | "address-list"
  | "mid-stream";

/** What the rules say to a packet that opens a flow: all gates it came to, in order. */
export type Admission = {
  readonly decision: Decision;
  readonly gates: readonly GateOutcome[];
  /** Whether the place of the interface and its groups was seen by then, or is inferred from later. */
  readonly topology: "recorded" | "inferred";
  readonly assumed?: readonly Assumption[];
  /** Left out: tracked. */
  readonly untracked?: UntrackedReason;
};

export type Reason =
  /** It opened a flow record, by the rules. */
  | { readonly type: "opened"; readonly admission: Admission; readonly flow: FlowId }
  /** A live flow record covers it; the rules of the moment were not asked. */
  | { readonly type: "flow-record"; readonly admission: Admission; readonly flow: FlowId }
  /** An ICMP error about a packet of a live flow. */
  | { readonly type: "related"; readonly admission: Admission; readonly flow: FlowId }
  /**
   * The rules allow this packet, and no record lets it pass: it opens none, or its record is untracked, or waits for an
   * answer. `flow`: the record that counts it.
   */
  | { readonly type: "passed"; readonly admission: Admission; readonly flow: FlowId | null }
  /** The rules allow it, and it would have opened a record, had the interface room for one more: it is not tracked. */
  | { readonly type: "table-full"; readonly admission: Admission }
  | { readonly type: "denied"; readonly admission: Admission }
  /** In mid-stream without a record, and the semantics pick nothing up. */
  | { readonly type: "not-picked-up" }
  | { readonly type: "unknown"; readonly admission: Admission; readonly flow: FlowId | null }
  | { readonly type: "several-interfaces"; readonly interfaces: readonly ResourceId[] }
  | { readonly type: "no-known-interface"; readonly flow: FlowId | null };

/** The gate that settled it: the one that denied, else the last that has a group; null where all stood open. */
export function decidingGate(admission: Admission): GateOutcome | null {
  const settled = admission.gates.find((gate) => gate.decision === admission.decision && gate.decision !== "allow");
  return settled ?? admission.gates.findLast((gate) => gate.group !== null) ?? null;
}

export type Standing = "proven" | "inferred" | "unknown";

/** How firm an answer is that rests on this admission. */
export function standingOf(admission: Admission, time: Micros): Standing {
  if (admission.decision === "unknown") return "unknown";
  const versions = admission.gates.flatMap((gate) => ("decidedBy" in gate ? (gate.decidedBy ?? []) : []));
  const recorded = versions.every((version) => provenanceAt(version, time) === "recorded");
  return recorded && admission.topology === "recorded" && assumptionsOf(admission).length === 0 ? "proven" : "inferred";
}

export function assumptionsOf({ gates, assumed = [] }: Admission): Assumption[] {
  return [...gates.flatMap((gate) => ("assumed" in gate ? (gate.assumed ?? []) : [])), ...assumed];
}

export function withAssumption(admission: Admission, assumption: Assumption): Admission {
  return { ...admission, assumed: [...(admission.assumed ?? []), assumption] };
}
