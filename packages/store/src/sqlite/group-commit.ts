// Appends that are asked for in one turn of the event loop share a transaction: with `synchronous=FULL` each transaction
// waits for the disk, and an import of service tags writes to three thousand streams.

import type { AppendResult } from "../event-log.js";
import type { Append } from "./append-statements.js";

type Waiting = {
  readonly append: Append;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
};

export class GroupCommit {
  #waiting: Waiting[] = [];

  /** `commit` answers each append in its order, or throws and has stored none. */
  constructor(private readonly commit: (appends: readonly Append[]) => readonly AppendResult[]) {}

  append(append: Append): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  /** Commits what waits, now. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    try {
      const results = this.commit(waiting.map(({ append }) => append));
      for (const [index, { resolve }] of waiting.entries()) resolve(results[index]!);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
