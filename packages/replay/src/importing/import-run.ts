// Takes what an importer yields to the log, with the records of the import around it, and reports what there was.

import { randomUUID } from "node:crypto";
import {
  type ContentRead,
  encodeInParts,
  encodeReportsInParts,
  placeOfInterface,
  type ReportedBatch,
  sliceReports,
  toMicros,
} from "@conntrail/engine";
import { isSourceRetracted, type ReportRange, systemClock } from "@conntrail/store";
import type { Draft, Imported } from "../importers/importer.js";
import { type Appender, type PlacedBatch, type PlacedReports, reportSpan, timeSpan } from "./appender.js";
import type { FileReport } from "./file-report.js";
import { ProblemLedger } from "./problem-ledger.js";
import { Unstored } from "./stored-reports.js";

/** One source on its way from an importer. */
export type Reading = {
  readonly name: string;
  readonly format: string;
  /** See `FileReport`. */
  readonly confidence: number;
  /** What recognition leaves to be told. */
  readonly notes: readonly string[];
  /** The interface at which the capture was taken, where the user says so. */
  readonly interface: string | null;
  /** Of captures: see `openingOf`. */
  readonly opening: string | null;
  /** The source's id; a file may be hashed beside its import, and then it comes after the first packets. */
  readonly sha256: Promise<string>;
  readonly items: AsyncIterable<Imported>;
  /** Which reported flows of the source the log holds already; asked when the first comes. */
  storedReports(): Promise<readonly ReportRange[]>;
  /** How many of a batch the case has from other sources; asked after that. */
  knownReports(batch: ReportedBatch): Promise<number>;
  /** Of standard input: how much the items so far were made of. Then all are due in the log as they come. */
  contentRead(): ContentRead | null;
  /** SHA-256 of the whole content; asked once the items are at their end. */
  whole(): Promise<string>;
  /** Why the content ended too soon, and whether the user ended it; asked at the end as well. */
  damage(): string | null;
  stopped(): boolean;
};

/** Of a capture. */
export const noReports: Pick<Reading, "storedReports" | "knownReports"> = {
  storedReports: async () => [],
  knownReports: async () => 0,
};

const maxNotes = 100;
const maxHeldDrafts = 1000;
/** Batches are appended some at a time, since each append waits for the disk. */
const heldBytes = 2_000_000;
/** While the source has no name yet, so much of it waits: more than most captures come to. */
const maxHeldBytes = 64_000_000;

/** The place of capture that the user named, if any. */
export function placeNamed(named: string | null): string | null {
  return named === null ? null : placeOfInterface(named);
}

export class ImportRun {
  #records = 0;
  #stored = 0;
  #added = 0;
  #known = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  readonly #problems = new ProblemLedger();
  readonly #notes: string[];
  #drafts: Draft[] = [];
  #batches: PlacedBatch[] = [];
  #batchBytes = 0;
  #reports: PlacedReports[] = [];
  #reportBytes = 0;
  readonly #dropped: Extract<Imported, { kind: "dropped" }>[] = [];
  #unstored: Unstored | null = null;
  #guessedInstant = false;
  #started = false;
  #named = false;
  readonly #nonce = randomUUID();

  constructor(
    private readonly reading: Reading,
    private readonly appender: Appender,
    private readonly onPackets: (packets: number) => void = () => undefined,
  ) {
    this.#notes = [...reading.notes];
  }

  async run(): Promise<FileReport> {
    this.reading.sha256.then(
      () => {
        this.#named = true;
      },
      () => undefined,
    );
    for await (const item of this.reading.items) await this.#take(item);
    await this.#holdDropped();
    await this.#flush();
    await this.#flushBatches();
    await this.#flushReports();
    await this.appender.finishSource();
    const damage = this.reading.damage();
    if (damage !== null) this.#problems.add({ kind: "unreadable", record: null, message: damage });
    this.#tellInstant();
    await this.#recordFinish();
    return this.#report();
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
        return this.#takePackets(item);
      case "flows":
        return this.#takeReports(item);
      case "dropped":
        this.#dropped.push(item);
        return;
      case "problem":
        this.#problems.add(item.problem);
        return;
      case "cut":
        if (this.reading.stopped()) this.#note("it was stopped inside a record, which is left out");
        else this.#problems.add(item.problem);
        return;
      case "note":
        this.#note(item.message);
        return;
      case "records":
        this.#records = item.count;
        this.#stored = item.stored;
    }
  }

  async #takePackets({ place, batch, offset }: Extract<Imported, { kind: "packets" }>): Promise<void> {
    const contentRead = this.reading.contentRead();
    for (const [index, part] of encodeInParts(batch).entries()) {
      const span = timeSpan(part.batch);
      this.#span(...span);
      this.#batches.push({ place, part, offset: index === 0 ? offset : null, span, contentRead });
      this.#batchBytes += part.columns.length;
    }
    this.#added += batch.count;
    this.onPackets(batch.count);
    const enough = this.#named ? heldBytes : maxHeldBytes;
    if (contentRead !== null || this.#batchBytes >= enough) await this.#flushBatches();
  }

  async #takeReports({ firstReport, batch }: Extract<Imported, { kind: "flows" }>): Promise<void> {
    this.#unstored ??= new Unstored(await this.reading.storedReports());
    const fresh = this.#unstored.within({ from: firstReport, to: firstReport + batch.count });
    this.#span(...reportSpan(batch));
    this.#known += batch.count;
    for (const { from, to } of fresh) {
      const isWhole = to - from === batch.count;
      await this.#holdReports(from, isWhole ? batch : sliceReports(batch, from - firstReport, to - firstReport));
    }
    if (this.#reportBytes >= heldBytes) await this.#flushReports();
  }

  async #holdReports(firstReport: number, batch: ReportedBatch): Promise<void> {
    const added = batch.count - (await this.reading.knownReports(batch));
    this.#known -= added;
    this.#added += added;
    let next = firstReport;
    for (const part of encodeReportsInParts(batch)) {
      this.#reports.push({ place: "", firstReport: next, part });
      this.#reportBytes += part.columns.length;
      next += part.batch.count;
    }
  }

  async #flushReports(): Promise<void> {
    if (this.#reports.length === 0) return;
    await this.#recordStart();
    const sha256 = await this.reading.sha256;
    const placed = this.#reports.map((reports) => ({ ...reports, place: this.reading.interface ?? sha256 }));
    await this.appender.appendReports(placed, sha256);
    this.#reports = [];
    this.#reportBytes = 0;
  }

  #span(first: number, last: number): void {
    this.#first = Math.min(this.#first, first);
    this.#last = Math.max(this.#last, last);
  }

  #note(message: string): void {
    if (this.#notes.length < maxNotes) this.#notes.push(message);
  }

  async #holdDropped(): Promise<void> {
    const sha256 = await this.reading.sha256;
    for (const { place, span, droppedBy, packets } of this.#dropped) {
      const [time, lastTime] = span;
      const data = { place: this.#placeOf(place, sha256), droppedBy, packets };
      this.#drafts.push({ type: "gap-declared", data, time, lastTime, source: { sha256, record: 0 }, actor: null });
    }
  }

  async #flush(): Promise<void> {
    await this.#recordStart();
    const added = await this.appender.appendDrafts(this.#drafts);
    this.#added += added;
    this.#known += this.#drafts.length - added;
    this.#drafts = [];
  }

  async #flushBatches(): Promise<void> {
    await this.#recordStart();
    const sha256 = await this.reading.sha256;
    const named = this.#batches.map((batch) => ({ ...batch, place: this.#placeOf(batch.place, sha256) }));
    await this.appender.appendBatches(named, sha256);
    this.#batches = [];
    this.#batchBytes = 0;
  }

  #placeOf(place: string, sha256: string): string {
    return this.reading.interface === null ? sha256 + place : place;
  }

  #tellInstant(): void {
    if (!this.#guessedInstant) return;
    this.#note("taken at the file's modification time, since it carries no time: state it with --taken-at");
  }

  async #tellRetraction(): Promise<void> {
    if (!(await isSourceRetracted(this.appender.log, await this.reading.sha256))) return;
    this.#note("it had been retracted: what is imported now counts again");
  }

  async #recordBase() {
    const time = systemClock();
    return { time, lastTime: time, source: { sha256: await this.reading.sha256, record: 0 }, actor: null };
  }

  async #recordStart(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    await this.#tellRetraction();
    const { name, format, interface: place, opening } = this.reading;
    const data = { name, format, place, ...(opening === null ? {} : { opening }) };
    const record = { type: "import-started", data, ...(await this.#recordBase()) } as const;
    await this.appender.appendImportRecord(record, this.#nonce);
  }

  async #recordFinish(): Promise<void> {
    const data = {
      name: this.reading.name,
      sha256: await this.reading.whole(),
      records: this.#records,
      newEvents: this.#added,
      ...this.#problems.told(),
    };
    const record = { type: "import-finished", data, ...(await this.#recordBase()) } as const;
    await this.appender.appendImportRecord(record, this.#nonce);
  }

  #report(): FileReport {
    const seen = Number.isFinite(this.#first);
    return {
      name: this.reading.name,
      format: this.reading.format,
      confidence: this.reading.confidence,
      records: this.#records,
      added: this.#added,
      known: this.#known + this.#stored,
      first: seen ? toMicros(this.#first) : null,
      last: seen ? toMicros(this.#last) : null,
      ...this.#problems.told(),
      notes: this.#notes,
    };
  }
}
