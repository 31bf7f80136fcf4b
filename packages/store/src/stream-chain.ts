// One stream's chain as `verifyLog` walks it: what fits, what is missing, and what stands in the wrong place.

import type { Position } from "@conntrail/engine";
import type { StoredEvent } from "./event-codec.js";
import { chainHash, contentHash } from "./hash-chain.js";

/** What can be said of one stream. `revision` and `position` are those that stand in the log now. */
export type StreamProblem =
  /** Its content or hash was changed; or the event before it was, and that one's hash made anew alone. */
  | { readonly kind: "altered"; readonly stream: string; readonly revision: number; readonly position: Position }
  /** No event of these revisions (as they were given) stands before `position`. */
  | {
      readonly kind: "removed";
      readonly stream: string;
      readonly firstRevision: number;
      readonly lastRevision: number;
      readonly position: Position;
    }
  /** Stands in another's place; or, where both revisions are equal, behind later events of its stream. */
  | {
      readonly kind: "reordered";
      readonly stream: string;
      readonly revision: number;
      readonly position: Position;
      readonly belongsAtRevision: number;
    };

type Gap = { readonly first: number; readonly last: number; readonly position: Position };

/** An event whose hash does not follow from what stands before it. */
type Suspect = {
  readonly revision: number;
  readonly position: Position;
  readonly content: string;
  readonly hash: string;
  readonly previous: string | null;
};

export type StreamChain = {
  readonly stream: string;
  /** The highest revision so far; -1 before the first event. */
  revision: number;
  hash: string | null;
  position: Position | null;
  /** By how much the events were renumbered down, after one was taken out. */
  shift: number;
  gaps: Gap[];
  suspects: Suspect[];
  readonly problems: StreamProblem[];
};

/** Renumbering is recognised behind so many removed events; otherwise each event behind them counts as altered. */
const maxShift = 8;
/** Above so many suspects in a stream all count as altered: comparing them is cubic (32: 50 ms). */
const maxCompared = 32;

export function startChain(stream: string): StreamChain {
  return { stream, revision: -1, hash: null, position: null, shift: 0, gaps: [], suspects: [], problems: [] };
}

/** Takes the stream's next event in order of position. */
export function follow(chain: StreamChain, event: StoredEvent): void {
  if (event.revision <= chain.revision) {
    followLate(chain, event);
    return;
  }
  if (event.revision === chain.revision + 1) followNext(chain, event);
  else chain.gaps.push({ first: chain.revision + 1, last: event.revision - 1, position: event.position });
  chain.revision = event.revision;
  chain.hash = event.hash;
  chain.position = event.position;
}

/** Everything wrong with the stream, once it was walked to its end. */
export function problemsOf(chain: StreamChain): readonly StreamProblem[] {
  const { stream } = chain;
  const removed = chain.gaps.map(
    ({ first, last, position }): StreamProblem => ({
      kind: "removed",
      stream,
      firstRevision: first,
      lastRevision: last,
      position,
    }),
  );
  return [...chain.problems, ...removed, ...chain.suspects.flatMap((suspect) => explain(suspect, chain))];
}

function followLate(chain: StreamChain, event: StoredEvent): void {
  const { stream, revision, position } = event;
  chain.gaps = chain.gaps.flatMap((gap) => without(gap, revision));
  chain.problems.push({ kind: "reordered", stream, revision, position, belongsAtRevision: revision });
}

function without(gap: Gap, revision: number): readonly Gap[] {
  if (revision < gap.first || revision > gap.last) return [gap];
  const parts = [
    { ...gap, last: revision - 1 },
    { ...gap, first: revision + 1 },
  ];
  return parts.filter((part) => part.first <= part.last);
}

function followNext(chain: StreamChain, event: StoredEvent): void {
  const { revision, position, hash } = event;
  const suspect = { revision, position, content: contentHash(event), hash, previous: chain.hash };
  const shift = shiftOf(suspect, chain.shift);
  if (shift === null) chain.suspects.push(suspect);
  else if (shift > chain.shift) renumber(chain, suspect, shift);
}

function shiftOf(suspect: Suspect, shift: number): number | null {
  const { previous, revision, content, hash } = suspect;
  for (let more = 0; more <= maxShift; more++) {
    if (chainHash({ previous, revision: revision + shift + more, content }) === hash) return shift + more;
  }
  return null;
}

/** The event fits under a higher revision: those before the last suspect were taken out, and the rest renumbered. */
function renumber(chain: StreamChain, event: Suspect, shift: number): void {
  const first = event.revision - 1;
  const { stream } = chain;
  const position = chain.suspects.at(-1)?.revision === first ? chain.suspects.pop()!.position : event.position;
  const firstRevision = first + chain.shift;
  chain.problems.push({ kind: "removed", stream, firstRevision, lastRevision: first + shift - 1, position });
  chain.shift = shift;
}

function explain(suspect: Suspect, { stream, suspects }: StreamChain): readonly StreamProblem[] {
  const { revision, position } = suspect;
  const home = suspects.length > maxCompared ? undefined : suspects.find((slot) => fits(suspect, slot, suspects));
  if (home === undefined) return [{ kind: "altered", stream, revision, position }];
  // In its own place behind a hash that was moved elsewhere: it is whole, the moved one is named.
  if (home === suspect) return [];
  return [{ kind: "reordered", stream, revision, position, belongsAtRevision: home.revision }];
}

function fits({ content, hash }: Suspect, slot: Suspect, all: readonly Suspect[]): boolean {
  const candidates = [slot.previous, ...all.map((other) => other.hash)];
  return candidates.some((previous) => chainHash({ previous, revision: slot.revision, content }) === hash);
}
