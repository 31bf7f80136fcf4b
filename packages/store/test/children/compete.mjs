// Appends events to a stream that others append to as well, and prints as JSON which revisions each of its events got.

import { openSqliteLog } from "../../dist/sqlite/sqlite-log.js";
import { smallEvent } from "./small-event.mjs";

const [path, name, count] = process.argv.slice(2);
const log = openSqliteLog({ path, access: "write", create: true });
const won = {};
let conflicts = 0;
let expected = "no-stream";
for (let number = 0; number < Number(count); ) {
  const event = smallEvent(name, number);
  const result = await log.append("contested-1", expected, [event]);
  if (result.kind === "conflict") {
    conflicts += 1;
    expected = result.actualRevision;
  } else {
    won[result.firstRevision] = event.id;
    expected = result.lastRevision;
    number += 1;
    // Lets the other in: SQLite's waiting is by sleeping, so a tight loop would starve it.
    if (number % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
await log.close();
console.log(JSON.stringify({ won, conflicts }));
