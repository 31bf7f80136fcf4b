// A part of projecting the log in a thread of its own. What is asked of it is answered in order, one answer each.

import { Worker } from "node:worker_threads";
import type { Micros } from "@conntrail/engine";
import { LogError, type LogErrorKind } from "../log-error.js";
import type { FlowRows } from "./flow-rows.js";
import type { FoldPart, FoldTask, SavedPart, SegmentRows, StoredTraffic } from "./fold-part.js";

export type PartRequest =
  | { readonly is: "push"; readonly traffic: StoredTraffic }
  | { readonly is: "live" }
  | { readonly is: "save"; readonly time: Micros }
  | { readonly is: "finish" };

export type PartReply =
  | { readonly is: "rows"; readonly rows: FlowRows }
  | { readonly is: "done"; readonly answer: unknown }
  | { readonly is: "failed"; readonly error: unknown; readonly kind: LogErrorKind | null };

/** Batches that may wait for the thread. */
const mostUnderWay = 8;

type Awaited = { resolve(answer: unknown): void; reject(error: unknown): void };

export class ThreadPart implements FoldPart {
  readonly #worker: Worker;
  readonly #awaited: Awaited[] = [];
  #pushed: Promise<unknown>[] = [];

  constructor(task: FoldTask, onRows: (rows: FlowRows) => void) {
    this.#worker = new Worker(new URL("./fold-worker.js", import.meta.url), { workerData: task });
    this.#worker.on("message", (reply: PartReply) => this.#take(reply, onRows));
    this.#worker.on("error", (error) => this.#fail(error));
  }

  async push(traffic: StoredTraffic): Promise<void> {
    const pushed = this.#ask({ is: "push", traffic });
    pushed.catch(() => undefined);
    this.#pushed.push(pushed);
    if (this.#pushed.length > mostUnderWay) await this.#pushed.shift();
  }

  live(): Promise<number> {
    return this.#askAfterAll({ is: "live" });
  }

  save(time: Micros): Promise<SavedPart> {
    return this.#askAfterAll({ is: "save", time });
  }

  finish(): Promise<SegmentRows> {
    return this.#askAfterAll({ is: "finish" });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Also hears of what went wrong with batches before. */
  async #askAfterAll<Answer>(request: PartRequest): Promise<Answer> {
    const answer = this.#ask<Answer>(request);
    answer.catch(() => undefined);
    const pushed = this.#pushed;
    this.#pushed = [];
    await Promise.all(pushed);
    return answer;
  }

  #ask<Answer>(request: PartRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#awaited.push({ resolve: resolve as Awaited["resolve"], reject });
      this.#worker.postMessage(request);
    });
  }

  #take(reply: PartReply, onRows: (rows: FlowRows) => void): void {
    if (reply.is === "rows") onRows(reply.rows);
    else if (reply.is === "done") this.#awaited.shift()!.resolve(reply.answer);
    else this.#awaited.shift()!.reject(errorOf(reply));
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#awaited.splice(0)) reject(error);
  }
}

/** An error that came from another thread has lost its class. */
function errorOf({ error, kind }: PartReply & { readonly is: "failed" }): unknown {
  return kind !== null && error instanceof Error ? new LogError(kind, error.message, { cause: error }) : error;
}
