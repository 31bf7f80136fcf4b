// Puts a program and its threads into one directory of few files, from what `tsc` has built: reading hundreds of modules
// one by one takes longer than most questions.

import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

const threads = {
  "reading-worker": path("packages/replay/dist/importing/reading-worker.js"),
  "hash-worker": path("packages/replay/dist/importing/hash-worker.js"),
  "fold-worker": path("packages/store/dist/views/fold-worker.js"),
};

/** `program`: its name and its module. */
export async function bundle(program, outdir) {
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: { ...program, ...threads },
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
}
