// A thread that hashes the content of a file.

import { parentPort, workerData } from "node:worker_threads";
import { fileContent } from "./file-chunks.js";
import type { ReadingTask } from "./reading-task.js";
import { hashContent } from "./source-name.js";

const ignore = () => undefined;
const content = fileContent(workerData as Pick<ReadingTask, "file" | "packed">, { onBytes: ignore, onDamage: ignore });
parentPort!.postMessage((await hashContent(content)).sha256);
