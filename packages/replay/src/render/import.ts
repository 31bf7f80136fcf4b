// What an import did: lines of problems, and its files as data; its table is in `import-table.ts`.

import { formatInstant } from "@conntrail/engine";
import type { Problem } from "../importers/importer.js";
import type { FileReport } from "../importing/file-report.js";
import { countsTogether } from "../query/problems.js";
import { formatCount } from "./amount.js";
import { kindsText } from "./problems.js";

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
    events: report.added + report.known,
    first: first === null ? null : formatInstant(first),
    last: last === null ? null : formatInstant(last),
  };
}
