// Seconds and bytes: the best of several runs, and what an object keeps alive.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

export function seconds(work) {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

export function bestOf(runs, work) {
  return Math.min(...Array.from({ length: runs }, () => seconds(work)));
}

export function keptBytes(make) {
  const before = bytesInUse();
  const kept = make();
  return { kept, bytes: bytesInUse() - before };
}

function bytesInUse() {
  for (let round = 0; round < 3; round++) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
