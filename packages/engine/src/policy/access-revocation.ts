// Decides to end just-in-time access before its time is up.

import { ContentHash } from "../content-hash.js";
import type { Micros } from "../time.js";
import type { AccessDecision } from "./access-decision.js";
import { grantStatus } from "./access-grant.js";
import { rulesDeleted } from "./access-rule-plan.js";
import type { AccessState } from "./access-state.js";

export type AccessRevocation = {
  readonly time: Micros;
  readonly who: string | null;
  /** The id of the grant. */
  readonly grant: string;
};

export function decideRevocation(state: AccessState, { time, who, grant: id }: AccessRevocation): AccessDecision {
  const grant = state.grants.find((own) => own.id === id);
  if (grant === undefined) return { is: "refused", because: [{ type: "unknown-grant", grant: id }], follows: [] };
  const status = grant.from > time ? "to-come" : grantStatus(grant, time);
  if (status !== "active") {
    return { is: "refused", because: [{ type: "not-active", grant: id, status }], follows: [] };
  }
  const { policy, machine, port, from } = grant;
  const correlationId = `jit-${new ContentHash().text(id).number(time).base32()}`;
  const actor = { who, from: null, correlationId };
  const data = { policy, machine, port, granted: from, because: "revoked" } as const;
  return {
    is: "decided",
    follows: [{ type: "access-ended", data, time, actor }, ...rulesDeleted(state, grant, time, actor)],
  };
}
