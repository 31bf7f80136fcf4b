// The sources of a case in a table.

import { formatInstant } from "@conntrail/engine";
import type { SourceAnswer } from "../query/sources.js";
import { formatCount } from "./amount.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

/** So much of a SHA-256 tells sources apart, and `retract` takes it. */
const shownHexDigits = 12;

const head = ["source", "name", "format", "imported", "records", "new", "problems", "from", "to", "retracted"];

export function renderSources(answers: readonly SourceAnswer[], style: Style): string {
  return renderTable(head, answers.map(cells), style);
}

function cells({ source, span }: SourceAnswer): string[] {
  const { sha256, names, format, importedAt, finished, newEvents, retracted } = source;
  return [
    sha256.slice(0, shownHexDigits),
    names.join(", "),
    format,
    formatInstant(importedAt),
    finished === null ? "not finished" : formatCount(finished.data.records),
    formatCount(newEvents),
    finished === null ? "-" : formatCount(finished.data.problemCount),
    span === null ? "-" : formatInstant(span.first),
    span === null ? "-" : formatInstant(span.last),
    retracted === null ? "-" : formatInstant(retracted.recordedAt),
  ];
}

export function sourceData({ source, span }: SourceAnswer) {
  const { finished, retracted, importedAt, ...rest } = source;
  return {
    ...rest,
    importedAt: formatInstant(importedAt),
    records: finished?.data.records ?? null,
    problemCount: finished?.data.problemCount ?? null,
    first: span === null ? null : formatInstant(span.first),
    last: span === null ? null : formatInstant(span.last),
    retracted: retracted === null ? null : retractionData(retracted),
  };
}

function retractionData({ position, recordedAt, actor, data }: NonNullable<SourceAnswer["source"]["retracted"]>) {
  return { position, at: formatInstant(recordedAt), who: actor?.who ?? null, because: data.because };
}
