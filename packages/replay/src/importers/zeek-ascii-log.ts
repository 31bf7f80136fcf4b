// Zeek's conn.log as its ASCII writer lays it out: lines of cells under a header, or several of them one after another.

import type { Evidence, Imported, Problem, ReportContext } from "./importer.js";
import { readTextLines, type TextLine, unendedLine } from "./text-lines.js";
import { detailOf, lackingFields, putTexts, type ZeekColumns, zeekColumnsOf } from "./zeek-columns.js";
import { ZeekReading } from "./zeek-reading.js";
import { emptyTable, tableOfNames, withHeaderLine, type ZeekTable } from "./zeek-table.js";

export async function* readZeekAscii(evidence: Evidence, context: ReportContext): AsyncIterable<Imported> {
  const reading = new ZeekReading(context);
  const reader = new TableReader(reading);
  for await (const lines of readTextLines(evidence.content())) {
    for (const line of lines) {
      const full = reader.take(line);
      if (full !== null) yield full;
    }
  }
  if (reader.cut !== null) yield { kind: "cut", problem: reader.cut };
  if (reader.doubtful) yield { kind: "note", message: unendedLine };
  yield* reading.finish(reader.records);
}

class TableReader {
  records = 0;
  /** The content ends inside a line. */
  cut: Problem | null = null;
  /** The content ends behind as many fields as a line has, and without the line's end. */
  doubtful = false;
  #table: ZeekTable = emptyTable;
  /** See `lackingFields`. */
  #lacking: readonly string[] | null = null;
  /** Null: the table tells of no connections. */
  #columns: ZeekColumns | null = null;

  constructor(private readonly reading: ZeekReading) {}

  take(line: TextLine): Imported | null {
    const { text, number } = line;
    if (text === "") return null;
    const table = text.startsWith("#") ? withHeaderLine(this.#table, text) : this.#namesIn(text);
    if (table !== null) this.#setTable(table);
    else {
      this.records++;
      if (this.#columns !== null) return this.#takeConnection(line, this.#columns);
      this.#leaveOut(number, text);
    }
    return null;
  }

  #namesIn(text: string): ZeekTable | null {
    return this.#table.fields.length === 0 ? tableOfNames(text) : null;
  }

  #setTable(table: ZeekTable): void {
    this.#table = table;
    const { fields } = table;
    this.#lacking = lackingFields((field) => fields.includes(field));
    this.#columns = this.#lacking?.length === 0 ? zeekColumnsOf(table) : null;
  }

  #leaveOut(record: number, text: string): void {
    const { path, fields } = this.#table;
    if (fields.length > 0) this.reading.leaveOut(path ?? "", this.#lacking, record);
    else this.reading.problems.hear("missing-field", "no `#fields` line before", { record, example: text });
  }

  #takeConnection({ number, offset, text, isEnded }: TextLine, columns: ZeekColumns): Imported | null {
    const { gatherer, texts, problems } = this.reading;
    const cells = text.split(columns.table.separator);
    if (cells.length !== columns.table.fields.length) {
      if (isEnded)
        problems.hear("malformed", "another number of fields than `#fields` has", { record: number, example: text });
      else this.cut = cutLine(number);
      return null;
    }
    this.doubtful = !isEnded;
    putTexts(columns, cells, texts);
    if (!this.reading.put(number, offset)) return null;
    gatherer.report.detail = detailOf(columns, cells, { texts, report: gatherer.report });
    return gatherer.add();
  }
}

function cutLine(record: number): Problem {
  return {
    kind: "cut-off",
    record,
    message: "the file ends inside this line; copy it again if its source has the rest",
  };
}
