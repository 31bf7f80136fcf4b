// Asks the rules: leads a packet through the gates of one interface, in the platform's order (DOMAIN 1.4). Outbound:
// interface, then subnet; inbound: subnet, then interface. All must allow.

import type { GateKind, PlacedInterface, Topology } from "./network/topology.js";
import { evaluate } from "./policy/evaluate.js";
import type { PolicyHistory } from "./policy/policy-history.js";
import type { RuleDirection } from "./policy/rule.js";
import type { FiveTuple, NameContents, NamedAddresses } from "./policy/rule-match.js";
import { serviceTagContents } from "./policy/service-tag.js";
import type { Micros } from "./time.js";
import type { Admission, Decision, GateOutcome } from "./verdict.js";
import { AddressSet } from "./wire/address-set.js";

export type Admittance = {
  readonly policy: PolicyHistory;
  readonly topology: Topology;
  readonly time: Micros;
  readonly place: PlacedInterface;
  readonly direction: RuleDirection;
  readonly tuple: FiveTuple;
};

const gateOrder: { readonly [direction in RuleDirection]: readonly GateKind[] } = {
  outbound: ["interface", "subnet"],
  inbound: ["subnet", "interface"],
};

/** Gates behind one that denies are not asked. */
export function admit(asked: Admittance): Admission {
  const gates: GateOutcome[] = [];
  for (const gate of gateOrder[asked.direction]) {
    const outcome = askGate(gate, asked);
    gates.push(outcome);
    if (outcome.decision === "deny") break;
  }
  return { decision: together(gates), gates, topology: asked.place.provenance };
}

/** What gates that have no memory say, which every packet comes to before any record; null where none stands. */
export function admitStateless(_asked: Admittance): Admission | null {
  return null;
}

function together(gates: readonly GateOutcome[]): Decision {
  if (gates.some((gate) => gate.decision === "deny")) return "deny";
  return gates.some((gate) => gate.decision === "unknown") ? "unknown" : "allow";
}

function askGate(gate: GateKind, { policy, topology, time, place, direction, tuple }: Admittance): GateOutcome {
  const standing = place.gates[gate];
  if (standing.is === "open") return { gate, decision: "allow", group: null, decidedBy: null };
  if (standing.is === "unknown") return doubtful(gate, null, standing.because);
  const history = policy.groups.get(standing.group.toLowerCase());
  if (history === undefined) {
    const name = standing.group.slice(standing.group.lastIndexOf("/") + 1);
    return doubtful(gate, standing.group, `group \`${name}\` was never seen: import its \`az network nsg show\``);
  }
  const verdict = evaluate(history.ruleSetAt(time), direction, tuple, namesFor(place, topology));
  if (verdict.decision === "always-allow") return { gate, ...verdict, decision: "allow", always: true };
  return { gate, ...verdict, decision: verdict.decision } as GateOutcome;
}

function doubtful(gate: GateKind, group: string | null, because: string): GateOutcome {
  return { gate, decision: "unknown", group, because: [{ rule: null, because }] };
}

function namesFor(place: PlacedInterface, topology: Topology): NameContents {
  return {
    serviceTag: (tag) => serviceTagContents(tag, place.space),
    group: (id) => membersOf(id, place, topology),
  };
}

/** Members are interfaces in the network: what address no interface shows may be a member's, unless it lies outside. */
function membersOf(group: string, { space }: PlacedInterface, topology: Topology): NamedAddresses {
  const inside = topology.membersOf(group);
  const possible = space === null ? AddressSet.everything : AddressSet.ofPrefixes(space);
  return { inside, doubtful: possible.minus(topology.addresses) };
}
