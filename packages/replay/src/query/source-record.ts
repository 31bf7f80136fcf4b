// Where an event stands in the evidence: file, record, byte; and the record itself, where the file can still be found.

import { dirname } from "node:path";
import { isEnteredByHand, type RecordedEvent } from "@conntrail/engine";
import { readBatch, reportsOf } from "@conntrail/store";
import type { Case } from "../case.js";
import { withSource } from "../importing/find-source.js";
import { type RawRecord, rawRecord } from "../importing/raw-record.js";

export type SourceAnswer =
  | { readonly kind: "by-hand" }
  | {
      readonly kind: "evidence";
      /** As given to import, each of them. */
      readonly names: readonly string[];
      readonly sha256: string;
      /** Null: the log holds no import of it. */
      readonly format: string | null;
      readonly record: number;
      /** Null: the log does not say, and the file can't be asked. */
      readonly offset: number | null;
      readonly raw: RawRecord | null;
      readonly missing: Missing | null;
    };

/**
 * Why there is no record: the event is of the file as a whole; no file of these names is there, or only with another
 * content; or the file does not hold it.
 */
export type Missing = "whole-file" | "gone" | "changed" | "not-found";

/** `index`: of a packet or report in a batch; null: the event itself, of a batch its first. */
export async function sourceRecord(kase: Case, event: RecordedEvent, index: number | null): Promise<SourceAnswer> {
  if (isEnteredByHand(event.source)) return { kind: "by-hand" };
  const { sha256 } = event.source;
  const { names, format } = await importsOf(kase, sha256);
  const place = placeOf(event, index);
  const { raw, missing } = await searched(kase, { names, sha256 }, place);
  const offset = raw?.offset ?? place.offset;
  return { kind: "evidence", names, sha256, format, record: place.record, offset, raw, missing };
}

async function importsOf(kase: Case, sha256: string) {
  const names = new Set<string>();
  let format: string | null = null;
  for await (const event of kase.log.readStream(`import-${sha256}`)) {
    if (event.type !== "import-started") continue;
    names.add(event.data.name);
    format = event.data.format;
  }
  return { names: [...names], format };
}

type Place = { readonly record: number; readonly offset: number | null };

function placeOf(event: RecordedEvent, index: number | null): Place {
  const { record, offset = null } = event.source;
  if (event.type === "flows-reported") {
    const batch = reportsOf(event);
    return { record: batch.record[index ?? 0]!, offset: batch.offset[index ?? 0]! };
  }
  if (event.type !== "packets-observed" || index === null || index === 0) return { record, offset };
  return { record: readBatch(event).frame[index]!, offset: null };
}

type Searched = { readonly raw: RawRecord | null; readonly missing: Missing | null };

/** Names are taken from here, and from where the case lies. */
async function searched(
  { directory }: Case,
  { names, sha256 }: { readonly names: readonly string[]; readonly sha256: string },
  place: Place,
): Promise<Searched> {
  if (place.record === 0) return { raw: null, missing: "whole-file" };
  const directories = [...new Set([process.cwd(), dirname(directory), dirname(dirname(directory))])];
  let missing: "gone" | "changed" = "gone";
  for (const name of names) {
    const found = await withSource({ sha256, name, directories }, (file) => rawRecord(file, place));
    if (found.kind === "found") return { raw: found.answer, missing: found.answer === null ? "not-found" : null };
    if (found.kind === "changed") missing = "changed";
  }
  return { raw: null, missing };
}
