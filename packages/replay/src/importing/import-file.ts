// Imports one file: recognises it, names it, and reads it. A large capture that is new to the log, and a large log of
// flows, are hashed while they are read, both in threads of their own; all else is named first.

import { randomUUID } from "node:crypto";
import type { Micros, ReportedBatch } from "@conntrail/engine";
import {
  contentReadOf,
  indexTraffic,
  sourcesOpening,
  storedFrames,
  storedReports,
  systemClock,
  type Views,
} from "@conntrail/store";
import { reportImporters } from "../importers/all-importers.js";
import type { FormatChoice } from "../importers/format-choice.js";
import type { CaptureImporter, Importer, ReportContext } from "../importers/importer.js";
import type { Appender } from "./appender.js";
import { readBeside } from "./beside.js";
import { type EvidenceFile, type OpenedFile, openFile } from "./evidence-file.js";
import { type FileReport, failedReport, whyUnrecognised } from "./file-report.js";
import { ImportRun, noReports, placeNamed, type Reading } from "./import-run.js";
import { KnownReports } from "./known-reports.js";
import type { ReadingTask } from "./reading-task.js";
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

/** Smaller files are read before threads have started. */
const minBytesBeside = 8_000_000;
/** Logs of flows pack to a quarter and less; threads take about as long to start as one megabyte does to be read. */
const minPackedBytesBeside = 4_000_000;

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

async function refused(opened: OpenedFile, appender: Appender): Promise<FileReport> {
  const { sha256 } = await hashContent(opened.content());
  return keepRefused(unusable(opened), sha256, appender);
}

/** The case keeps why, so that nobody takes the file for read. */
export async function keepRefused(report: FileReport, sha256: string, appender: Appender): Promise<FileReport> {
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

/** The content on its way, and its name. */
type ContentReading = Pick<Reading, "sha256" | "whole" | "items">;

type Opened<I> = { readonly opened: OpenedFile; readonly recognised: Recognised<I> };

async function readingOfRecords(
  { opened, recognised }: Opened<Importer>,
  { takenAt, interface: named, format, onBytes }: ImportOptions,
  { appender, views }: ImportTarget,
): Promise<Reading> {
  const taken =
    takenAt === null
      ? ({ time: opened.modifiedAt, instant: "file-time" } as const)
      : ({ time: takenAt, instant: "stated" } as const);
  const context = { taken, place: placeNamed(named), fields: format?.fields ?? null };
  const { importer } = recognised;
  const content =
    isLarge(opened) && reportImporters.some((one) => one.format === importer.format)
      ? readFileBeside({ opened, importer }, context, onBytes)
      : await readHere({ opened, importer }, context);
  const stored = async () => {
    await indexTraffic(appender.log, views);
    return storedReports(views, await content.sha256);
  };
  let known: KnownReports | null = null;
  const knownReports = async (batch: ReportedBatch) => {
    known ??= new KnownReports(appender.log, views, await content.sha256);
    return known.countIn(batch);
  };
  const told = { storedReports: stored, knownReports };
  const reading = { ...fileReading({ opened, recognised }), ...told, interface: named, opening: null };
  return { ...reading, ...content };
}

async function readHere(
  { opened, importer }: { readonly opened: OpenedFile; readonly importer: Importer },
  context: Omit<ReportContext, "isStored" | "now">,
): Promise<ContentReading> {
  const { sha256 } = await hashContent(opened.content());
  const items = importer.read(
    { ...opened, content: opened.contentForImport },
    { ...context, sha256, isStored: () => false, now: systemClock },
  );
  return { ...namedBy(sha256, sha256), items };
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
    return { ...reading, ...readFileBeside({ opened, importer }, { place: placeNamed(named) }, options.onBytes) };
  }
  const { sha256, agrees } = await hashContent(opened.content(), opening === null ? [] : contentReadOf(views, opening));
  const name = agrees && opening !== null ? opening : sha256;
  const context = { place: placeNamed(named), isStored: storedIn(storedFrames(views, name), name), now: systemClock };
  const items = importer.read({ ...opened, content: opened.contentForImport }, context);
  return { ...reading, ...namedBy(name, sha256), items };
}

function isLarge({ file, packed }: OpenedFile): boolean {
  return file.size >= (packed ? minPackedBytesBeside : minBytesBeside);
}

function readFileBeside(
  { opened, importer }: { readonly opened: OpenedFile; readonly importer: Pick<Importer, "format"> },
  context: ReadingTask["context"],
  onBytes: (bytes: number) => void,
): ContentReading & Pick<Reading, "damage"> {
  const { file, packed, head } = opened;
  const content = readBeside({ file, packed, head, format: importer.format, context }, onBytes);
  return { ...content, damage: () => content.damage() ?? opened.damage() };
}

function fileReading({ opened, recognised }: Opened<Pick<Importer, "format">>) {
  const { name, damage } = opened;
  const { importer, confidence, notes } = recognised;
  const { format } = importer;
  const unended = { contentRead: () => null, stopped: () => false, ...noReports };
  return { name, format, confidence, notes, damage, ...unended };
}

function namedBy(sha256: string, whole: string): Pick<Reading, "sha256" | "whole"> {
  return { sha256: Promise.resolve(sha256), whole: async () => whole };
}
