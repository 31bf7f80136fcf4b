// Tables whose rows add up: what is counted is written a part at a time, and questions read the sum of the parts through
// a view. Null would be no part of a key, so texts have "" in its place.

import { type RawBuilder, sql } from "kysely";
import type { Columns, ColumnType } from "./column.js";

/** `name`: a text that many rows have, kept once in `reported_text` and named by its number. */
export type SummedType = ColumnType | `${ColumnType}?` | "name";

/** How parts make one; `first`: that of the part which began first. */
type Sum = "min" | "max" | "sum" | "first";

export type SummedShape<Table> = {
  readonly key: { readonly [column in keyof Table]?: SummedType };
  readonly told: { readonly [column in keyof Table]?: readonly [SummedType, Sum] };
};

export const seen = { first: ["integer", "min"], last: ["integer", "max"] } as const;
export const summed = ["integer", "sum"] as const;

/** Every column of the shape, and its type. */
export function summedTypes<Table>(shape: SummedShape<Table>): [column: string, type: SummedType][] {
  return [...keyOf(shape), ...toldOf(shape).map(([column, [type]]): [string, SummedType] => [column, type])];
}

function keyOf<Table>({ key }: SummedShape<Table>): [column: string, type: SummedType][] {
  return Object.entries(key as Record<string, SummedType>);
}

function toldOf<Table>({ told }: SummedShape<Table>): [column: string, how: readonly [SummedType, Sum]][] {
  return Object.entries(told as Record<string, readonly [SummedType, Sum]>);
}

/** As they are stored. */
export function summedColumns<Table>(shape: SummedShape<Table>): Columns<unknown> {
  return Object.fromEntries(summedTypes(shape).map(([column, type]) => [column, storedType(type)]));
}

function storedType(type: SummedType): ColumnType | `${ColumnType}?` {
  if (type === "name") return "integer";
  return type === "text?" ? "text" : type;
}

export function summedView<Table>(table: string, shape: SummedShape<Table>): RawBuilder<unknown> {
  const keys = keyOf(shape).map(([column, type]) => sql`${read(sql.ref(column), type)} as ${sql.ref(column)}`);
  const sums = toldOf(shape).map(
    ([column, [type, sum]]) => sql`${read(sumOf(column, sum), type)} as ${sql.ref(column)}`,
  );
  const groups = keyOf(shape).map(([column]) => sql.ref(`${table}.${column}`));
  return sql`select ${sql.join([...keys, ...sums])} from ${sql.ref(table)} group by ${sql.join(groups)}`;
}

function read(value: RawBuilder<unknown>, type: SummedType): RawBuilder<unknown> {
  if (type === "name") return sql`(select text from reported_text where number = ${value})`;
  return type === "text?" ? sql`nullif(${value}, '')` : value;
}

function sumOf(column: string, sum: Sum): RawBuilder<unknown> {
  if (sum !== "first") return sql`${sql.raw(sum)}(${sql.ref(column)})`;
  return sql`substr(min(printf('%020d', first) || ${sql.ref(column)}), 21)`;
}
