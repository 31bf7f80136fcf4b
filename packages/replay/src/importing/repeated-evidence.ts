// Tells the log what a source has that came from another one before, so that it stands without that one. Only what the
// source has not told yet: importing it again adds nothing.

import { randomUUID } from "node:crypto";
import type { EvidenceRepeated, NewEvent, Repeat } from "@conntrail/engine";
import { type EventDraft, type EventLog, importRecordId, isSnapshot, streamOf, systemClock } from "@conntrail/store";
import type { Draft } from "../importers/importer.js";

/** An event that the log has, and the source that it counts from. */
export type KnownEvent = { readonly id: string; readonly sha256: string };

export type Repeated = { readonly draft: Draft; readonly known: KnownEvent };

type Source = { readonly told: Set<string>; waiting: Repeat[] };

/** Some 250 KB. */
const repeatsTogether = 2000;

export class RepeatedEvidence {
  readonly #sources = new Map<string, Source>();

  constructor(
    private readonly log: EventLog,
    private readonly append: (stream: string, events: readonly NewEvent[]) => Promise<void>,
  ) {}

  async add(repeated: readonly Repeated[]): Promise<void> {
    for (const { draft, known } of repeated) {
      const { sha256 } = draft.source;
      if (sha256 === known.sha256) continue;
      const source = await this.#source(sha256);
      const repeat = repeatOf(draft, known.id);
      if (source.told.has(nameOf(repeat))) continue;
      source.told.add(nameOf(repeat));
      source.waiting.push(repeat);
      if (source.waiting.length === repeatsTogether) await this.#tell(sha256, source);
    }
  }

  /** Tells what waits, and forgets the sources. */
  async flush(): Promise<void> {
    for (const [sha256, source] of this.#sources) if (source.waiting.length > 0) await this.#tell(sha256, source);
    this.#sources.clear();
  }

  async #tell(sha256: string, source: Source): Promise<void> {
    const time = systemClock();
    const draft: EventDraft<EvidenceRepeated> = {
      type: "evidence-repeated",
      data: { repeats: source.waiting },
      time,
      lastTime: time,
      source: { sha256, record: 0 },
      actor: null,
    };
    source.waiting = [];
    await this.append(streamOf(draft), [{ ...draft, id: importRecordId(draft, randomUUID()) }]);
  }

  async #source(sha256: string): Promise<Source> {
    const known = this.#sources.get(sha256);
    if (known !== undefined) return known;
    const source: Source = { told: await toldBy(this.log, sha256), waiting: [] };
    this.#sources.set(sha256, source);
    return source;
  }
}

/** What it told before it was taken back counts no more. */
async function toldBy(log: EventLog, sha256: string): Promise<Set<string>> {
  let retracted = 0;
  for await (const { position } of log.readStream(`retraction-${sha256}`)) retracted = position;
  const told = new Set<string>();
  for await (const { type, data, position } of log.readStream(`repeat-${sha256}`)) {
    if (type !== "evidence-repeated" || position < retracted) continue;
    for (const repeat of data.repeats) told.add(nameOf(repeat));
  }
  return told;
}

function repeatOf(draft: Draft, id: string): Repeat {
  const { sha256: _, ...where } = draft.source;
  const isGuess = isSnapshot(draft) && draft.data.instant === "file-time";
  return { id, ...where, ...(isGuess ? { guessed: draft.time } : {}) };
}

function nameOf({ id, guessed }: Repeat): string {
  return guessed === undefined ? id : `${id} guessed`;
}
