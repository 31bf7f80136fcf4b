// Makes, opens and closes a row of logs, each begun at the same instant by all who were told the same, and prints as JSON
// which were refused, and which took longer than any work of the others can.

import { openSqliteLog } from "../../dist/sqlite/sqlite-log.js";

const [directory, begin, count, everyMillis] = process.argv.slice(2);
const tooLongMillis = 5000;
const failures = [];
for (let number = 0; number < Number(count); number++) {
  const due = Number(begin) + number * Number(everyMillis);
  while (Date.now() < due);
  try {
    await openSqliteLog({ path: `${directory}/${number}.db`, access: "write", create: true }).close();
  } catch (error) {
    failures.push(error.message);
  }
  if (Date.now() - due > tooLongMillis) failures.push(`${number}.db took ${Date.now() - due} ms`);
}
console.log(JSON.stringify(failures));
