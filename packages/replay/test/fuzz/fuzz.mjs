// Long fuzzing: `node packages/replay/test/fuzz/fuzz.mjs --minutes 10 --seed 1`. Rounds of some seconds, each with a seed
// of its own, which is told where a law breaks, memory grows or a round does not end; `--seed` with it repeats the round.

import { fork } from "node:child_process";
import { parseArgs } from "node:util";
import { createViteServer } from "vitest/node";

const root = new URL("../../../../", import.meta.url).pathname;
/** A round takes a few seconds. */
const hangSeconds = 120;
const maxBytes = 1e9;

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "1" }, seed: { type: "string", default: "1" } },
});
const firstSeed = Number(values.seed);
const millis = Number(values.minutes) * 60_000;

if (process.send === undefined) watch();
else await work();

/** Starts the work in a process of its own, since nothing else can tell that it hangs. */
function watch() {
  const child = fork(new URL(import.meta.url).pathname, process.argv.slice(2));
  let seed = firstSeed;
  let timer = setTimeout(stop, hangSeconds * 1000);
  child.on("message", (next) => {
    seed = next;
    clearTimeout(timer);
    timer = setTimeout(stop, hangSeconds * 1000);
  });
  child.on("exit", (code) => {
    clearTimeout(timer);
    process.exitCode = code ?? 1;
  });

  function stop() {
    console.error(`hang: the round of --seed ${seed} has not ended in ${hangSeconds} s`);
    child.kill("SIGKILL");
  }
}

async function work() {
  // Also when the process that watches was stopped.
  process.on("disconnect", () => process.exit());
  const server = await createViteServer({
    root,
    configFile: `${root}vitest.config.ts`,
    appType: "custom",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const { fuzzRound } = await server.ssrLoadModule(new URL("round.ts", import.meta.url).pathname);
    await fuzzRounds(fuzzRound);
  } finally {
    await server.close();
    process.disconnect();
  }
}

async function fuzzRounds(fuzzRound) {
  const start = performance.now();
  let inputs = 0;
  let seed = firstSeed;
  do {
    process.send(seed);
    const report = await roundOrFailure(fuzzRound, seed);
    if (report === null) return;
    inputs += Object.values(report).reduce((sum, target) => sum + target.inputs, 0);
    const rate = Math.round((inputs / (performance.now() - start)) * 1000);
    const megabytes = Math.round(process.memoryUsage().rss / 1e6);
    const ends = Object.entries(report).map(([name, target]) => `${name} ${target.ends}`);
    console.log(`seed ${seed}: ${inputs} inputs, ${rate}/s, ${megabytes} MB, ends: ${ends.join(", ")}`);
    seed++;
  } while (performance.now() - start < millis);
}

async function roundOrFailure(fuzzRound, seed) {
  try {
    const report = await fuzzRound(seed, 1);
    const { rss } = process.memoryUsage();
    if (rss > maxBytes) throw new Error(`memory: ${rss} bytes after the round`);
    return report;
  } catch (error) {
    console.error(`failed: --seed ${seed} repeats it\n`, error);
    process.exitCode = 1;
    return null;
  }
}
