// Puts the command and its threads into one directory of few files, from what `tsc` has built: reading hundreds of
// modules one by one takes longer than most questions.

import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (relative) => fileURLToPath(new URL(`../packages/${relative}`, import.meta.url));
const outdir = path("replay/dist/bundle");

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: {
    conntrail: path("replay/dist/cli/main.js"),
    "reading-worker": path("replay/dist/importing/reading-worker.js"),
    "hash-worker": path("replay/dist/importing/hash-worker.js"),
    "fold-worker": path("store/dist/views/fold-worker.js"),
  },
  outdir,
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["better-sqlite3"],
  // some dependencies are CommonJS and ask for Node's own modules
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  logLevel: "warning",
});
