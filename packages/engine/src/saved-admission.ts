// An admission as a snapshot keeps it: it names the rule versions that it rests on, and has them again from the history
// as that is when it is restored, since what ended a version later may have come to light in between.

import { groupNamed, type PolicyHistory } from "./policy/policy-history.js";
import type { RuleVersion } from "./policy/rule-version.js";
import type { Admission, GateOutcome } from "./verdict.js";

type VersionName = Pick<RuleVersion, "group" | "rule" | "isDefault" | "version">;

type Saved<Gate> = Gate extends { readonly decidedBy: RuleVersion }
  ? Omit<Gate, "decidedBy"> & { readonly decidedBy: VersionName }
  : Gate;

export type SavedAdmission = Omit<Admission, "gates"> & { readonly gates: readonly Saved<GateOutcome>[] };

export function saveAdmission(admission: Admission): SavedAdmission {
  return { ...admission, gates: admission.gates.map(saveGate) };
}

/** Throws where the history has no such version: then the snapshot is of another past. */
export function restoreAdmission(saved: SavedAdmission, policy: PolicyHistory): Admission {
  return { ...saved, gates: saved.gates.map((gate) => restoreGate(gate, policy)) };
}

function saveGate(gate: GateOutcome): Saved<GateOutcome> {
  if (!("decidedBy" in gate) || gate.decidedBy === null) return gate;
  const { group, rule, isDefault, version } = gate.decidedBy;
  return { ...gate, decidedBy: { group, rule, isDefault, version } };
}

function restoreGate(gate: Saved<GateOutcome>, policy: PolicyHistory): GateOutcome {
  if (!("decidedBy" in gate) || gate.decidedBy === null) return gate;
  return { ...gate, decidedBy: versionNamed(gate.decidedBy, policy) };
}

function versionNamed(name: VersionName, policy: PolicyHistory): RuleVersion {
  const versions = groupNamed(policy, name.group)?.versions ?? [];
  const found = versions.find((version) => isCalled(version, name));
  if (found === undefined) throw new RangeError(`the history has no version ${name.version} of rule ${name.rule}`);
  return found;
}

function isCalled({ rule, isDefault, version }: RuleVersion, name: VersionName): boolean {
  return rule === name.rule && isDefault === name.isDefault && version === name.version;
}
