// Ids made of content (UUIDv5, RFC 9562 section 5.5), so that evidence imported twice, or from overlapping files, is
// known again. What differs between two copies of the same fact is left out: above all the file it came in.

import type {
  ControlFact,
  Envelope,
  Fact,
  FlowsReported,
  Micros,
  PacketsObserved,
  SnapshotInstant,
  SourceFact,
} from "@conntrail/engine";
import { v5 as uuidV5 } from "uuid";
import { canonicalJson } from "./canonical-json.js";

/** An event before it has its id. */
export type EventDraft<F extends Fact = Fact> = Omit<Envelope, "id"> & F;

/** A fact that was seen whole at an instant: the `*-seen` types. */
export type SnapshotFact = Extract<ControlFact, { readonly data: { readonly instant: SnapshotInstant } }>;

/** Drawn once at random. Another value would make all evidence look new. */
const namespace = "df26a47e-8aa7-45da-be71-9c5a7ba0e435";

/**
 * Control facts: type, time, actor, data. A snapshot whose instant was only guessed from its file: `contentId`, since a
 * copied file has another time. Packets: source, place and frames. Reported flows: source and their numbers in it.
 */
export function eventId(draft: EventDraft<ControlFact | PacketsObserved | FlowsReported>): string {
  if (draft.type === "packets-observed") return packetsId(draft);
  if (draft.type === "flows-reported") return reportsId(draft);
  if (isSnapshot(draft) && draft.data.instant === "file-time") return contentId(draft);
  const { type, time, actor, data } = draft;
  return uuidOf({ type, time, actor, data });
}

/** What a snapshot shows, whenever it was taken: without time and instant. Known content adds nothing without a time. */
export function contentId(draft: EventDraft<SnapshotFact>): string {
  const { instant: _, ...data } = draft.data;
  return uuidOf({ type: draft.type, actor: draft.actor, data });
}

/** Ties the events of one command together; the same command at the same instant has the same. */
export function correlationIdOf(command: {
  readonly time: Micros;
  readonly who: string;
  readonly facts: readonly object[];
}): string {
  return uuidOf(command);
}

/** Imports and retractions are never the same twice: `nonce` tells two of equal content apart, and is the same in a retry. */
export function importRecordId(draft: EventDraft<SourceFact>, nonce: string): string {
  const { type, time, actor, source, data } = draft;
  return uuidOf({ type, time, actor, source, data, nonce });
}

export function isSnapshot(draft: EventDraft): draft is EventDraft<SnapshotFact> {
  return "instant" in draft.data;
}

function packetsId(draft: EventDraft<PacketsObserved>): string {
  const { place, firstFrame, lastFrame } = draft.data;
  return uuidOf({ sha256: draft.source.sha256, place, firstFrame, lastFrame });
}

function reportsId({ source: { sha256 }, data: { place, firstReport, count } }: EventDraft<FlowsReported>): string {
  return uuidOf({ sha256, place, firstReport, count });
}

function uuidOf(content: object): string {
  return uuidV5(canonicalJson(content), namespace);
}
