// What the fold makes of the rules' answers: whether a record may let packets pass from then on, what gates without
// memory add, and what doubt a packet brings along from its sender's interface.

import { type Admittance, admit } from "./admit.js";
import type { ResourceId } from "./event.js";
import { azure } from "./flow/profiles.js";
import type { Semantics } from "./flow/semantics.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { Admission, GateOutcome, UntrackedReason } from "./verdict.js";
import { protocolNumber } from "./wire/protocol.js";

/** Those that the question names, else the interface's own; where no interface is known, Azure's. */
export function semanticsAt(named: Semantics | null, at: PlacedInterface | null): Semantics {
  return named ?? at?.semantics ?? azure;
}

export function askRules(asked: Admittance, semantics: Semantics): Admission {
  const admitted = admit(asked);
  const own = untrackedBy(semantics, asked.tuple.protocol);
  if (own === null && admitted.untracked === undefined) return admitted;
  const { untracked: openToAll, ...admission } = admitted;
  const untracked = own ?? openToAll;
  if (untracked === undefined || (untracked === "open-to-all" && semantics.openToAll === "tracked")) return admission;
  return { ...admission, untracked };
}

function untrackedBy({ stateless, tcpState }: Semantics, protocol: number): UntrackedReason | null {
  if (stateless) return "stateless";
  return !tcpState && protocol === protocolNumber.tcp ? "tcp-state-off" : null;
}

/** The packet came through both: gates that have no memory, and those behind them. */
export function joined(barrier: Admission | null, admission: Admission): Admission {
  if (barrier === null) return admission;
  const decision = admission.decision === "allow" ? barrier.decision : admission.decision;
  const topology = barrier.topology === "recorded" ? admission.topology : "inferred";
  return { ...admission, decision, topology, gates: [...barrier.gates, ...admission.gates] };
}

/** At the interface of a packet's sender it was not known whether it came out. */
export type SenderDoubt = { readonly sender: ResourceId; readonly gates: readonly GateOutcome[] };

/** Unknown, because it is in doubt whether the packet came as far as here. */
export function inDoubtFrom({ sender, gates }: SenderDoubt, admission: Admission): Admission {
  const doubts = gates.flatMap((gate) => ("because" in gate ? [{ ...gate, sender }] : []));
  return { ...admission, decision: "unknown", gates: [...doubts, ...admission.gates] };
}

/** Of a record whose rules, asked anew, may or may not allow it still: what admitted it, and what is in doubt. */
export function madeDoubtful(admission: Admission, anew: Admission): Admission {
  if (admission.decision === "unknown") return admission;
  const doubts = anew.gates.filter((gate) => gate.decision === "unknown");
  return { ...admission, decision: "unknown", gates: [...admission.gates, ...doubts] };
}
