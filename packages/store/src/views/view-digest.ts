// One hash over all that the views answer, in key order. Equal evidence gives equal digests, in whatever order it came;
// record time, import records and the names of files are left out.

import { createHash } from "node:crypto";
import { sql } from "kysely";
import { canonicalJson } from "../canonical-json.js";
import { answerKeys } from "./view-schema.js";
import type { Views } from "./views.js";

/** SHA-256, hex. */
export function viewsDigest(views: Views): string {
  const hash = createHash("sha256");
  for (const table of Object.keys(answerKeys) as (keyof typeof answerKeys)[]) {
    const rows = views.kysely.selectFrom(table).selectAll();
    const ordered = answerKeys[table].reduce((query, column) => query.orderBy(sql.ref(column)), rows).compile();
    hash.update(`${table}\n`);
    for (const row of views.database.prepare(ordered.sql).iterate(...ordered.parameters)) {
      hash.update(`${canonicalJson(row as object)}\n`);
    }
  }
  return hash.digest("hex");
}
