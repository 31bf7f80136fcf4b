// Which importer reads a content, and how sure that is: as the user names it, else by the content.

import { captureImporterFor, captureImporters, recognise } from "../importers/all-importers.js";
import type { FormatChoice } from "../importers/format-choice.js";
import type { CaptureImporter, Importer } from "../importers/importer.js";

export type Recognised<I = Importer | CaptureImporter> = {
  readonly importer: I;
  /** 0 to 1; 1 where the user named the format. */
  readonly confidence: number;
  readonly notes: readonly string[];
};

/** Below, the user is told. */
const sureFrom = 0.9;

/** A capture; null where it is none, or the user says so. */
export function recogniseCapture(head: Uint8Array, choice: FormatChoice | null): Recognised<CaptureImporter> | null {
  const chosen = captureImporters.find((importer) => importer === choice?.importer) ?? null;
  const importer = choice === null ? captureImporterFor(head) : chosen;
  return importer === null ? null : { importer, confidence: 1, notes: [] };
}

/** Null where no importer knows the content. */
export function recogniseRecords(head: Uint8Array, choice: FormatChoice | null): Recognised<Importer> | null {
  if (choice !== null) return { importer: choice.importer, confidence: 1, notes: [] };
  const recognition = recognise(head);
  if (recognition === null) return null;
  const { importer, confidence, rival } = recognition;
  const taken = `taken for ${importer.title} (confidence ${confidence})`;
  if (rival !== null) {
    const other = `${rival.importer.title} (confidence ${rival.confidence})`;
    return { importer, confidence, notes: [`${taken}, though it may be ${other}: name one with --format`] };
  }
  return { importer, confidence, notes: confidence < sureFrom ? [`${taken}: name another with --format`] : [] };
}
