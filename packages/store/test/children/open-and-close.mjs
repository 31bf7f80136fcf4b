// Makes, opens and closes a row of logs, each begun at the same instant by all who were told the same, and prints what
// was refused.

import { openSqliteLog } from "../../dist/sqlite/sqlite-log.js";

const [directory, begin, count, everyMillis] = process.argv.slice(2);
const refused = [];
for (let number = 0; number < Number(count); number++) {
  const due = Number(begin) + number * Number(everyMillis);
  while (Date.now() < due);
  try {
    await openSqliteLog({ path: `${directory}/${number}.db`, access: "write", create: true }).close();
  } catch (error) {
    refused.push(error.message);
  }
}
console.log(JSON.stringify(refused));
