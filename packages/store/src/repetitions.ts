// What of a source that was taken back counts nevertheless, because another source says the same: as if that one had
// been imported without the first.

import type { ControlEvent, Position, Repeat, SourceRecord } from "@conntrail/engine";
import { contentId, type EventDraft, isSnapshot, type SnapshotFact } from "./event-id.js";
import type { EventLog } from "./event-log.js";
import { isRetracted, type Retractions, type StandingEvent } from "./retractions.js";

type Retracted = {
  /** By id. */
  readonly retracted: ReadonlyMap<string, ControlEvent>;
  /** Ids of events that nobody took back; one that was given again is among them and among the retracted. */
  readonly standing: ReadonlySet<string>;
  readonly retractions: Retractions;
  readonly knownAt: Position | null;
};

/** A source that has the same as an event of the log, and the position at which it said so. */
type Repetition = {
  readonly recorded: ControlEvent;
  readonly repeat: Repeat;
  readonly sha256: string;
  readonly position: Position;
};

/**
 * Each event from the first source that says the same. A snapshot whose instant a file only lets guess counts with that
 * guess, if nothing showed its content before: see `contentId`.
 */
export async function* repeatedOf(log: EventLog, of: Retracted): AsyncIterable<StandingEvent> {
  const exact = new Map<string, Repetition>();
  const guesses = new Map<string, Repetition>();
  for await (const repetition of repetitionsOf(log, of)) {
    const { recorded, repeat } = repetition;
    const isGuess = repeat.guessed !== undefined;
    if (!isGuess && of.standing.has(recorded.id)) continue;
    const name = isGuess ? contentId(recorded as EventDraft<SnapshotFact>) : recorded.id;
    const first = isGuess ? guesses : exact;
    if (!first.has(name)) first.set(name, repetition);
  }
  for (const repetition of exact.values()) yield { event: asRepeated(repetition), recorded: repetition.recorded };
  for (const [content, guess] of guesses) {
    const others = [...exact.values()].filter(({ position }) => position < guess.position);
    if (others.some(({ recorded }) => isContent(recorded, content))) continue;
    if (await isShownBefore(log, { guess, content, ...of })) continue;
    yield { event: asGuessed(guess, content), recorded: guess.recorded };
  }
}

/** In the order of the log, without those that were taken back themselves. */
async function* repetitionsOf(
  log: EventLog,
  { retracted, retractions, knownAt }: Retracted,
): AsyncIterable<Repetition> {
  for await (const event of log.readAll({ until: knownAt ?? undefined, categories: ["repeat"] })) {
    if (event.type !== "evidence-repeated" || isRetracted(retractions, event)) continue;
    const { position, source } = event;
    for (const repeat of event.data.repeats) {
      const recorded = retracted.get(repeat.id);
      if (recorded !== undefined) yield { recorded, repeat, position, sha256: source.sha256 };
    }
  }
}

async function isShownBefore(
  log: EventLog,
  { guess, content, retractions }: Retracted & { readonly guess: Repetition; readonly content: string },
): Promise<boolean> {
  for await (const event of log.readStream(guess.recorded.stream)) {
    if (event.position > guess.position) return false;
    if (!isRetracted(retractions, event) && isContent(event as ControlEvent, content)) return true;
  }
  return false;
}

function isContent(event: ControlEvent, content: string): boolean {
  return isSnapshot(event) && contentId(event) === content;
}

function asRepeated({ recorded, repeat, sha256 }: Repetition): ControlEvent {
  return { ...recorded, source: sourceOf(repeat, sha256) };
}

function asGuessed({ recorded, repeat, sha256 }: Repetition, content: string): ControlEvent {
  const time = repeat.guessed!;
  const data = { ...recorded.data, instant: "file-time" };
  return { ...recorded, id: content, time, lastTime: time, data, source: sourceOf(repeat, sha256) } as ControlEvent;
}

function sourceOf({ id: _, guessed: __, ...where }: Repeat, sha256: string): SourceRecord {
  return { sha256, ...where };
}
