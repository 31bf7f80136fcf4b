// Columns of the views' tables.

export type ColumnType = "integer" | "text" | "blob";

/** A column's type, `?` behind it where it may be null. */
export type Columns<Table> = { readonly [column in keyof Table]: ColumnType | `${ColumnType}?` };
