// How fast each format of logs is imported, and in how much memory: whole processes into fresh cases, in turns with a
// plain read and parse of the same file.

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChild } from "./child.mjs";
import { activityLog, trail } from "./control-logs.mjs";
import { groupFlowLog, networkFlowLog, vpcCustomFlowLog, vpcFlowLog } from "./flow-logs.mjs";
import { importer } from "./importer.mjs";
import { command, formatOf } from "./product.mjs";

const plainReader = new URL("plain-read.mjs", import.meta.url).pathname;

/** 200 MB of JSON are more than a gigabyte of objects. */
const largeHeap = ["--max-old-space-size=6144"];

/** `end` closes what `pieces` begins. `unit`: what the target counts. */
export const logFormats = [
  { name: "NSG flow log v2", pieces: groupFlowLog, end: "]}", shape: "json", unit: "tuples", target: 600_000 },
  { name: "VNet flow log v4", pieces: networkFlowLog, end: "]}", shape: "json", unit: "tuples", target: 600_000 },
  { name: "VPC flow log v2", pieces: vpcFlowLog, end: "", shape: "lines", unit: "lines", target: 800_000 },
  {
    name: "VPC flow log v5, custom",
    pieces: vpcCustomFlowLog,
    end: "",
    shape: "lines",
    unit: "lines",
    target: 800_000,
  },
  { name: "CloudTrail", pieces: trail, end: "]}", shape: "json", unit: "bytes", target: 60e6 },
  { name: "Activity Log", pieces: activityLog, end: "", shape: "json-lines", unit: "bytes", target: 60e6 },
];

/** Of each format: the file's size, and what every run of each reader took. `taken` null: no importer knows it. */
export async function measureFormats({ seed, bytes, runs }) {
  const measured = [];
  for (const format of logFormats) {
    measured.push(
      await withLog({ ...format, seed, bytes }, async (log) => ({
        ...format,
        ...log,
        taken: formatOf(log.path) === null ? null : await inTurns(readersOf(format, log), runs),
      })),
    );
  }
  return measured;
}

/** The most memory that `conntrail import` holds of a file this large. Null: no importer knows it. */
export async function measureFormatMemory({ seed, bytes }) {
  const measured = [];
  for (const format of logFormats) {
    measured.push(
      await withLog({ ...format, seed, bytes }, async (log) => ({
        ...format,
        ...log,
        taken: formatOf(log.path) === null ? null : await readersOf(format, log).projected(),
      })),
    );
  }
  return measured;
}

/** Writes the log, works with it, and deletes it. */
async function withLog({ pieces, end, seed, bytes }, work) {
  const directory = mkdtempSync(join(tmpdir(), "conntrail-bench-"));
  try {
    const path = join(directory, end === "" ? "log.txt" : "PT1H.json");
    return await work({ directory, path, ...writeLog(path, { pieces: pieces(seed), end, bytes }) });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const writtenAtOnce = 4_000_000;

function writeLog(path, { pieces, end, bytes: wanted }) {
  const file = openSync(path, "w");
  let [bytes, reports, held] = [0, 0, []];
  let heldBytes = 0;
  for (const piece of pieces) {
    held.push(piece.text);
    heldBytes += piece.text.length;
    reports += piece.reports;
    if (bytes + heldBytes < wanted && heldBytes < writtenAtOnce) continue;
    bytes += writeSync(file, held.join(""));
    [held, heldBytes] = [[], 0];
    if (bytes >= wanted) break;
  }
  bytes += writeSync(file, end);
  closeSync(file);
  return { bytes, reports };
}

/** Each starts anew: what it makes ready is not counted. */
function readersOf({ shape }, { directory, path }) {
  const kase = join(directory, "case");
  return {
    plain: () => runChild(process.execPath, [...largeHeap, plainReader, shape, path]),
    imported: async () => runChild(process.execPath, [importer, await emptyCase(kase), path]),
    projected: async () => runChild(process.execPath, [command, "import", path, "--case", await emptyCase(kase)]),
  };
}

async function emptyCase(directory) {
  rmSync(directory, { recursive: true, force: true });
  await runChild(process.execPath, [command, "init", directory]);
  return directory;
}

async function inTurns(readers, runs) {
  const taken = Object.fromEntries(Object.keys(readers).map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, read] of Object.entries(readers)) taken[name].push(await read());
  }
  return taken;
}
