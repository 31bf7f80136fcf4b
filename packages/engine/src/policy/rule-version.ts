// One rule of one group over a span of time in which nobody changed it.

import { type Actor, type ControlEvent, type EventType, isEnteredByHand, type ResourceId } from "../event.js";
import type { Micros } from "../time.js";
import type { Rule } from "./rule.js";

/** The event that began or ended something. */
export type Cause = {
  readonly event: string;
  readonly type: EventType;
  readonly time: Micros;
  readonly actor: Actor | null;
  /** A command of ours appended it; no evidence shows it. */
  readonly byHand: boolean;
};

export function causeOf({ id, type, time, actor, source }: ControlEvent): Cause {
  return { event: id, type, time, actor, byHand: isEnteredByHand(source) };
}

/**
 * What the rule said. *Unsettled*: evidence at both ends of the span disagrees and no edit between them is recorded, so
 * one of the candidates held (null: no such rule). *Unknown*: the rule was there and nobody recorded what it said.
 */
export type VersionContent =
  | { readonly kind: "known"; readonly rule: Rule }
  | { readonly kind: "unsettled"; readonly candidates: readonly (Rule | null)[]; readonly because: string }
  | { readonly kind: "unknown"; readonly because: string };

export type RuleVersion = {
  readonly group: ResourceId;
  readonly groupName: string;
  readonly rule: string;
  /** From 1, in order of time, for each name in each group. */
  readonly version: number;
  /** Included; `beginningOfTime` where nothing shows a beginning. */
  readonly from: Micros;
  /** Excluded; `endOfTime` where nothing shows an end. */
  readonly to: Micros;
  /** The first instant at which evidence shows this content; before it the version is inferred. */
  readonly recordedFrom: Micros;
  readonly content: VersionContent;
  readonly isDefault: boolean;
  readonly begunBy: Cause | null;
  readonly endedBy: Cause | null;
  /** Its first recorded write does not say that it made the rule: that there was none before is inferred. */
  readonly beginningInferred?: true;
};

export type Provenance = "recorded" | "inferred";

export function provenanceAt(version: RuleVersion, time: Micros): Provenance {
  return version.content.kind === "known" && time >= version.recordedFrom ? "recorded" : "inferred";
}
