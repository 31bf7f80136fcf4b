// Reports of the same that exports tell in more than one format: one says more than another, and nothing else than it. Of
// those the one that says most stands for all.

import { compareSubjects, compareTexts, detailAt, type ReportPlace } from "./report-order.js";
import { reportedDirectionOf, reportedVerdictOf } from "./reported-batch.js";
import { noFlags } from "./reported-flow.js";

/** Reports of one instant in the order of the fold, without those that another one tells already. */
export function eachOnce(reports: ReportPlace[]): ReportPlace[] {
  const told: ReportPlace[] = [];
  let first = 0;
  for (const report of reports.sort((a, b) => compareSubjects(a, b) || compareWealth(a, b))) {
    if (told.length > 0 && compareSubjects(told[first]!, report) !== 0) first = told.length;
    if (!isRepeated(report, told, first)) told.push(report);
  }
  return told;
}

function isRepeated(report: ReportPlace, told: readonly ReportPlace[], first: number): boolean {
  for (let at = first; at < told.length; at++) if (agree(told[at]!, report)) return true;
  return false;
}

/** What is told most comes first; a verdict counts most, then flags, which show who opened, then the direction. */
function compareWealth(a: ReportPlace, b: ReportPlace): number {
  const [marksA, marksB] = [a.batch.marks[a.index]!, b.batch.marks[b.index]!];
  const [flagsA, flagsB] = [a.batch.flags[a.index]!, b.batch.flags[b.index]!];
  const [detailA, detailB] = [detailAt(a), detailAt(b)];
  return (
    isTold(reportedVerdictOf(marksB)) - isTold(reportedVerdictOf(marksA)) ||
    Number(flagsB !== noFlags) - Number(flagsA !== noFlags) ||
    isTold(reportedDirectionOf(marksB)) - isTold(reportedDirectionOf(marksA)) ||
    (detailA === detailB ? 0 : fieldCount(detailB) - fieldCount(detailA)) ||
    marksA - marksB ||
    flagsA - flagsB ||
    compareTexts(detailA, detailB)
  );
}

function agree(a: ReportPlace, b: ReportPlace): boolean {
  const [marksA, marksB] = [a.batch.marks[a.index]!, b.batch.marks[b.index]!];
  const [flagsA, flagsB] = [a.batch.flags[a.index]!, b.batch.flags[b.index]!];
  return (
    sameIfTold(reportedVerdictOf(marksA), reportedVerdictOf(marksB)) &&
    sameIfTold(reportedDirectionOf(marksA), reportedDirectionOf(marksB)) &&
    (flagsA === flagsB || flagsA === noFlags || flagsB === noFlags) &&
    detailsAgree(detailAt(a), detailAt(b))
  );
}

function isTold(value: string | null): number {
  return value === null ? 0 : 1;
}

function sameIfTold(a: string | null, b: string | null): boolean {
  return a === b || a === null || b === null;
}

type Detail = { readonly [field: string]: unknown };

function detailsAgree(a: string, b: string): boolean {
  if (a === b || a === "" || b === "") return true;
  const [one, other] = [JSON.parse(a) as Detail, JSON.parse(b) as Detail];
  return Object.keys(one).every((field) => isOfFormat(field) || !(field in other) || isSame(one[field], other[field]));
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** AWS's version is the highest of a line's fields, and says nothing of what passed [W3]. */
function isOfFormat(field: string): boolean {
  return field === "version";
}

function fieldCount(detail: string): number {
  return detail === "" ? 0 : Object.keys(JSON.parse(detail) as Detail).filter((field) => !isOfFormat(field)).length;
}
