// State tables as aligned text: a first line of column names, then one line a packet.

export type Row = { readonly [column: string]: string };

/** Rows of a table whose cells hold no blanks; `.` stands for an empty cell. */
export function rowsOf(table: string): Row[] {
  const [head = [], ...lines] = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  return lines.map((cells) => Object.fromEntries(head.map((column, index) => [column, cells[index] ?? ""])));
}
