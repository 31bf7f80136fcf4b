// What the fold remembers of first fragments, for the later ones that follow them.

import type { Judge } from "./placement.js";
import type { FlowPlace } from "./traffic/fragments.js";
import type { Decision, Reason } from "./verdict.js";

/** What became of a first fragment at one interface, and so of the whole packet. */
export type Fate = {
  readonly verdict: Decision;
  readonly reason: Reason;
  /** Null: no interface is known. */
  readonly judge: Judge | null;
  /** It is for this share of the fold to tell. */
  readonly ours: boolean;
  readonly scope: number;
  /** Of the record that counts it, by which a later one of the same flow is told apart; null: none does. */
  readonly openedAt: number | null;
};

export type FirstFragment = { readonly at: FlowPlace; readonly asked: boolean; readonly fates: readonly Fate[] };
