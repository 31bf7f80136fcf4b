// Writes what the fold of reports hands out into the views, all anew.

import type { ReportedCounts, ReportedRecord } from "@conntrail/engine";
import { ManyRows, type Value } from "./many-rows.js";
import { ReportedCircumstanceKeys } from "./reported-circumstance-key.js";
import {
  createReportedIndexes,
  dropReportedIndexes,
  reportedCircumstanceColumns,
  reportedRowColumns,
} from "./reported-flow-schema.js";
import {
  checkTallyRow,
  disagreementRow,
  reportedCircumstance,
  reportedDeniedRow,
  reportedOwnRow,
  sensorHourRow,
  skippedWindowRow,
} from "./reported-rows.js";
import {
  countTableOf,
  type ReportedCountName,
  type ReportedCountTables,
  reportedCountNames,
  reportedCountTypes,
} from "./reported-schema.js";
import type { SummedType } from "./summed-table.js";
import { execute, type Views } from "./views.js";

export class ReportedWriter {
  readonly #rows: ManyRows;
  readonly #circumstances: Numbered;
  readonly #keys = new ReportedCircumstanceKeys();
  readonly #texts: Numbered;
  readonly #counts: { readonly [name in ReportedCountName]: CountRows };

  /** Indexes are left out until `finish`: sorting once is faster than finding each row's place. */
  constructor(private readonly views: Views) {
    clearReported(views);
    for (const statement of dropReportedIndexes(views.kysely.schema)) execute(views, statement);
    this.#rows = new ManyRows(views, "reported_row", Object.keys(reportedRowColumns));
    this.#circumstances = new Numbered(
      new ManyRows(views, "reported_circumstance", Object.keys(reportedCircumstanceColumns)),
      maxCircumstances,
    );
    this.#texts = new Numbered(new ManyRows(views, "reported_text", ["number", "text"]), Number.POSITIVE_INFINITY);
    const counts = reportedCountNames.map((name) => [name, new CountRows(views, name, this.#texts)]);
    this.#counts = Object.fromEntries(counts) as { [name in ReportedCountName]: CountRows };
  }

  addRecord(record: ReportedRecord): void {
    const circumstance = () => Object.values(reportedCircumstance(record));
    const number = this.#circumstances.numberOf(this.#keys.of(record), circumstance);
    this.#rows.add([number, ...Object.values(reportedOwnRow(record))]);
  }

  addCounts({ denials, hours, skipped, checks, disagreements }: ReportedCounts): void {
    for (const denial of denials) this.#counts.reported_denied.add(reportedDeniedRow(denial));
    for (const hour of hours) this.#counts.sensor_hour.add(sensorHourRow(hour));
    for (const window of skipped) this.#counts.skipped_window.add(skippedWindowRow(window));
    for (const tally of checks) this.#counts.check_tally.add(checkTallyRow(tally));
    for (const disagreement of disagreements) this.#counts.disagreement.add(disagreementRow(disagreement));
  }

  finish(): void {
    this.#rows.finish();
    this.#circumstances.finish();
    this.#texts.finish();
    for (const name of reportedCountNames) this.#counts[name].finish();
    for (const statement of createReportedIndexes(this.views.kysely.schema)) execute(this.views, statement);
  }
}

export function clearReported(views: Views): void {
  const counts = reportedCountNames.map(countTableOf);
  for (const table of ["reported_row", "reported_circumstance", "reported_text", ...counts] as const)
    execute(views, views.kysely.deleteFrom(table));
}

/** More than real evidence has. */
const maxCircumstances = 65_536;

/** Rows that many others have in common, each once with a number; with `most` of them all get new ones. */
class Numbered {
  readonly #numbers = new Map<string, number>();
  #count = 0;

  constructor(
    private readonly rows: ManyRows,
    private readonly most: number,
  ) {}

  /** `key` tells rows apart. */
  numberOf(key: string, row: () => readonly Value[]): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#numbers.size >= this.most) this.#numbers.clear();
    this.#numbers.set(key, ++this.#count);
    this.rows.add([this.#count, ...row()]);
    return this.#count;
  }

  finish(): void {
    this.rows.finish();
  }
}

class CountRows {
  readonly #rows: ManyRows;
  readonly #types: readonly [column: string, type: SummedType][];

  constructor(
    views: Views,
    name: ReportedCountName,
    private readonly texts: Numbered,
  ) {
    this.#types = reportedCountTypes(name);
    this.#rows = new ManyRows(
      views,
      countTableOf(name),
      this.#types.map(([column]) => column),
    );
  }

  add(row: ReportedCountTables[ReportedCountName]): void {
    const values = row as Readonly<Record<string, Value>>;
    this.#rows.add(this.#types.map(([column, type]) => this.#stored(values[column] ?? null, type)));
  }

  #stored(value: Value, type: SummedType): Value {
    if (type === "name") return this.texts.numberOf(String(value), () => [value]);
    return type === "text?" ? (value ?? "") : value;
  }

  finish(): void {
    this.#rows.finish();
  }
}
