// Imports one file: recognises it, hands its events and packets to the appender, and reports what there was.

import { randomUUID } from "node:crypto";
import { type Micros, placeOfInterface, toMicros } from "@conntrail/engine";
import { storedFrames, systemClock, type Views } from "@conntrail/store";
import { allImporters, importerFor } from "../importers/all-importers.js";
import type { Draft, ImportContext, Imported, Importer, Problem } from "../importers/importer.js";
import type { Appender } from "./appender.js";
import { type EvidenceFile, type OpenedEvidence, openEvidence } from "./evidence-file.js";

export type ImportOptions = {
  /** When snapshots were taken, where the user says so. */
  readonly takenAt: Micros | null;
  /** The interface at which captures were taken, where the user says so. */
  readonly interface: string | null;
  /** Hears of the bytes of the file that have been read. */
  readonly onBytes: (bytes: number) => void;
};

export type FileReport = {
  readonly name: string;
  /** Null: no importer knows the content. */
  readonly format: string | null;
  readonly records: number;
  /** Events that the log did not have, a batch of packets counting as one for each packet. */
  readonly added: number;
  /** Events and packets that the log had already. */
  readonly known: number;
  readonly first: Micros | null;
  readonly last: Micros | null;
  readonly problemCount: number;
  /** The first hundred. */
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
};

const maxKeptProblems = 100;
const maxHeldDrafts = 1000;

export type ImportTarget = { readonly appender: Appender; readonly views: Views };

export async function importFile(
  file: EvidenceFile,
  options: ImportOptions,
  target: ImportTarget,
): Promise<FileReport> {
  const evidence = await openEvidence(file, options.onBytes);
  const importer = importerFor(evidence.head);
  if (importer === null) return unrecognised(evidence);
  return new FileImport(evidence, importer, options, target).run();
}

function unrecognised(evidence: OpenedEvidence): FileReport {
  const { name } = evidence;
  const problems = [{ record: null, message: evidence.damage() ?? whyUnrecognised(evidence.head) }];
  const nothing = { format: null, records: 0, added: 0, known: 0, first: null, last: null, notes: [] };
  return { name, ...nothing, problemCount: 1, problems };
}

function whyUnrecognised(head: Uint8Array): string {
  if (head.length === 0) return "the file is empty";
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    return "not recognised: the text is UTF-16; save it as UTF-8";
  }
  return `not recognised: conntrail reads ${allImporters.map(({ title }) => title).join(", ")}`;
}

class FileImport {
  #records = 0;
  #added = 0;
  #known = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #problemCount = 0;
  readonly #problems: Problem[] = [];
  readonly #notes: string[] = [];
  #drafts: Draft[] = [];
  #guessedInstant = false;
  readonly #nonce = randomUUID();

  constructor(
    private readonly evidence: OpenedEvidence,
    private readonly importer: Importer,
    private readonly options: ImportOptions,
    private readonly target: ImportTarget,
  ) {}

  async run(): Promise<FileReport> {
    await this.#recordStart();
    for await (const item of this.importer.read(this.evidence, this.#context())) await this.#take(item);
    await this.#flush();
    const damage = this.evidence.damage();
    if (damage !== null) this.#problem({ record: null, message: damage });
    this.#tellInstant();
    await this.#recordFinish();
    return this.#report();
  }

  #context(): ImportContext {
    const { sha256, modifiedAt } = this.evidence;
    const { takenAt } = this.options;
    const ranges = storedFrames(this.target.views, sha256);
    return {
      sha256,
      taken: takenAt === null ? { time: modifiedAt, instant: "file-time" } : { time: takenAt, instant: "stated" },
      place: this.options.interface === null ? null : placeOfInterface(this.options.interface),
      isStored: (place, frame) => {
        const stored = ranges.some((range) => isWithin(range, place, frame));
        if (stored) this.#known++;
        return stored;
      },
    };
  }

  async #take(item: Imported): Promise<void> {
    switch (item.kind) {
      case "event":
        this.#drafts.push(item.event);
        this.#guessedInstant ||= "instant" in item.event.data && item.event.data.instant === "file-time";
        this.#span(item.event.time, item.event.lastTime);
        if (this.#drafts.length >= maxHeldDrafts) await this.#flush();
        return;
      case "packets":
        await this.target.appender.appendBatch(item.place, item.batch, this.evidence.sha256);
        this.#added += item.batch.count;
        for (const time of item.batch.time) this.#span(time, time);
        return;
      case "problem":
        this.#problem(item.problem);
        return;
      case "note":
        if (this.#notes.length < maxKeptProblems) this.#notes.push(item.message);
        return;
      case "records":
        this.#records = item.count;
    }
  }

  #span(first: number, last: number): void {
    this.#first = Math.min(this.#first, first);
    this.#last = Math.max(this.#last, last);
  }

  #problem(problem: Problem): void {
    this.#problemCount++;
    if (this.#problems.length < maxKeptProblems) this.#problems.push(problem);
  }

  async #flush(): Promise<void> {
    const added = await this.target.appender.appendDrafts(this.#drafts);
    this.#added += added;
    this.#known += this.#drafts.length - added;
    this.#drafts = [];
  }

  #tellInstant(): void {
    if (!this.#guessedInstant) return;
    this.#notes.push("taken at the file's modification time, since it carries no time: state it with --taken-at");
  }

  #recordBase() {
    const time = systemClock();
    return { time, lastTime: time, source: { sha256: this.evidence.sha256, record: 0 }, actor: null };
  }

  async #recordStart(): Promise<void> {
    const data = { name: this.evidence.name, format: this.importer.format, place: this.options.interface };
    const record = { type: "import-started", data, ...this.#recordBase() } as const;
    await this.target.appender.appendImportRecord(record, this.#nonce);
  }

  async #recordFinish(): Promise<void> {
    const data = {
      name: this.evidence.name,
      sha256: this.evidence.sha256,
      records: this.#records,
      newEvents: this.#added,
      problemCount: this.#problemCount,
      problems: this.#problems,
    };
    const record = { type: "import-finished", data, ...this.#recordBase() } as const;
    await this.target.appender.appendImportRecord(record, this.#nonce);
  }

  #report(): FileReport {
    const seen = Number.isFinite(this.#first);
    return {
      name: this.evidence.name,
      format: this.importer.format,
      records: this.#records,
      added: this.#added,
      known: this.#known,
      first: seen ? toMicros(this.#first) : null,
      last: seen ? toMicros(this.#last) : null,
      problemCount: this.#problemCount,
      problems: this.#problems,
      notes: this.#notes,
    };
  }
}

type StoredRange = { readonly place: string; readonly first_frame: number; readonly last_frame: number };

function isWithin(range: StoredRange, place: string, frame: number): boolean {
  return range.place === place && range.first_frame <= frame && frame <= range.last_frame;
}
