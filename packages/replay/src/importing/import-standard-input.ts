// Imports standard input. A capture is taken as it comes, named by its opening; all else is kept until its end, since its
// name is that of its whole content. So is a capture whose opening the log knows: it is a copy, and live it can't be.

import type { Readable } from "node:stream";
import { indexTraffic, sourcesOpening, systemClock } from "@conntrail/store";
import type { FormatChoice } from "../importers/format-choice.js";
import type { CaptureImporter } from "../importers/importer.js";
import { type Content, peek, unpacked } from "./content.js";
import { spool } from "./evidence-file.js";
import type { FileReport } from "./file-report.js";
import { type ImportOptions, type ImportTarget, importFile } from "./import-file.js";
import { ImportRun, noReports, placeNamed, type Reading } from "./import-run.js";
import { recogniseCapture } from "./recognised.js";
import { ContentHash, openingOf } from "./source-name.js";
import { openStandardInput, paced } from "./standard-input.js";

/** A capture on its way in, recognised by what has come of it. */
type LiveCapture = {
  readonly importer: CaptureImporter;
  readonly opening: string;
  readonly head: Uint8Array;
  readonly content: Content;
};

/** Fewer do not tell a capture from other content. */
const recognisableBytes = 12;

export async function importStandardInput(
  input: Readable,
  options: ImportOptions,
  target: ImportTarget,
): Promise<FileReport> {
  const standardInput = openStandardInput(input);
  const { stopped } = standardInput;
  let damage: string | null = null;
  const all = unpacked(standardInput.content, (message) => {
    damage = message;
  });
  try {
    const { head, content } = await peek(all, (head) => isOpened(head, options.format));
    const capture = await newCapture({ head, content }, options, target);
    if (capture === null) return await importSpooled({ content, damage: () => damage }, options, target);
    const reading = { ...liveReading(capture, options), stopped, damage: () => damage };
    return await new ImportRun(reading, target.appender, options.onPackets).run();
  } finally {
    standardInput.close();
  }
}

/** Whether it is no capture, or header and first record are there. */
function isOpened(head: Uint8Array, format: FormatChoice | null): boolean {
  if (head.length < recognisableBytes) return false;
  const capture = recogniseCapture(head, format);
  return capture === null || openingOf(capture.importer, head) !== null;
}

/** Null where it is no capture, has not even one record, or its opening is known to the log. */
async function newCapture(
  { head, content }: Pick<LiveCapture, "head" | "content">,
  { format }: ImportOptions,
  { appender, views }: ImportTarget,
): Promise<LiveCapture | null> {
  const importer = recogniseCapture(head, format)?.importer ?? null;
  const opening = importer === null ? null : openingOf(importer, head);
  if (importer === null || opening === null) return null;
  await indexTraffic(appender.log, views);
  return sourcesOpening(views, opening, importer.format).length > 0 ? null : { importer, opening, head, content };
}

function liveReading(
  { importer, opening, head, content }: LiveCapture,
  { interface: named, onBytes }: ImportOptions,
): Omit<Reading, "damage" | "stopped"> {
  const hash = new ContentHash();
  const heard = async function* () {
    for await (const chunk of paced(content)) {
      hash.update(chunk);
      onBytes(chunk.length);
      yield chunk;
    }
  };
  const items = importer.read(
    { name: "-", head, content: heard },
    { place: placeNamed(named), isStored: () => false, now: systemClock },
  );
  const contentRead = () => hash.soFar();
  const whole = async () => hash.soFar().sha256;
  const sha256 = Promise.resolve(opening);
  return {
    name: "-",
    format: importer.format,
    confidence: 1,
    notes: [],
    interface: named,
    opening,
    sha256,
    items,
    contentRead,
    whole,
    ...noReports,
  };
}

async function importSpooled(
  input: { readonly content: Content; damage(): string | null },
  options: ImportOptions,
  target: ImportTarget,
): Promise<FileReport> {
  const file = await spool(input.content);
  try {
    return await importFile({ ...file, damage: input.damage() }, options, target);
  } finally {
    file.remove();
  }
}
