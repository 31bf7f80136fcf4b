// Asks the rules: leads a packet through the gates of one interface, in the platform's order (DOMAIN 1.4, 2.6). All that
// stand there must allow; gates behind one that denies are not asked.

import type { ResourceId } from "./event.js";
import type { GateGroups, GroupGate, PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import { evaluate } from "./policy/evaluate.js";
import type { PolicyHistory } from "./policy/policy-history.js";
import type { RuleDirection } from "./policy/rule.js";
import type { FiveTuple, NameContents, NamedAddresses } from "./policy/rule-match.js";
import { serviceTagContents } from "./policy/service-tag.js";
import type { Micros } from "./time.js";
import type { Admission, Decision, GateOutcome } from "./verdict.js";
import type { Address } from "./wire/address.js";
import { AddressSet } from "./wire/address-set.js";

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
  outbound: ["security-admin", "interface", "subnet", "network-acl"],
  inbound: ["security-admin", "network-acl", "subnet", "interface"],
};

export function admit(packet: Admittance): Admission {
  const asked = asRulesSee(packet);
  const gates: GateOutcome[] = [];
  for (const gate of gateOrder[asked.direction]) {
    const standing = asked.place.gates[gate];
    if (standing.is === "none") continue;
    const outcome = askGate(gate, standing, asked);
    gates.push(outcome);
    if (outcome.decision === "deny" || passesUnasked(outcome)) break;
  }
  return { decision: together(gates), gates, topology: asked.place.provenance };
}

function asRulesSee(packet: Admittance): Admittance {
  const { own, direction, tuple } = packet;
  if (own === null) return packet;
  const side = direction === "outbound" ? "source" : "destination";
  return { ...packet, tuple: { ...tuple, [side]: own } };
}

function passesUnasked(outcome: GateOutcome): boolean {
  return "always" in outcome && outcome.always === true;
}

function together(gates: readonly GateOutcome[]): Decision {
  if (gates.some((gate) => gate.decision === "deny")) return "deny";
  return gates.some((gate) => gate.decision === "unknown") ? "unknown" : "allow";
}

function askGate(gate: GroupGate, standing: Exclude<GateGroups, { is: "none" }>, asked: Admittance): GateOutcome {
  if (standing.is === "open") return { gate, decision: "allow", group: null, decidedBy: null };
  if (standing.is === "unknown") return doubtful(gate, null, standing.because);
  return askGroup(gate, standing.groups[0]!, asked);
}

function askGroup(gate: GroupGate, group: ResourceId, asked: Admittance): GateOutcome {
  const { policy, topology, time, place, direction, tuple } = asked;
  const history = policy.groups.get(group.toLowerCase());
  if (history === undefined) {
    const name = group.slice(group.lastIndexOf("/") + 1);
    return doubtful(gate, group, `group \`${name}\` was never seen: import its \`az network nsg show\``);
  }
  const verdict = evaluate(history.ruleSetAt(time), direction, tuple, namesFor(place, topology));
  if (verdict.decision === "unknown") return { gate, ...verdict };
  if (verdict.decision === "always-allow") return { gate, ...verdict, decision: "allow", always: true };
  return { gate, ...verdict, decision: verdict.decision };
}

function doubtful(gate: GroupGate, group: string | null, because: string): GateOutcome {
  return { gate, decision: "unknown", group, because: [{ rule: null, because }] };
}

export function namesFor(place: PlacedInterface, topology: Topology): NameContents {
  return {
    serviceTag: (tag) => serviceTagContents(tag, place.space),
    group: (id) => membersOf(id, place, topology),
  };
}

/** Members are interfaces in the network: what address no interface shows may be a member's, unless it lies outside. */
function membersOf(group: string, { space }: PlacedInterface, topology: Topology): NamedAddresses {
  const inside = topology.membersOf(group);
  const possible = space === null ? AddressSet.everything : AddressSet.ofPrefixes(space);
  return { inside, doubtful: possible.minus(topology.addresses).union(topology.unsettledMembers) };
}
