// Appends batches of three to one stream, from the given batch on, and acknowledges each on stdout; until it is killed.

import { writeSync } from "node:fs";
import { openSqliteLog } from "../../dist/sqlite/sqlite-log.js";
import { smallEvent } from "./small-event.mjs";

const [path, first] = process.argv.slice(2);
const log = openSqliteLog({ path, access: "write", create: true });
for (let batch = Number(first); ; batch++) {
  const events = [0, 1, 2].map((i) => smallEvent("crash", batch * 3 + i));
  const result = await log.append("crash-1", batch === 0 ? "no-stream" : batch * 3 - 1, events);
  if (result.kind !== "appended") throw new Error(`batch ${batch}: ${JSON.stringify(result)}`);
  writeSync(1, `${batch} ${result.repeated ? "repeated" : "new"}\n`);
}
