// The thread of a `ThreadPart`: folds what it is given, and answers.

import { parentPort, workerData } from "node:worker_threads";
import { unreachable } from "@conntrail/engine";
import { LogError } from "../log-error.js";
import { type FoldTask, LocalPart } from "./fold-part.js";
import type { PartReply, PartRequest } from "./fold-thread.js";

const port = parentPort!;
const reply = (message: PartReply) => port.postMessage(message);
const part = new LocalPart(workerData as FoldTask, (rows) => reply({ is: "rows", rows }));
let last: Promise<void> = Promise.resolve();

port.on("message", (request: PartRequest) => {
  last = last.then(() => answer(request));
});

async function answer(request: PartRequest): Promise<void> {
  try {
    reply({ is: "done", answer: await answerTo(request) });
  } catch (error) {
    reply({ is: "failed", error, kind: error instanceof LogError ? error.kind : null });
  }
}

function answerTo(request: PartRequest): Promise<unknown> {
  switch (request.is) {
    case "push":
      return part.push(request.traffic);
    case "live":
      return part.live();
    case "save":
      return part.save(request.time);
    case "finish":
      return part.finish();
    default:
      return unreachable(request);
  }
}
