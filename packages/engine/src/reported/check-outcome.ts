// What a comparison of reported and derived comes to, and what that rests on.

import type { ResourceId } from "../event.js";
import type { FlowId } from "../flow/flow-id.js";
import type { GateKind } from "../network/placed-interface.js";
import type { Micros } from "../time.js";
import type { GroupDoubt } from "./derivation.js";

/** What became of the comparison: see docs/check.md. */
export const checkOutcomes = [
  "agrees",
  "other-rule",
  "no-verdict",
  "no-interface",
  "unknown-policy",
  "edit-in-the-same-minute",
  "opened-before",
  "denied-elsewhere",
  "after-close",
  "public-access-blocked",
  "platform-rule",
  "address-list",
  "unexplained",
] as const;

export type CheckOutcome = (typeof checkOutcomes)[number];

/** What the outcome rests on. */
export type CheckClue =
  /** The rules of another instant agree: from this one on, or up to it. `event`: the edit; null: something else changed. */
  | { readonly is: "edit"; readonly time: Micros; readonly event: string | null }
  /** The sensor's own record of the same connection. */
  | { readonly is: "own-record"; readonly openedAt: Micros; readonly lastSeen: Micros }
  /** A flow record that packets opened. */
  | { readonly is: "packets"; readonly flow: FlowId }
  /** No report tells of the opening, and the rules before this instant allow it. */
  | { readonly is: "earlier-rules"; readonly time: Micros; readonly event: string | null }
  /** A rejected segment that opens nothing. */
  | { readonly is: "no-syn" }
  /** An edition of lists of this instant agrees; null: no other is known. */
  | { readonly is: "list"; readonly list: string | null; readonly edition: Micros | null }
  /** The gate that denies, and its rule; null: no rule of ours. */
  | { readonly is: "gate"; readonly gate: GateKind; readonly group: ResourceId | null; readonly rule: string | null }
  /** The rule that the log names was not in force: no evidence shows it, or it ended then, or began later. */
  | {
      readonly is: "named-rule";
      readonly group: ResourceId;
      readonly was: "never-seen" | "gone" | "not-yet";
      readonly time: Micros | null;
      readonly event: string | null;
    }
  | ({ readonly is: "doubt" } & GroupDoubt);
