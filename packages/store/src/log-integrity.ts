// Verifies a whole log in one pass, in order of position. It can't see what no chain can show: an end of a stream that
// was removed, a whole stream that was removed, or a chain made anew from some event to its end. Seals will.

import type { Position } from "@conntrail/engine";
import type { EventLog } from "./event-log.js";
import { LogError } from "./log-error.js";
import { follow, problemsOf, type StreamChain, type StreamProblem, startChain } from "./stream-chain.js";

export type IntegrityProblem =
  | StreamProblem
  /** The store itself can't read on behind this position; null: not even the first event. */
  | { readonly kind: "unreadable"; readonly after: Position | null; readonly message: string };

export type StreamHead = {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly hash: string;
};

export type LogVerification = {
  readonly events: number;
  /** The last event of each stream, by stream name: what seals will chain. */
  readonly heads: readonly StreamHead[];
  /** Empty: every event is as it was appended, and follows the one before it. */
  readonly problems: readonly IntegrityProblem[];
  /** False: there are no seals, so removed ends of streams, and whole streams, can't be seen. */
  readonly sealed: false;
};

/** Recomputes every hash. Problems are data; rejects only where the log can't be opened or read for other reasons. */
export async function verifyLog(log: EventLog): Promise<LogVerification> {
  const chains = new Map<string, StreamChain>();
  const { events, unreadable } = await walk(log, chains);
  const problems = [...chains.values()].flatMap(problemsOf);
  const heads = [...chains.values()].map(headOf).sort((a, b) => (a.stream < b.stream ? -1 : 1));
  return { events, heads, problems: [...problems, ...unreadable], sealed: false };
}

async function walk(log: EventLog, chains: Map<string, StreamChain>) {
  let events = 0;
  let after: Position | null = null;
  try {
    for await (const event of log.readStored()) {
      follow(chainOf(chains, event.stream), event);
      events += 1;
      after = event.position;
    }
  } catch (error) {
    if (!(error instanceof LogError) || error.kind !== "damaged") throw error;
    return { events, unreadable: [{ kind: "unreadable", after, message: error.message }] as const };
  }
  return { events, unreadable: [] };
}

function chainOf(chains: Map<string, StreamChain>, stream: string): StreamChain {
  const known = chains.get(stream);
  if (known !== undefined) return known;
  const chain = startChain(stream);
  chains.set(stream, chain);
  return chain;
}

function headOf({ stream, revision, position, hash }: StreamChain): StreamHead {
  return { stream, revision, position: position!, hash: hash! };
}
