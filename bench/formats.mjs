// How fast each format of logs is imported, and in how much memory: whole processes into fresh cases, in turns with a
// plain read and parse of the same file.

import { closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { runChild } from "./child.mjs";
import { conntrackEvents, suricataEve, zeekConnLog } from "./connection-logs.mjs";
import { activityLog, trail } from "./control-logs.mjs";
import { groupFlowLog, networkFlowLog, vpcCustomFlowLog, vpcFlowLog } from "./flow-logs.mjs";
import { importer } from "./importer.mjs";
import { command } from "./product.mjs";

const plainReader = new URL("plain-read.mjs", import.meta.url).pathname;

/** 200 MB of JSON are more than a gigabyte of objects. */
const largeHeap = ["--max-old-space-size=6144"];

/** `end` closes what `pieces` begins; `packed`: the file is gzip. `unit`: what the target counts; no target: null. */
export const logFormats = [
  { name: "NSG flow log v2", pieces: groupFlowLog, end: "]}", shape: "json", unit: "tuples", target: 600_000 },
  { name: "VNet flow log v4", pieces: networkFlowLog, end: "]}", shape: "json", unit: "tuples", target: 600_000 },
  { name: "VPC flow log v2", pieces: vpcFlowLog, end: "", shape: "lines", unit: "lines", target: 800_000 },
  {
    name: "VPC flow log v2, gzip",
    pieces: vpcFlowLog,
    end: "",
    packed: true,
    shape: "lines",
    unit: "lines",
    target: 800_000,
  },
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
  { name: "Zeek conn.log", pieces: zeekConnLog, end: "", shape: "lines", unit: "lines", target: null },
  { name: "Suricata eve.json", pieces: suricataEve, end: "", shape: "json-lines", unit: "lines", target: null },
  { name: "conntrack -E", pieces: conntrackEvents, end: "", shape: "lines", unit: "lines", target: null },
];

/** Of each format: the size of the content, and what the runs of each reader took. */
export async function measureFormats({ seed, bytes, runs }) {
  const measured = [];
  for (const format of logFormats) {
    const taken = (log) => inTurns(readersOf(format, log), runs);
    measured.push(
      await withLog({ ...format, seed, bytes }, async (log) => ({ ...format, ...log, ...(await taken(log)) })),
    );
  }
  return measured;
}

/** The most memory that `conntrail import` holds of a file this large, of each format. */
export async function measureFormatMemory({ seed, bytes, formats }) {
  const measured = [];
  for (const format of formats) {
    const taken = (log) => readersOf(format, log).projected();
    measured.push(
      await withLog({ ...format, seed, bytes }, async (log) => ({ ...format, ...log, ...(await taken(log)) })),
    );
  }
  return measured;
}

/** Writes the log, works with it, and deletes it. */
async function withLog({ pieces, end, packed = false, seed, bytes }, work) {
  const directory = mkdtempSync(join(tmpdir(), "conntrail-bench-"));
  try {
    const path = join(directory, end === "" ? "log.txt" : "PT1H.json");
    const written = writeLog(path, { pieces: pieces(seed), end, bytes });
    if (!packed) return await work({ directory, path, ...written });
    await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`));
    rmSync(path);
    return await work({ directory, path: `${path}.gz`, ...written });
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

/** The projection takes many times as long as the rest, and is made once. */
async function inTurns({ projected, ...readers }, runs) {
  const taken = { plain: [], imported: [] };
  for (let run = 0; run < runs; run++) {
    for (const [name, read] of Object.entries(readers)) taken[name].push(await read());
  }
  return { ...taken, projected: await projected() };
}
