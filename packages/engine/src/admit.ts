// Asks the rules: leads a packet through the gates of one interface, in the platform's order (DOMAIN 1.4, 1.5, 2.5). All
// that stand there must allow; gates behind one that denies are not asked.

import { trackingAt } from "./aws-tracking-at.js";
import { type AskGroup, askGate } from "./group-gate.js";
import type { GroupGate, PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import { askPlatform, type PlatformAnswer } from "./platform-gate.js";
import { crossesSubnetEdge } from "./policy/aws-network-acl.js";
import { askPlatformRules } from "./policy/azure-platform.js";
import type { PolicyHistory } from "./policy/policy-history.js";
import type { RuleDirection } from "./policy/rule.js";
import type { FiveTuple } from "./policy/rule-match.js";
import { adminRulesApply } from "./policy/security-admin.js";
import type { Micros } from "./time.js";
import { type Admission, type Decision, type GateOutcome, withAssumption } from "./verdict.js";
import type { Address } from "./wire/address.js";
import { protocolNumber } from "./wire/protocol.js";

export type Admittance = {
  readonly policy: PolicyHistory;
  readonly topology: Topology;
  readonly time: Micros;
  readonly place: PlacedInterface;
  readonly direction: RuleDirection;
  readonly tuple: FiveTuple;
  /** See `Judge.own`. */
  readonly own: Address | null;
};

const gateOrder: { readonly [direction in RuleDirection]: readonly GroupGate[] } = {
  outbound: ["security-admin", "interface", "subnet"],
  inbound: ["security-admin", "subnet", "interface"],
};

/** All gates but those that have no memory: `admitStateless`. */
export function admit(packet: Admittance): Admission {
  const asked = asRulesSee(packet);
  const platform = askPlatform(asked);
  if (platform.is === "settled") return admissionOf([platform.outcome], asked);
  const gates: GateOutcome[] = platform.is === "mail" ? [platform.outcome] : [];
  for (const gate of gateOrder[asked.direction]) {
    if (isSettled(gates.at(-1))) break;
    const outcome = outcomeAt(gate, asked, platform);
    if (outcome !== null) gates.push(outcome);
  }
  if (platform.is === "service" && gates.length === 0) gates.push(passed(platform));
  return withTracking(withAssumptions(admissionOf(gates, asked), asked), asked);
}

/**
 * What gates say that have no memory, which every packet comes to before any record: network ACLs, where it enters or
 * leaves the subnet. Null where none stands.
 */
export function admitStateless(packet: Admittance): Admission | null {
  const { place } = packet;
  const standing = place.gates["network-acl"];
  if (standing.is === "none" || standing.is === "open") return null;
  const asked = asRulesSee(packet);
  if (!leavesSubnet(asked) || askPlatform(asked).is === "settled") return null;
  const outcome = askGate("network-acl", standing, asked);
  return outcome === null ? null : admissionOf([outcome], asked);
}

/** Rules see the private address behind a public one [A1]. */
export function asRulesSee(packet: Admittance): Admittance {
  const { own, direction, tuple } = packet;
  if (own === null) return packet;
  const side = direction === "outbound" ? "source" : "destination";
  return { ...packet, tuple: { ...tuple, [side]: own } };
}

function leavesSubnet({ place, topology, direction, tuple }: Admittance): boolean {
  if (place.subnet === null) return true;
  const peer = direction === "outbound" ? tuple.destination : tuple.source;
  return crossesSubnetEdge(place.subnet.id, topology.subnetOf(peer, place));
}

function isSettled(last: GateOutcome | undefined): boolean {
  return last !== undefined && (last.decision === "deny" || ("always" in last && last.always === true));
}

function outcomeAt(gate: GroupGate, asked: Admittance, platform: PlatformAnswer): GateOutcome | null {
  const standing = asked.place.gates[gate];
  if (standing.is === "none" || (gate === "security-admin" && !adminBinds(asked.place))) return null;
  if (platform.is !== "service") return askGate(gate, standing, asked);
  return standing.is === "open" ? null : askGate(gate, standing, asked, askForService(asked, platform.tag));
}

function adminBinds({ network, subnet, interfaceType }: PlacedInterface): boolean {
  const privateEndpoint = interfaceType === "private-endpoint";
  const occupants = { inSubnet: subnet?.occupants ?? [], inNetwork: network?.occupants ?? [] };
  return adminRulesApply({ subnetName: subnet?.name ?? "", privateEndpoint, ...occupants });
}

/** Rules that do not name the service's tag have nothing to say of it. */
function askForService({ direction, tuple }: Admittance, tag: string): AskGroup {
  return (set, names) => askPlatformRules(tag, { set, direction, tuple, names });
}

function passed({ service, assumed }: Extract<PlatformAnswer, { is: "service" }>): GateOutcome {
  const base = { gate: "platform", decision: "allow", group: null, decidedBy: null, platform: service } as const;
  return assumed === undefined ? base : { ...base, assumed };
}

function admissionOf(gates: readonly GateOutcome[], { place }: Admittance): Admission {
  return { decision: together(gates), gates, topology: place.provenance };
}

/** Admin rules in doubt may let the packet pass the groups behind them unasked, so that no denial of theirs is sure. */
function together(gates: readonly GateOutcome[]): Decision {
  const bypassed = gates.some(({ gate, decision }) => gate === "security-admin" && decision === "unknown");
  if (!bypassed && gates.some((gate) => gate.decision === "deny")) return "deny";
  return gates.some((gate) => gate.decision === "unknown") ? "unknown" : "allow";
}

/** Inbound TCP under other than default rules, in a network whose flow timeout is unset: sources disagree (DOMAIN 2.3). */
function withAssumptions(admission: Admission, { place, direction, tuple }: Admittance): Admission {
  const { platform, settings } = place;
  const concerned = platform === "azure" && direction === "inbound" && tuple.protocol === protocolNumber.tcp;
  const { flowTimeoutMinutes: timeout } = settings;
  const isSet = timeout.is === "known" && timeout.value !== null;
  if (!concerned || isSet || !admission.gates.some(isByOtherThanDefaultRule)) return admission;
  return { ...admission, assumed: [{ of: "flow-timeout", because: null }] };
}

function isByOtherThanDefaultRule(gate: GateOutcome): boolean {
  return gate.decision === "allow" && gate.decidedBy !== null && !gate.decidedBy.isDefault;
}

function withTracking(admission: Admission, asked: Admittance): Admission {
  if (asked.place.platform !== "aws" || admission.decision !== "allow") return admission;
  const tracking = trackingAt(asked);
  switch (tracking) {
    case "tracked":
      return admission;
    case "untracked":
      return { ...admission, untracked: "open-to-all" };
    case "assumed-tracked":
      return withAssumption(admission, { of: "tracking", because: null });
  }
}
