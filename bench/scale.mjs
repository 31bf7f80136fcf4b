// The figures of scale: the same capture read by other sensors and by us, in turns; then questions of the case it made.

import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeCaptureFile } from "./capture.mjs";
import { runChild } from "./child.mjs";
import { importer } from "./importer.mjs";
import { installedPeers } from "./peers.mjs";
import { withCase } from "./product.mjs";
import {
  measureProjection,
  measureReasonCommands,
  measureReasons,
  measureReplay,
  measureStates,
  measureWorkers,
} from "./questions.mjs";
import { conntrail, withScaleCase } from "./scale-case.mjs";
import { machines } from "./world.mjs";

/** Runs of each reader by name, `import` and `import and projection` being ours; then what the case answers. */
export function measureScale(size, { runs, asks }) {
  return withScaleCase(size, async ({ directory, capture, captureBytes, fresh }) => {
    const readers = [...installedPeers(capture, directory), ...ourReaders(capture, fresh)];
    const taken = await inTurns(readers, runs);
    const whole = join(directory, "whole");
    const logBytes = statSync(join(whole, "log.db")).size;
    const asked = { seed: size.seed, asks };
    const answers = await withCase(whole, async (kase) => ({
      states: await measureStates(kase, asked),
      reasons: await measureReasons(kase, asked),
      reasonCommands: await measureReasonCommands(kase, asked),
      fold: await measureReplay(kase, null, runs),
      replay: await measureReplay(kase, "linux", runs),
      workers: await measureWorkers(kase, runs),
    }));
    const workers = { shared: answers.workers, apart: await measureApart(size, { directory, fresh, runs }) };
    const projection = await measureProjection(whole);
    return { captureBytes, logBytes, taken, ...answers, workers, projection };
  });
}

/** Memory, and the state at random instants, for sizes that take long: imported once. */
export function measureExtreme(size, { asks }) {
  return withScaleCase(size, async ({ capture, fresh }) => {
    const whole = fresh("whole");
    const taken = await conntrail(["import", capture, "--case", whole]);
    const states = await withCase(whole, (kase) => measureStates(kase, { seed: size.seed, asks }));
    return { taken, states };
  });
}

/** Threads, where each of the four interfaces has a capture of its own, of about a quarter of the packets. */
async function measureApart(size, { directory, fresh, runs }) {
  const own = fresh("apart");
  for (const [index, machine] of machines.entries()) {
    const capture = join(directory, `${machine.interface}.pcap`);
    writeCaptureFile({ ...size, seed: size.seed + index, interface: machine.interface }, capture);
    await conntrail(["import", capture, "--case", own, "--interface", machine.interface]);
    rmSync(capture);
  }
  return withCase(own, (kase) => measureWorkers(kase, runs));
}

function ourReaders(capture, fresh) {
  return [
    { name: "import", run: () => runChild(process.execPath, [importer, fresh("bare"), capture]) },
    { name: "import and projection", run: () => conntrail(["import", capture, "--case", fresh("whole")]) },
  ];
}

async function inTurns(readers, runs) {
  const taken = new Map(readers.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const { name, args, once = false, run: own } of readers) {
      if (run === 0 || !once) taken.get(name).push(await (own?.() ?? runChild(name, args)));
    }
  }
  return taken;
}
