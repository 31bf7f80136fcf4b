// What a denial comes to where a connection may have been let in unseen, and the gaps because of which it may.

import type { Decision, Standing } from "@conntrail/engine";
import type { GapDoubt } from "../query/gap.js";
import type { UnseenOpening } from "../query/unseen-opening.js";
import { plural } from "./amount.js";
import { gapSubject, gapTitle } from "./gap.js";
import { gapBound, gapData } from "./gaps.js";

/** A packet that the rules allow passes with a record and without. */
export function unlessUnseen(verdict: Decision, { doubt }: UnseenOpening): Decision {
  return verdict === "deny" && doubt === "unknown" ? "unknown" : verdict;
}

export function weaker(standing: Standing, doubt: GapDoubt | null): Standing {
  if (standing === "unknown" || doubt === null) return standing;
  return doubt;
}

const mostGaps = 5;

export function unseenLines({ gaps }: UnseenOpening): string[] {
  const shown = gaps.slice(0, mostGaps);
  const lines = shown.map(
    (gap) => `${gapTitle(gap)}: ${gapSubject(gap)}, ${gapBound(gap.from)} to ${gapBound(gap.to)}`,
  );
  const more = gaps.length - shown.length;
  const rest = more === 0 ? [] : [`and ${plural(more, "more gap")}: see \`conntrail gaps\``];
  const why = gaps.length === 0 ? [] : ["a connection that was opened there has no flow record here"];
  return [...lines, ...rest, ...why];
}

export function unseenData({ doubt, gaps }: UnseenOpening) {
  return { doubt, gaps: gaps.map(gapData) };
}
