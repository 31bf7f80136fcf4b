// Plain tables: columns by width, no lines, so that they can be read, cut and grepped.

import CliTable from "cli-table3";
import { plainText } from "./plain-text.js";
import type { Style } from "./style.js";

const bare = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
    .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid"])
    .map((name) => [name, ""]),
);

export function renderTable(head: readonly string[], rows: readonly (readonly string[])[], style: Style): string {
  const table = new CliTable({
    head: head.map((title) => style.dim(title)),
    chars: { ...bare, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  for (const row of rows) table.push(row.map(plainText));
  return table.toString().replace(/[ \t]+$/gm, "");
}
