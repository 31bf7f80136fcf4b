// Bundles the command.

import { bundle, path } from "./bundling.mjs";

await bundle({ conntrail: path("packages/replay/dist/cli/main.js") }, path("packages/replay/dist/bundle"));
