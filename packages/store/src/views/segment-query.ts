// Reading what the fold has counted.

import type { TableFullTable } from "./segment-schema.js";
import { queryAll, type Views } from "./views.js";

/** Where packets found no room for a record, in the order in which that began. */
export function tableFullRows(views: Views): TableFullTable[] {
  return queryAll(views, views.kysely.selectFrom("table_full").selectAll().orderBy("first").orderBy("interface"));
}
