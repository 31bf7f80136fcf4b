// Runs from a fresh clone: installs what is missing, builds, then demo or tests. Nothing is done twice without need.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [what, ...more] = process.argv.slice(2);
const { packageManager } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const manifests = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"].concat(
  ["engine", "store", "replay"].map((name) => `packages/${name}/package.json`),
);

function run(command, args) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(signal === null ? (status ?? 1) : 1);
}

function isInstalled() {
  const mark = `${root}node_modules/.modules.yaml`;
  if (!existsSync(mark)) return false;
  const installed = statSync(mark).mtimeMs;
  return manifests.every((file) => statSync(root + file).mtimeMs <= installed);
}

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`conntrail needs Node 20 or newer, this is ${process.versions.node}`);
  process.exit(1);
}
// A pnpm of another version would try to fetch itself, so it is called by exactly the one that package.json names.
if (!isInstalled()) {
  console.error("installing dependencies (better-sqlite3 is compiled: about a minute) …");
  run("npx", ["--yes", packageManager, "install", "--frozen-lockfile"]);
}
run(process.execPath, ["node_modules/typescript/bin/tsc", "-b"]);
run(process.execPath, ["scripts/bundle.mjs"]);
if (what === "test") run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...more]);
else run(process.execPath, ["packages/replay/bin/conntrail.js", what, ...more]);
