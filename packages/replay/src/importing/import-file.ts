// Imports one file: recognises it, names it, and reads it. A capture that is new to the log is hashed while it is read,
// both in threads of their own; all else is named first, so that what the log holds of it is known.

import { randomUUID } from "node:crypto";
import type { Micros } from "@conntrail/engine";
import {
  contentReadOf,
  indexTraffic,
  sourcesOpening,
  storedFrames,
  storedReports,
  systemClock,
  type Views,
} from "@conntrail/store";
import type { FormatChoice } from "../importers/format-choice.js";
import type { CaptureImporter, Importer } from "../importers/importer.js";
import type { Appender } from "./appender.js";
import { readAndHashBeside, readBeside } from "./beside.js";
import { type EvidenceFile, type OpenedFile, openFile } from "./evidence-file.js";
import { type FileReport, failedReport, whyUnrecognised } from "./file-report.js";
import { ImportRun, placeNamed, type Reading } from "./import-run.js";
import { type Recognised, recogniseCapture, recogniseRecords } from "./recognised.js";
import { hashContent, openingOf } from "./source-name.js";
import { storedIn } from "./stored-frames.js";

export type ImportOptions = {
  /** Null: each file's content says. */
  readonly format: FormatChoice | null;
  /** When snapshots were taken, where the user says so. */
  readonly takenAt: Micros | null;
  /** The interface at which captures were taken, where the user says so. */
  readonly interface: string | null;
  /** Hears of the bytes that have been read. */
  readonly onBytes: (bytes: number) => void;
  /** Hears of the packets that are new. */
  readonly onPackets?: (packets: number) => void;
};

export type ImportTarget = { readonly appender: Appender; readonly views: Views };

/** Smaller files are read before a thread has started. */
const minBytesBeside = 8_000_000;

export async function importFile(
  file: EvidenceFile,
  options: ImportOptions,
  target: ImportTarget,
): Promise<FileReport> {
  const opened = await openFile(file, options.onBytes);
  const reading = await readingOf(opened, options, target);
  if (reading === null) return refused(opened, target.appender);
  return new ImportRun(reading, target.appender, options.onPackets).run();
}

/** The case keeps why, so that nobody takes the file for read. */
async function refused(opened: OpenedFile, appender: Appender): Promise<FileReport> {
  const report = unusable(opened);
  const { sha256 } = await hashContent(opened.content());
  const { name, records, problemCount, problemsByKind, problems } = report;
  const data = { name, sha256, records, newEvents: 0, problemCount, problemsByKind, problems };
  const time = systemClock();
  const envelope = { time, lastTime: time, source: { sha256, record: 0 }, actor: null };
  await appender.appendImportRecord({ type: "import-finished", data, ...envelope }, randomUUID());
  return report;
}

function unusable(opened: OpenedFile): FileReport {
  const damage = opened.damage();
  if (damage !== null) return failedReport(opened.name, "unreadable", damage);
  return failedReport(opened.name, "not-recognised", whyUnrecognised(opened.head));
}

/** Null where no importer knows the content. */
async function readingOf(opened: OpenedFile, options: ImportOptions, target: ImportTarget): Promise<Reading | null> {
  const capture = recogniseCapture(opened.head, options.format);
  if (capture !== null) return readingOfCapture({ opened, recognised: capture }, options, target);
  const recognised = recogniseRecords(opened.head, options.format);
  return recognised === null ? null : readingOfRecords({ opened, recognised }, options, target);
}

type Opened<I> = { readonly opened: OpenedFile; readonly recognised: Recognised<I> };

async function readingOfRecords(
  { opened, recognised }: Opened<Importer>,
  { takenAt, interface: named, format, onBytes }: ImportOptions,
  { appender, views }: ImportTarget,
): Promise<Reading> {
  const { sha256 } = await hashContent(opened.content());
  const taken =
    takenAt === null
      ? ({ time: opened.modifiedAt, instant: "file-time" } as const)
      : ({ time: takenAt, instant: "stated" } as const);
  const place = placeNamed(named);
  const fields = format?.fields ?? null;
  const { importer } = recognised;
  const context = { sha256, taken, place, fields };
  const items =
    importer.yieldsBatches && isLarge(opened)
      ? readBeside({ ...taskOf(opened, importer), context }, onBytes)
      : importer.read(
          { ...opened, content: opened.contentForImport },
          { ...context, isStored: () => false, now: systemClock },
        );
  const stored = async () => {
    await indexTraffic(appender.log, views);
    return storedReports(views, sha256);
  };
  const base = { ...fileReading({ opened, recognised }), ...namedBy(sha256, sha256), storedReports: stored };
  return { ...base, interface: named, opening: null, items };
}

async function readingOfCapture(
  capture: Opened<CaptureImporter>,
  options: ImportOptions,
  { appender, views }: ImportTarget,
): Promise<Reading> {
  await indexTraffic(appender.log, views);
  const { opened, recognised } = capture;
  const { importer } = recognised;
  const { interface: named } = options;
  const reading = { ...fileReading(capture), interface: named, opening: openingOf(importer, opened.head) };
  const { opening } = reading;
  const isNew = opening !== null && sourcesOpening(views, opening, importer.format).length === 0;
  if (isNew && isLarge(opened)) {
    const task = { ...taskOf(opened, importer), context: { place: placeNamed(named) } };
    return { ...reading, ...readAndHashBeside(task, options.onBytes) };
  }
  const { sha256, agrees } = await hashContent(opened.content(), opening === null ? [] : contentReadOf(views, opening));
  const name = agrees && opening !== null ? opening : sha256;
  const context = { place: placeNamed(named), isStored: storedIn(storedFrames(views, name), name), now: systemClock };
  const items = importer.read({ ...opened, content: opened.contentForImport }, context);
  return { ...reading, ...namedBy(name, sha256), items };
}

function isLarge({ file, packed }: OpenedFile): boolean {
  return file.size >= minBytesBeside && !packed;
}

function taskOf({ file, head }: OpenedFile, { format }: Pick<Importer, "format">) {
  return { file, head, format };
}

function fileReading({ opened, recognised }: Opened<Pick<Importer, "format">>) {
  const { name, damage } = opened;
  const { importer, confidence, notes } = recognised;
  const { format } = importer;
  const unended = { contentRead: () => null, stopped: () => false, storedReports: async () => [] };
  return { name, format, confidence, notes, damage, ...unended };
}

function namedBy(sha256: string, whole: string): Pick<Reading, "sha256" | "whole"> {
  return { sha256: Promise.resolve(sha256), whole: async () => whole };
}
