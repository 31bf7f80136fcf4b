// An import of standard input that goes on while a test writes to it, asks beside it, and ends it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { command, conntrail, ndjson, type Ran, temporaryDirectory } from "./conntrail.js";

export class LiveImport {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ran>;
  #out = "";
  #err = "";

  constructor(
    readonly directory: string,
    args: readonly string[] = [],
  ) {
    const all = [command, "import", "-", "--case", directory, ...args];
    this.#child = spawn(process.execPath, all, { cwd: temporaryDirectory(), stdio: "pipe" });
    this.#child.stdout!.on("data", (chunk) => {
      this.#out += chunk;
    });
    this.#child.stderr!.on("data", (chunk) => {
      this.#err += chunk;
    });
    this.#child.stdin!.on("error", () => undefined);
    this.#ended = once(this.#child, "close").then(([code]) => ({ code, out: this.#out, err: this.#err }));
  }

  write(bytes: Uint8Array): void {
    this.#child.stdin!.write(bytes);
  }

  /** Ends the input; without it the writer just stays there. */
  end(): Promise<Ran> {
    this.#child.stdin!.end();
    return this.#ended;
  }

  signal(signal: NodeJS.Signals): Promise<Ran> {
    this.#child.kill(signal);
    return this.#ended;
  }

  /** Asks the log, beside the import, until it holds these frames. */
  async holds(frames: readonly number[]): Promise<void> {
    while (storedFrames(this.directory).join() !== frames.join()) {
      if (this.#child.exitCode !== null) throw new Error(`the import has ended: ${this.#err}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

type Logged = { type: string; data: { firstFrame: number; lastFrame: number; count: number } };

/** Of all batches in the order of the log; a capture of one place, whose frames all are packets. */
export function storedFrames(directory: string): number[] {
  const ran = conntrail(["log", "--case", directory, "-o", "ndjson"]);
  if (ran.code !== 0) return [];
  return ndjson<Logged>(ran)
    .filter(({ type }) => type === "packets-observed")
    .flatMap(({ data }) => Array.from({ length: data.count }, (_, index) => data.firstFrame + index));
}
