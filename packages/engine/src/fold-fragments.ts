// What the fold remembers of first fragments, for the later ones that follow them.

import type { FlowSlot } from "./flow/flow-table.js";
import type { Judge } from "./placement.js";
import type { FlowPlace } from "./traffic/fragments.js";
import type { Decision, Reason } from "./verdict.js";

/** What became of a first fragment at one interface, and so of the whole packet. `slot`: of the record that counts it. */
export type Fate = {
  readonly verdict: Decision;
  readonly reason: Reason;
  readonly slot: FlowSlot;
  /** Null: no interface is known. */
  readonly judge: Judge | null;
  readonly scope: number;
  /** Of the record, by which a later one in the same slot is told apart. */
  readonly openedAt: number;
};

export type FirstFragment = { readonly at: FlowPlace; readonly asked: boolean; readonly fates: readonly Fate[] };
