// The contract of every event log, whether a SQLite file or an EventStoreDB cluster; one suite runs over all adapters.
// Deliberately absent: any way to change or delete an event, and any look-up by id (callers keep what they know).

import type { Micros, NewEvent, Position, RecordedEvent } from "@conntrail/engine";
import type { StoredEvent } from "./event-codec.js";

/** The revision of the stream's last event as the caller knows it. */
export type ExpectedRevision = number | "no-stream";

export type AppendResult =
  | {
      readonly kind: "appended";
      readonly firstRevision: number;
      readonly lastRevision: number;
      /** Of the last event of the call. */
      readonly lastPosition: Position;
      /** True: these events were already there, nothing was added, and the numbers are those of then. */
      readonly repeated: boolean;
    }
  | { readonly kind: "conflict"; readonly actualRevision: ExpectedRevision };

export type StreamRange = {
  /** Included. Default: the first event, or the last one when reading backwards. */
  readonly from?: number | undefined;
  readonly direction?: "forwards" | "backwards" | undefined;
  /** At most so many events. */
  readonly limit?: number | undefined;
};

export type LogRange = {
  /** Excluded. Default: before the first event. */
  readonly from?: Position | undefined;
  /** Included. Default: the head at the time reading begins. */
  readonly until?: Position | undefined;
  /** Only streams of these categories; see `categoryOf`. Default: all. */
  readonly categories?: readonly string[] | undefined;
};

export type Subscription = Omit<LogRange, "until"> & {
  /** Ends the subscription; it returns and does not throw. */
  readonly signal?: AbortSignal | undefined;
};

/** Record time's source. The log sees to it that `recordedAt` ascends from append to append, in each stream at least. */
export type Clock = () => Micros;

export const systemClock: Clock = () => (Date.now() * 1000) as Micros;

/** Everything here rejects or throws `LogError` where the log as a whole is at fault. */
export type EventLog = {
  /**
   * Stores all events of the call, or none. The same ids (all, or the first of them) again at the same expected
   * revision add nothing and give the first answer, so a caller that saw an error retries exactly so. Ids at the
   * stream's *current* revision are always written, known or not: callers guard. `LogError` kinds: `append-too-large`
   * above `maxAppendBytes`, `read-only`, `busy`, `full`.
   */
  append(stream: string, expectedRevision: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendResult>;
  /** A stream that does not exist is empty. */
  readStream(stream: string, range?: StreamRange): AsyncIterable<RecordedEvent>;
  /** In order of position, page by page: holds neither the whole log nor a lock. */
  readAll(range?: LogRange): AsyncIterable<RecordedEvent>;
  /** As `readAll`, but as stored: not decoded and not upcast, so that hashes can be recomputed. */
  readStored(range?: LogRange): AsyncIterable<StoredEvent>;
  /** What is there, then what is appended, by whichever process, until the signal fires or the log is closed. */
  subscribe(subscription?: Subscription): AsyncIterable<RecordedEvent>;
  /** The last event's position; null in an empty log. */
  head(): Promise<Position | null>;
  close(): Promise<void>;
};

/** A stream's name up to its first `-`: what EventStoreDB filters as a prefix. */
export function categoryOf(stream: string): string {
  return stream.split("-", 1)[0]!;
}

/** What to expect when appending to the end of a stream. */
export async function currentRevision(log: EventLog, stream: string): Promise<ExpectedRevision> {
  for await (const event of log.readStream(stream, { direction: "backwards", limit: 1 })) return event.revision;
  return "no-stream";
}

/** Throws RangeError on a call that no store could make sense of; every adapter's `append` begins with it. */
export function checkAppend(stream: string, expectedRevision: ExpectedRevision): void {
  // EventStoreDB keeps names with a leading `$` for itself; half a surrogate pair has no UTF-8 form.
  if (!/^(?!\$)[^\0\p{Surrogate}]+$/u.test(stream)) {
    throw new RangeError(`not a stream name: \`${stream}\`: use some Unicode text that does not begin with \`$\``);
  }
  if (expectedRevision !== "no-stream" && !(Number.isSafeInteger(expectedRevision) && expectedRevision >= 0)) {
    throw new RangeError(`not a revision: \`${expectedRevision}\`: use a whole number from 0, or "no-stream"`);
  }
}
