// `import-to-log.mjs` bundled, so that it starts as the command does.

import { bundle, path } from "../scripts/bundling.mjs";

const directory = path("packages/replay/dist/bench");

await bundle({ "import-to-log": path("bench/import-to-log.mjs") }, directory);

export const importer = `${directory}/import-to-log.js`;
