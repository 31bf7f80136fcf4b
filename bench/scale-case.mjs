// A case at scale in a temporary directory: the network imported, the capture beside it, ready to be imported.

import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeCaptureFile } from "./capture.mjs";
import { runChild } from "./child.mjs";
import { command } from "./product.mjs";
import { documents } from "./world.mjs";

/** Makes it, works in it, and deletes it. */
export async function withScaleCase(size, work) {
  const directory = mkdtempSync(join(tmpdir(), "conntrail-bench-"));
  try {
    const capture = join(directory, "capture.pcap");
    writeCaptureFile(size, capture);
    return await work({
      directory,
      capture,
      captureBytes: statSync(capture).size,
      fresh: await networkImported(directory),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A function that makes a case of this name in which the network is known, and nothing else. */
async function networkImported(directory) {
  const network = join(directory, "network");
  mkdirSync(network);
  writeFileSync(join(network, "resources.json"), JSON.stringify(documents()));
  const original = join(directory, "original");
  await conntrail(["import", network, "--case", original, "--taken-at", "2026-01-01T00:00:00Z"]);
  return (name) => {
    const path = join(directory, name);
    rmSync(path, { recursive: true, force: true });
    cpSync(original, path, { recursive: true });
    return path;
  };
}

export function conntrail(args) {
  return runChild(process.execPath, [command, ...args]);
}
