// A thread that hashes a file.

import { parentPort, workerData } from "node:worker_threads";
import type { FileContent } from "./content.js";
import { fileChunks } from "./file-chunks.js";
import { ContentHash } from "./source-name.js";

const hash = new ContentHash();
for (const chunk of fileChunks(workerData as FileContent)) hash.update(chunk);
parentPort!.postMessage(hash.soFar().sha256);
