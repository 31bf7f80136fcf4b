// Standard input, which may be a capture that goes on until somebody ends it: Ctrl-C and the like end the input, and
// what came until then is kept.

import { PassThrough, type Readable } from "node:stream";
import type { Content } from "./content.js";

export type StandardInput = {
  readonly content: Content;
  /** Whether the user ended it. */
  stopped(): boolean;
  /** Lets go of it, and of the signals. */
  close(): void;
};

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What comes before it is due is kept back so long at most, in milliseconds. */
const dueMillis = 1000;

/** `tcpdump` in the same pipe has heard the same Ctrl-C and still writes what it holds; so long, in milliseconds. */
const graceMillis = 1000;

const bufferBytes = 1024 * 1024;
const nothing = new Uint8Array(0);

export function openStandardInput(input: Readable): StandardInput {
  const through = new PassThrough({ highWaterMark: bufferBytes });
  input.on("error", (error) => through.destroy(error));
  input.pipe(through);
  let grace: NodeJS.Timeout | null = null;
  const end = () => {
    input.unpipe(through);
    through.end();
  };
  // A second signal finds no listener, and kills.
  const stop = () => {
    for (const signal of endingSignals) process.off(signal, stop);
    grace = setTimeout(end, graceMillis);
  };
  for (const signal of endingSignals) process.on(signal, stop);
  const close = () => {
    for (const signal of endingSignals) process.off(signal, stop);
    if (grace !== null) clearTimeout(grace);
    input.destroy();
    through.destroy();
  };
  return { content: through, stopped: () => grace !== null, close };
}

/** Says by an empty chunk that what came is due, a second after it came at the latest. */
export async function* paced(content: Content): Content {
  const chunks = content[Symbol.asyncIterator]();
  let next = chunks.next();
  let dueAt = Number.POSITIVE_INFINITY;
  try {
    for (;;) {
      const came = await within(next, dueAt - performance.now());
      if (came === null || performance.now() >= dueAt) {
        dueAt = Number.POSITIVE_INFINITY;
        yield nothing;
      }
      if (came === null) continue;
      if (came.done === true) return;
      dueAt = Math.min(dueAt, performance.now() + dueMillis);
      yield came.value;
      next = chunks.next();
    }
  } finally {
    await chunks.return?.();
  }
}

/** Null where it takes longer. */
async function within<T>(promise: Promise<T>, millis: number): Promise<T | null> {
  if (millis === Number.POSITIVE_INFINITY) return promise;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, millis), null);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
