// Losses because of which a connection may have been let in unseen: its flow record would still be live at the instant,
// though none is known.

import {
  type Conversation,
  idleMicros,
  type Judge,
  type Micros,
  type NetworkHistory,
  type PlacedInterface,
  type Position,
  type Semantics,
} from "@conntrail/engine";
import { isCaptured } from "@conntrail/store";
import type { Case } from "../case.js";
import { type CoveredTraffic, coveredTraffic } from "./covered-traffic.js";
import { type GapDoubt, type GapOf, type GapSpan, isLoss, type Loss, spansOf } from "./gap.js";
import { concerns } from "./gap-concern.js";
import { losses, toldHours } from "./losses.js";
import { uncoveredGaps } from "./network-gap.js";
import { readSources } from "./sources.js";

export type UnseenOpening = {
  /** Null: nothing was lost that matters. */
  readonly doubt: GapDoubt | null;
  readonly gaps: readonly UnseenGap[];
};

export type UnseenGap = Loss | GapOf<"uncovered">;

const nothingUnseen: UnseenOpening = { doubt: null, gaps: [] };

export type UnseenAsked = {
  readonly kase: Case;
  readonly knownAt: Position | null;
  readonly network: NetworkHistory;
  readonly semantics: Semantics;
  readonly conversation: Conversation;
  /** Who would have let it in; none: nothing is asked. */
  readonly judges: readonly Judge[];
  readonly at: Micros;
};

/** A record that was opened in a gap outlives it by its idle timeout, unless packets behind the gap were seen. */
export async function unseenOpening(asked: UnseenAsked): Promise<UnseenOpening> {
  const { kase, knownAt, network, semantics, conversation, judges, at } = asked;
  if (judges.length === 0) return nothingUnseen;
  const covered = coveredTraffic(kase.views, knownAt);
  const places = judges.map((judge) => judge.at);
  const idle = idleMicros(semantics, conversation.protocol);
  const isNear = ({ from, to }: GapSpan) => from <= at && at < to + idle;
  const sources = await readSources(kase.log, knownAt);
  const told = toldHours(kase);
  const lost = (await losses({ kase, knownAt, sources, network, covered, told })).filter(isLoss);
  const unwatched = uncoveredGaps({ network, covered, told });
  const gaps = [...lost, ...unwatched].filter((gap) => {
    const near = spansOf(gap).filter(isNear);
    if (near.length === 0 || !concerns(gap, places)) return false;
    return !isReport(gap) || !near.every((span) => isCapturedThrough(kase, { places, span, covered }));
  });
  return { doubt: doubtOf(gaps, at), gaps };
}

type Captured = {
  readonly places: readonly PlacedInterface[];
  readonly span: GapSpan;
  readonly covered: CoveredTraffic;
};

/** Where a capture that saw the interfaces went on all the time, it matters little what a flow log lacks. */
function isCapturedThrough({ views }: Case, { places, span: { from, to }, covered }: Captured): boolean {
  const goesOn = covered.captures.some(({ first, last }) => first <= from && to <= last);
  return goesOn && places.every(({ id }) => isCaptured(views, id, { first: from, last: to }));
}

function isReport({ kind }: UnseenGap): boolean {
  return kind === "missing-hours" || kind === "no-report" || kind === "skipped";
}

/**
 * While all is lost, any connection may be open. What is lost in part, or perhaps, or was lost before, would have to hide
 * all packets of it.
 */
function doubtOf(gaps: readonly UnseenGap[], at: Micros): GapDoubt | null {
  const isWhole = (gap: UnseenGap) =>
    gap.kind === "skipped" || (gap.kind === "missing-hours" && gap.because !== "alone-silent");
  const isAt = ({ from, to }: GapSpan) => from <= at && at < to;
  if (gaps.some((gap) => isWhole(gap) && spansOf(gap).some(isAt))) return "unknown";
  return gaps.length > 0 ? "inferred" : null;
}
