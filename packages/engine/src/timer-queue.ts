// Timers in the order in which they are due, those of one instant in the order in which they were set: a binary heap.

export type Timer = { readonly time: number; readonly order: number };

export class TimerQueue<T extends Timer> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get next(): T | undefined {
    return this.#heap[0];
  }

  add(timer: T): void {
    const heap = this.#heap;
    let at = heap.length;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = heap[(at - 1) >> 1]!;
      if (isBefore(parent, timer)) break;
      heap[at] = parent;
    }
    heap[at] = timer;
  }

  /** Takes out the next one. */
  remove(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
  }

  #sink(timer: T): void {
    const heap = this.#heap;
    let at = 0;
    for (let child = 1; child < heap.length; child = at * 2 + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(timer, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = timer;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.time - b.time < 0 || (a.time === b.time && a.order < b.order);
}
