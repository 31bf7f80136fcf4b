// Takes the import lock of a directory, says so, and holds it until it is killed.

import { acquireImportLock } from "../../dist/sqlite/import-lock.js";

const lock = await acquireImportLock(process.argv[2], { waitMillis: 0 });
console.log(lock === null ? "refused" : "held");
setInterval(() => lock, 60_000);
