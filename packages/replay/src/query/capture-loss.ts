// What captures and files lack by their own account: packets dropped, times between captures of one place, records that
// could not be read, imports that did not come to their end.

import {
  beginningOfTime,
  endOfTime,
  type GapDeclared,
  groupBy,
  microsPerMinute,
  type NewEvent,
  type ProblemCounts,
  type ProblemKind,
} from "@conntrail/engine";
import type { CaptureSpan } from "@conntrail/store";
import type { GapOf, GapSpan } from "./gap.js";
import type { NamePlace } from "./place-name.js";
import type { SourceHistory } from "./sources.js";

export function droppedGaps(events: readonly NewEvent<GapDeclared>[], nameOf: NamePlace): GapOf<"dropped">[] {
  return events.map(({ time, lastTime, data }) => {
    return { kind: "dropped", from: time, to: lastTime, ...data, name: nameOf(data.place) };
  });
}

/** Rotated files of one capture follow each other within a packet or two. */
const longestRotationMicros = microsPerMinute;

/** Between captures of one place. */
export function captureHoles(captures: readonly CaptureSpan[], nameOf: NamePlace): GapOf<"no-capture">[] {
  return [...groupBy(captures, ({ place }) => place)].flatMap(([place, own]) => {
    const holes: GapOf<"no-capture">[] = [];
    const about = { kind: "no-capture", place, name: nameOf(place) } as const;
    let end = own[0]!.last;
    for (const { first, last } of own) {
      if (first - end > longestRotationMicros) holes.push({ ...about, from: end, to: first });
      if (last > end) end = last;
    }
    return holes;
  });
}

/** Of these a record, or the rest of the content, is lost. */
const losing: readonly ProblemKind[] = ["unreadable", "cut-off", "malformed", "missing-field", "over-limit"];

const nobodyKnowsWhen: GapSpan = { from: beginningOfTime, to: endOfTime };

/** `spanOf`: from the first to the last that a source tells of; null: of nothing. */
export function sourceGaps(
  sources: readonly SourceHistory[],
  spanOf: (sha256: string) => GapSpan | null,
): GapOf<"unread-records" | "unfinished-import">[] {
  return sources
    .filter(({ retracted }) => retracted === null)
    .flatMap(({ sha256, names, finished }): GapOf<"unread-records" | "unfinished-import">[] => {
      const span = spanOf(sha256);
      const about = { source: names.toSorted()[0]!, sha256, ...(span ?? nobodyKnowsWhen) };
      if (finished === null) return [{ kind: "unfinished-import", ...about }];
      const problems = lossesOf(finished.data.problemsByKind);
      return Object.keys(problems).length === 0
        ? []
        : [{ kind: "unread-records", ...about, problems, isOfTraffic: span !== null }];
    });
}

function lossesOf(counts: ProblemCounts): ProblemCounts {
  return Object.fromEntries(losing.flatMap((kind) => (counts[kind] === undefined ? [] : [[kind, counts[kind]]])));
}
