// Events of just-in-time access as tests write them, and what decisions came to.

import type { AccessEnded, AccessPolicyMachine, AccessPolicySeen, ControlEvent, DatedFact } from "../../src/index.js";
import { eventOf, factAt, interfaceSeen, type OperationMore } from "./control-events.js";
import { at } from "./instants.js";

export function accessEnded(when: string, more: Partial<AccessEnded["data"]>): ControlEvent {
  const data = { policy: "jit", machine: "vm1", port: 22, granted: at("09:00"), because: "revoked" as const, ...more };
  return eventOf(when, { type: "access-ended", data });
}

type Machines = readonly AccessPolicyMachine[];

export function policySeen(when: string, machines: Machines, more: Partial<AccessPolicySeen["data"]> = {}) {
  const data = { policy: "jit", name: "jit", machines, instant: "stated" as const, ...more };
  return eventOf(when, { type: "access-policy-seen", data });
}

/** Null: the record does not say what. */
export function policyWritten(when: string, machines: Machines | null, more: OperationMore = {}): ControlEvent {
  const { phase = "succeeded", effect = null, operationId = null } = more;
  const data = { phase, effect, operationId, policy: "jit", machines };
  return factAt(when, { type: "access-policy-written", data }, more);
}

/** An interface of the machine with this address, behind the group. */
export function machineAt(when: string, name: string, machine: string, address: string, group: string | null = null) {
  return interfaceSeen(when, name, { addresses: [address], group, more: { machine } });
}

/** What a decision came to, as the log would hold it. */
export function decidedBy(who: string): (fact: DatedFact) => ControlEvent {
  return ({ time, by, ...fact }) =>
    eventOf(time, fact, { who: by ?? who, from: null, correlationId: `${who} at ${time}` });
}
