// What questions of a case take: sorted seconds of each kind.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  askState,
  askWhy,
  dropViews,
  flowRecords,
  foldInThreads,
  importToLog,
  project,
  replay,
  trafficSpan,
  withCase,
} from "./product.mjs";
import { below, pick, randomNumbers } from "./random.mjs";
import { conntrail } from "./scale-case.mjs";
import { ruleEdit } from "./world.mjs";

/** No more questions of a kind are begun after this. */
const secondsOfAsking = 30;
/** Where in the log's time the late edit belongs. */
const lateEditAt = 0.99;

export function measureStates(kase, { seed, asks }) {
  const random = randomNumbers(seed);
  const { first, last } = trafficSpan(kase);
  return timesOf(asks, () => askState(kase, first + below(random, last - first)));
}

export function measureReasons(kase, { seed, asks }) {
  const ask = anyRecord(kase, seed);
  return timesOf(asks, () => askWhy(kase, ask()));
}

export function measureReasonCommands(kase, { seed, asks }) {
  const ask = anyRecord(kase, seed);
  return timesOf(asks, () => conntrail(["why", ask().id, "--case", kase.directory]));
}

function anyRecord(kase, seed) {
  const random = randomNumbers(seed);
  const records = flowRecords(kase);
  return () => pick(random, records);
}

/** The best seconds with one thread and with two, taken in turns. */
export async function measureWorkers(kase, runs) {
  const taken = { one: Number.POSITIVE_INFINITY, two: Number.POSITIVE_INFINITY };
  for (let run = 0; run < runs; run++) {
    const [one] = await timesOf(1, () => foldInThreads(kase, 1));
    const [two] = await timesOf(1, () => foldInThreads(kase, 2));
    taken.one = Math.min(taken.one, one);
    taken.two = Math.min(taken.two, two);
  }
  return taken;
}

/** Packets a second. */
export async function measureReplay(kase, semantics, runs) {
  let flows = 0;
  let packets = 0;
  const times = await timesOf(runs, async () => {
    ({ packets } = await replay(kase, { semantics, onFlow: () => flows++ }));
  });
  if (flows === 0) throw new Error("the replay gave no flow record");
  return packets / times[0];
}

/** Seconds of a projection of everything, and of the one that a rule edit asks for when it comes after the traffic. */
export async function measureProjection(directory) {
  dropViews(directory);
  const [whole] = await timesOf(1, () => project(directory));
  const { first, last } = await withCase(directory, trafficSpan);
  const instant = new Date((first + (last - first) * lateEditAt) / 1000).toISOString();
  const edit = join(directory, "edit.json");
  writeFileSync(edit, JSON.stringify(ruleEdit(instant)));
  await importToLog(directory, edit);
  const [late] = await timesOf(1, () => project(directory));
  return { whole, late };
}

/** Sorted. */
async function timesOf(most, work) {
  const times = [];
  const begin = performance.now();
  while (times.length < most && performance.now() - begin < secondsOfAsking * 1000) {
    const start = performance.now();
    await work();
    times.push((performance.now() - start) / 1000);
  }
  return times.sort((a, b) => a - b);
}
