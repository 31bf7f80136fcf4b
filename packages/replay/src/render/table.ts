// Plain tables: columns by width, no lines, so that they can be read, cut and grepped.

import CliTable from "cli-table3";
import { plainText } from "./plain-text.js";
import type { Style } from "./style.js";

const bare = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
    .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid"])
    .map((name) => [name, ""]),
);

type Rows = Iterable<readonly string[]>;

export function renderTable(head: readonly string[], rows: Rows, style: Style): string {
  return [...tableParts(head, () => rows, style)].join("\n");
}

/** The library takes four times as long for twice the rows, so it is given some at a time. */
const rowsAtOnce = 200;

/** The table piece by piece, none ending with a line break. `rows` is asked twice: for their widths, and to be printed. */
export function* tableParts(head: readonly string[], rows: () => Rows, style: Style): Iterable<string> {
  const colWidths = widthsOf(head, rows());
  let part: string[][] = [];
  let isFirst = true;
  for (const row of rows()) {
    part.push(row.map(plainText));
    if (part.length < rowsAtOnce) continue;
    yield renderPart(isFirst ? head : [], { rows: part, colWidths, style });
    isFirst = false;
    part = [];
  }
  if (isFirst || part.length > 0) yield renderPart(isFirst ? head : [], { rows: part, colWidths, style });
}

type Part = { readonly rows: string[][]; readonly colWidths: number[]; readonly style: Style };

function renderPart(head: readonly string[], { rows, colWidths, style }: Part): string {
  const table = new CliTable({
    head: head.map((title) => style.dim(title)),
    colWidths,
    chars: { ...bare, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  table.push(...rows);
  return table.toString().replace(/[ \t]+$/gm, "");
}

function widthsOf(head: readonly string[], rows: Rows): number[] {
  const widths = head.map(widthOf);
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(plainText(cell)));
    });
  }
  return widths;
}

/** Characters beyond Latin may take two columns; one too many does no harm. */
export function widthOf(cell: string): number {
  let width = 0;
  for (const character of cell) width += character > "\u024f" ? 2 : 1;
  return width;
}
