// Decides to end just-in-time access before its time is up.

import type { ControlState } from "../decide/decided.js";
import type { AccessDecision, AccessRefusal } from "./access-decision.js";
import { type AccessGrant, grantStatus } from "./access-grant.js";
import { rulesDeleted } from "./access-rule-plan.js";
import { accessStateOf } from "./access-state.js";

/** The id of the grant, or its beginning. */
export type AccessRevocation = { readonly grant: string };

export function decideRevocation(control: ControlState, { grant: id }: AccessRevocation): AccessDecision {
  const state = accessStateOf(control);
  const time = control.at;
  const grant = grantCalled(state.grants, id);
  if ("refused" in grant) return { is: "refused", refusal: [grant] };
  const status = grant.from > time ? "to-come" : grantStatus(grant, time);
  if (status !== "active") return { is: "refused", refusal: [{ refused: "not-active", grant, status }] };
  const { policy, machine, port, from } = grant;
  const data = { policy, machine, port, granted: from, because: "revoked" } as const;
  return {
    is: "decided",
    facts: [{ type: "access-ended", data, time }, ...rulesDeleted(state, grant, time)],
    remarks: [],
  };
}

function grantCalled(grants: readonly AccessGrant[], id: string): AccessGrant | AccessRefusal {
  const called = grants.filter((own) => own.id.startsWith(id.toLowerCase()));
  if (called.length > 1) return { refused: "several-grants", grants: called.map((own) => own.id) };
  return called[0] ?? { refused: "unknown-grant", grant: id };
}
