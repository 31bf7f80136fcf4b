// Our own verdict for what a sensor reported: the rules of an instant, asked as by a packet that opens the connection. A
// log that names a group tells of one group at one gate, and is held against that group's own answer there.

import { joined } from "../admission.js";
import { type Admittance, admit, admitStateless, asRulesSee } from "../admit.js";
import type { ResourceId } from "../event.js";
import { askGate, evaluatorOf, namesOf } from "../group-gate.js";
import type { GroupGate } from "../network/placed-interface.js";
import type { NetworkHistory } from "../network/topology.js";
import type { ListsAt } from "../policy/address-list.js";
import type { Doubt, GroupVerdict } from "../policy/evaluate.js";
import type { GroupHistory, PolicyHistory } from "../policy/policy-history.js";
import { type NameContents, unknownAddresses } from "../policy/rule-match.js";
import type { RuleVersion } from "../policy/rule-version.js";
import { serviceTagContents, unseenSpace } from "../policy/service-tag.js";
import { hasId } from "../resource-id.js";
import type { Micros } from "../time.js";
import { type Admission, type Decision, decidingGate, type GateOutcome } from "../verdict.js";
import { isPlatformRule, loggedGroup } from "./logged-rule.js";
import { type Stand, standOf } from "./report-stand.js";
import { answersOf, type Sighting } from "./sighting.js";

/**
 * What is held against the report: the answer of all gates, of the one at which the named group stands, of the platform;
 * or that of the named group's rules by themselves, where nobody shows that it stands where the sensor does.
 */
export type CheckBasis = "all-gates" | "own-gate" | "platform" | "group-alone";

export type Derivation = {
  readonly basis: CheckBasis;
  readonly decision: Decision;
  readonly decidedBy: RuleVersion | null;
  /** The platform itself decided. */
  readonly byPlatform: boolean;
  /** Why the decision is unknown, the first of the reasons; null: it is not. */
  readonly doubt: GroupDoubt | null;
  /** Of all gates; null where the interface is not known. */
  readonly admission: Admission | null;
  readonly stand: Stand | null;
};

/** `because` speaks of the rule, else of the group, else of the interface. */
export type GroupDoubt = {
  readonly group: ResourceId | null;
  readonly rule: string | null;
  readonly because: string;
};

/** Whom to ask, and when. */
export type AskedReport = {
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
  readonly sighting: Sighting;
  readonly time: Micros;
};

/** Null: neither an interface nor a group is known. */
export function derive({ policy, network, sighting, time }: AskedReport): Derivation | null {
  const topology = network.topologyAt(time);
  const stand = standOf(sighting, topology);
  const group = loggedGroup(policy, sighting.rule);
  if (stand === null) return group === null ? null : deriveAlone(group, { policy, network, sighting, time });
  const { place, direction, own } = stand;
  const asked: Admittance = { policy, topology, time, place, direction, own, tuple: sighting.tuple };
  const admission = admitReported(asked, sighting);
  if (group === null) return ofAllGates(admission, sighting, stand);
  const gate = gateOf(group, stand);
  if (gate === null) return { ...deriveAloneAt(group, asked, namesOf(asked)), admission, stand };
  return ofOwnGate(ownOutcome(gate, asked, admission), admission, stand);
}

/** Network ACLs judge each way by itself, so that the answers' way counts where it was seen [W5]. */
function admitReported(asked: Admittance, sighting: Sighting): Admission {
  const admission = admit(asked);
  if (asked.place.platform !== "aws") return admission;
  const there = joined(admitStateless(asked), admission);
  return sighting.answered ? joined(admitAnswers(asked, sighting), there) : there;
}

function admitAnswers(asked: Admittance, { tuple }: Sighting): Admission | null {
  return admitStateless({
    policy: asked.policy,
    topology: asked.topology,
    time: asked.time,
    place: asked.place,
    own: asked.own,
    tuple: answersOf(tuple),
    direction: asked.direction === "inbound" ? "outbound" : "inbound",
  });
}

function ofAllGates(admission: Admission, { rule }: Sighting, stand: Stand): Derivation {
  const basis = isPlatformRule(rule) ? "platform" : "all-gates";
  const deciding = decidingGate(admission);
  const byPlatform = admission.gates.some((gate) => "platform" in gate && gate.decision === admission.decision);
  const doubt = admission.gates.map(doubtAt).find((own) => own !== null) ?? null;
  const decidedBy = deciding === null ? null : versionOf(deciding);
  return { basis, decision: admission.decision, decidedBy, byPlatform, doubt, admission, stand };
}

/** Null outcome: the gate was not asked, since what comes before it settles that the packet passes. */
function ofOwnGate(outcome: GateOutcome | null, admission: Admission, stand: Stand): Derivation {
  if (outcome === null) return { ...ofAllGates(admission, { rule: null } as Sighting, stand), basis: "own-gate" };
  const { decision } = outcome;
  return {
    basis: "own-gate",
    decision,
    decidedBy: versionOf(outcome),
    byPlatform: "platform" in outcome,
    doubt: doubtAt(outcome),
    admission,
    stand,
  };
}

function doubtAt(outcome: GateOutcome): GroupDoubt | null {
  return "because" in outcome ? groupDoubt(outcome.group, outcome.because) : null;
}

function groupDoubt(group: ResourceId | null, [first]: readonly Doubt[]): GroupDoubt | null {
  return first === undefined ? null : { group, rule: first.rule?.rule ?? null, because: first.because };
}

function versionOf(outcome: GateOutcome): RuleVersion | null {
  return "decidedBy" in outcome ? outcome.decidedBy : null;
}

const groupGates: readonly GroupGate[] = ["interface", "subnet", "security-admin"];

function gateOf({ group }: GroupHistory, { place }: Stand): GroupGate | null {
  const standsAt = (gate: GroupGate) => {
    const standing = place.gates[gate];
    return standing.is === "groups" && hasId(standing.groups, group);
  };
  return groupGates.find(standsAt) ?? null;
}

/** What the group said, also behind a gate that denied. */
function ownOutcome(gate: GroupGate, asked: Admittance, admission: Admission): GateOutcome | null {
  const told = admission.gates.find((outcome) => outcome.gate === gate);
  if (told !== undefined || admission.decision === "allow") return told ?? null;
  const standing = asked.place.gates[gate];
  return standing.is === "none" ? null : askGate(gate, standing, asRulesSee(asked));
}

type Alone = Pick<AskedReport, "policy" | "network" | "sighting" | "time">;

/** Of an interface that nobody showed: what names mean there is not known. */
function deriveAlone(group: GroupHistory, { policy, sighting, time }: Alone): Derivation | null {
  const { direction, tuple } = sighting;
  if (direction === null) return null;
  const asked = { policy, time, direction, tuple };
  return { ...deriveAloneAt(group, asked, namesAnywhere(policy.lists.listsAt(time))), admission: null, stand: null };
}

function deriveAloneAt(
  group: GroupHistory,
  { policy, time, direction, tuple }: Pick<Admittance, "policy" | "time" | "direction" | "tuple">,
  names: NameContents,
): Omit<Derivation, "admission" | "stand"> {
  const verdict = evaluatorOf(policy).evaluate({ set: group.ruleSetAt(time), direction, names }, tuple);
  const doubt = verdict.decision === "unknown" ? groupDoubt(group.group, verdict.because) : null;
  const decidedBy = verdict.decision === "unknown" ? null : verdict.decidedBy;
  return { basis: "group-alone", decision: decisionOf(verdict), decidedBy, byPlatform: false, doubt };
}

function decisionOf({ decision }: GroupVerdict): Decision {
  return decision === "always-allow" ? "allow" : decision;
}

const anywhere = new WeakMap<ListsAt, NameContents>();

function namesAnywhere(lists: ListsAt): NameContents {
  const known = anywhere.get(lists);
  if (known !== undefined) return known;
  const made: NameContents = {
    serviceTag: (tag) => serviceTagContents(tag, unseenSpace, lists),
    group: () => unknownAddresses,
  };
  anywhere.set(lists, made);
  return made;
}
