// The hash of each event covers everything but its position, and the hash before it in its stream. Content and place
// are hashed apart, so that a misplaced event can still be told from an altered one.

import { createHash } from "node:crypto";
import type { Micros } from "@conntrail/engine";
import type { EncodedEvent, StoredEvent } from "./event-codec.js";

/** A stream's last event, where its chain goes on. */
export type ChainEnd = { readonly revision: number; readonly hash: string };

export type ChainedEvent = Omit<StoredEvent, "position">;

type HashedContent = Omit<StoredEvent, "revision" | "position" | "hash">;

/**
 * SHA-256, hex, over `JSON.stringify([stream, id, type, schemaVersion, time, lastTime, recordedAt, attributes])`, a line
 * feed, and the body. JSON says where each field ends, so nothing can be shifted from one to the next.
 */
export function contentHash(event: HashedContent): string {
  const { stream, id, type, schemaVersion, time, lastTime, recordedAt, attributes } = event;
  const fields = JSON.stringify([stream, id, type, schemaVersion, time, lastTime, recordedAt, attributes]);
  return createHash("sha256").update(fields).update("\n").update(event.body).digest("hex");
}

/** SHA-256, hex, over `JSON.stringify([previous, revision, content])`; `previous` is null for a stream's first event. */
export function chainHash(link: { previous: string | null; revision: number; content: string }): string {
  const fields = JSON.stringify([link.previous, link.revision, link.content]);
  return createHash("sha256").update(fields).digest("hex");
}

/** Gives events their revisions and hashes behind `end`; null begins the stream. */
export function chainEvents(
  events: readonly EncodedEvent[],
  place: { readonly stream: string; readonly end: ChainEnd | null; readonly recordedAt: Micros },
): readonly ChainedEvent[] {
  const { stream, recordedAt } = place;
  let { revision, hash: previous }: { revision: number; hash: string | null } = place.end ?? {
    revision: -1,
    hash: null,
  };
  return events.map((event) => {
    revision += 1;
    const hash = chainHash({ previous, revision, content: contentHash({ ...event, stream, recordedAt }) });
    previous = hash;
    return { ...event, stream, recordedAt, revision, hash };
  });
}
