// Imports one file: recognises it, names it, and reads it. A capture that is new to the log is hashed while it is read,
// both in threads of their own; all else is named first, so that what the log holds of it is known.

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
import { captureImporterFor, importerFor } from "../importers/all-importers.js";
import type { CaptureImporter, Importer } from "../importers/importer.js";
import type { Appender } from "./appender.js";
import { readBeside } from "./beside.js";
import { type EvidenceFile, type OpenedFile, openFile } from "./evidence-file.js";
import { type FileReport, failedReport, whyUnrecognised } from "./file-report.js";
import { ImportRun, placeNamed, type Reading } from "./import-run.js";
import { hashContent, openingOf } from "./source-name.js";
import { storedIn } from "./stored-frames.js";

export type ImportOptions = {
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

/** Smaller captures are read before a thread has started. */
const minBytesBeside = 8_000_000;

export async function importFile(
  file: EvidenceFile,
  options: ImportOptions,
  target: ImportTarget,
): Promise<FileReport> {
  const opened = await openFile(file, options.onBytes);
  const reading = await readingOf(opened, options, target);
  if (reading === null) return unusable(opened);
  return new ImportRun(reading, target.appender, options.onPackets).run();
}

function unusable(opened: OpenedFile): FileReport {
  const damage = opened.damage();
  if (damage !== null) return failedReport(opened.name, "unreadable", damage);
  return failedReport(opened.name, "not-recognised", whyUnrecognised(opened.head));
}

/** Null where no importer knows the content. */
async function readingOf(opened: OpenedFile, options: ImportOptions, target: ImportTarget): Promise<Reading | null> {
  const capture = captureImporterFor(opened.head);
  if (capture !== null) return readingOfCapture({ opened, importer: capture }, options, target);
  const importer = importerFor(opened.head);
  return importer === null ? null : readingOfRecords({ opened, importer }, options, target);
}

type Recognised<I> = { readonly opened: OpenedFile; readonly importer: I };

async function readingOfRecords(
  { opened, importer }: Recognised<Importer>,
  { takenAt, interface: named }: ImportOptions,
  { appender, views }: ImportTarget,
): Promise<Reading> {
  const { sha256 } = await hashContent(opened.content());
  const taken =
    takenAt === null
      ? ({ time: opened.modifiedAt, instant: "file-time" } as const)
      : ({ time: takenAt, instant: "stated" } as const);
  const context = { sha256, taken, place: placeNamed(named), isStored: () => false, now: systemClock, fields: null };
  const items = importer.read({ ...opened, content: opened.contentForImport }, context);
  const stored = async () => {
    await indexTraffic(appender.log, views);
    return storedReports(views, sha256);
  };
  const base = { ...fileReading(opened, importer), ...namedBy(sha256, sha256), storedReports: stored };
  return { ...base, interface: named, opening: null, items };
}

async function readingOfCapture(
  recognised: Recognised<CaptureImporter>,
  options: ImportOptions,
  { appender, views }: ImportTarget,
): Promise<Reading> {
  await indexTraffic(appender.log, views);
  const { opened, importer } = recognised;
  const { interface: named } = options;
  const reading = { ...fileReading(opened, importer), interface: named, opening: openingOf(importer, opened.head) };
  const { opening } = reading;
  const isNew = opening !== null && sourcesOpening(views, opening, importer.format).length === 0;
  const isLarge = opened.file.size >= minBytesBeside && !opened.packed;
  if (isNew && isLarge) return { ...reading, ...readBeside(opened.file, { importer, ...options }) };
  const { sha256, agrees } = await hashContent(opened.content(), opening === null ? [] : contentReadOf(views, opening));
  const name = agrees && opening !== null ? opening : sha256;
  const context = { place: placeNamed(named), isStored: storedIn(storedFrames(views, name), name), now: systemClock };
  const items = importer.read({ ...opened, content: opened.contentForImport }, context);
  return { ...reading, ...namedBy(name, sha256), items };
}

function fileReading(opened: OpenedFile, importer: Pick<Importer, "format">) {
  const { name, damage } = opened;
  return {
    name,
    format: importer.format,
    damage,
    contentRead: () => null,
    stopped: () => false,
    storedReports: async () => [],
  };
}

function namedBy(sha256: string, whole: string): Pick<Reading, "sha256" | "whole"> {
  return { sha256: Promise.resolve(sha256), whole: async () => whole };
}
