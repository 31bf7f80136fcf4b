// The closing table of an import: a row for each file or, where there are many, for each directory and format.

import { formatInstant, groupBy, type Micros } from "@conntrail/engine";
import type { FileReport } from "../importing/file-report.js";
import { formatCount, plural } from "./amount.js";
import type { Style } from "./style.js";
import { renderTable, widthOf } from "./table.js";

/** `width` in columns; null where the output is no terminal, and names stay whole. */
export type Paper = { readonly style: Style; readonly width: number | null };

type Row = Pick<FileReport, "name" | "format" | "records" | "added" | "known" | "problemCount" | "first" | "last">;

const head = ["file", "format", "records", "events", "new", "problems", "from", "to"];
const maxFileRows = 50;
const gap = 2;
/** A name cut shorter says nothing. */
const minNameWidth = 16;

export function renderReports(reports: readonly FileReport[], paper: Paper): string {
  if (reports.length <= maxFileRows) return renderRows(reports, paper);
  const told = `${formatCount(reports.length)} files, in a row for each directory and format; -o json has each file`;
  return `${renderRows([...rowsOfDirectories(reports), { ...together(reports, "total"), format: "" }], paper)}\n${told}`;
}

function renderRows(rows: readonly Row[], { style, width }: Paper): string {
  const cells = rows.map(cellsOf);
  const widths = head.map((title, column) => Math.max(...[title, ...cells.map((row) => row[column]!)].map(widthOf)));
  const [nameWidth = 0, ...others] = widths;
  const left = width === null ? nameWidth : width - others.reduce((sum, other) => sum + other + gap, 0);
  const room = Math.max(left, minNameWidth);
  return renderTable(
    head,
    cells.map(([name = "", ...rest]) => [cutInTheMiddle(name, room), ...rest]),
    style,
  );
}

function cellsOf({ name, format, records, added, known, problemCount, first, last }: Row): string[] {
  const counts = [records, added + known, added, problemCount].map(formatCount);
  return [name, format ?? "not recognised", ...counts, ...[first, last].map(instantOrNone)];
}

function instantOrNone(time: Micros | null): string {
  return time === null ? "-" : formatInstant(time);
}

const ellipsis = "…";

/** Beginning and end of a path tell most. */
export function cutInTheMiddle(text: string, room: number): string {
  const characters = [...text];
  if (characters.length <= room) return text;
  const kept = room - widthOf(ellipsis);
  const ending = Math.ceil(kept / 2);
  return `${characters.slice(0, kept - ending).join("")}${ellipsis}${characters.slice(-ending).join("")}`;
}

/** Clouds lay out a directory for each hour: of directories as deep as they are few enough. */
function rowsOfDirectories(reports: readonly FileReport[]): Row[] {
  const deepest = Math.max(...reports.map(({ name }) => name.split("/").length - 1));
  for (let depth = deepest; ; depth--) {
    const groups = groupBy(reports, ({ name, format }) => `${directoryOf(name, depth)}\n${format ?? ""}`);
    if (groups.size <= maxFileRows || depth === 0) {
      return [...groups].map(([key, own]) => together(own, `${key.split("\n")[0]} (${plural(own.length, "file")})`));
    }
  }
}

function directoryOf(name: string, depth: number): string {
  const directories = name.split("/").slice(0, -1).slice(0, depth);
  return directories.length === 0 ? "." : `${directories.join("/")}/`;
}

function together(reports: readonly FileReport[], name: string): Row {
  const sum = (count: (report: FileReport) => number) => reports.reduce((total, report) => total + count(report), 0);
  const instants = reports.flatMap(({ first, last }) => [first, last]).filter((time) => time !== null);
  return {
    name,
    format: reports[0]?.format ?? null,
    records: sum(({ records }) => records),
    added: sum(({ added }) => added),
    known: sum(({ known }) => known),
    problemCount: sum(({ problemCount }) => problemCount),
    first: earliestOf(instants),
    last: latestOf(instants),
  };
}

function earliestOf(instants: readonly Micros[]): Micros | null {
  return instants.reduce<Micros | null>((found, time) => (found === null || time < found ? time : found), null);
}

function latestOf(instants: readonly Micros[]): Micros | null {
  return instants.reduce<Micros | null>((found, time) => (found === null || time > found ? time : found), null);
}
