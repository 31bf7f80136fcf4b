// What an import did: a closing table, problems and notes.

import { formatInstant } from "@conntrail/engine";
import type { Problem } from "../importers/importer.js";
import type { FileReport } from "../importing/file-report.js";
import { formatCount } from "./amount.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

export function renderReports(reports: readonly FileReport[], style: Style): string {
  const head = ["file", "format", "records", "new", "known", "problems", "from", "to"];
  const rows = reports.map((report) => [
    report.name,
    report.format ?? "not recognised",
    formatCount(report.records),
    formatCount(report.added),
    formatCount(report.known),
    formatCount(report.problemCount),
    report.first === null ? "-" : formatInstant(report.first),
    report.last === null ? "-" : formatInstant(report.last),
  ]);
  return renderTable(head, rows, style);
}

/** `capture.pcap: record 17: …`: one line each. */
export function problemLines(report: FileReport): string[] {
  const lines = report.problems.map((problem) => problemLine(report.name, problem));
  const hidden = report.problemCount - report.problems.length;
  return hidden > 0 ? [...lines, `${report.name}: and ${formatCount(hidden)} more problems`] : lines;
}

function problemLine(name: string, { record, message }: Problem): string {
  return record === null ? `${name}: ${message}` : `${name}: record ${record}: ${message}`;
}

export function reportData(report: FileReport) {
  const { first, last, ...rest } = report;
  return {
    ...rest,
    first: first === null ? null : formatInstant(first),
    last: last === null ? null : formatInstant(last),
  };
}
