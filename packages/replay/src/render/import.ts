// What an import did: a closing table, problems and notes.

import { formatInstant } from "@conntrail/engine";
import type { Problem } from "../importers/importer.js";
import type { FileReport } from "../importing/file-report.js";
import { countsTogether } from "../query/problems.js";
import { formatCount } from "./amount.js";
import { kindsText } from "./problems.js";
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

/** More would bury what came before. */
const maxProblemLines = 20;

/**
 * `capture.pcap: record 17: …`: one line each, those of whole files first; where there are many, a summary in the place of
 * most.
 */
export function problemLines(reports: readonly FileReport[]): string[] {
  const shown = [true, false].flatMap((ofFile) => reports.flatMap((report) => someLines(report, ofFile)));
  const total = reports.reduce((sum, { problemCount }) => sum + problemCount, 0);
  const hidden = total - Math.min(maxProblemLines, shown.length);
  if (hidden === 0) return shown;
  const kinds = kindsText(countsTogether(reports), total);
  const summary = `and ${formatCount(hidden)} more problems; of ${formatCount(total)} in all: ${kinds}`;
  return [...shown.slice(0, maxProblemLines), `${summary} (\`conntrail import --problems\` lists them)`];
}

function someLines({ name, problems }: FileReport, ofFile: boolean): string[] {
  const own = problems.filter(({ record }) => (record === null) === ofFile).slice(0, maxProblemLines);
  return own.map((problem) => problemLine(name, problem));
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
