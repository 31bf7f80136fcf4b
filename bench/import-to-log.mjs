// `conntrail import` without its projection, for a process of its own: the case, then the file.

import { importToLog } from "./product.mjs";

await importToLog(process.argv[2], process.argv[3]);
