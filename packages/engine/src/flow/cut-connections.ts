// TCP connections whose record the rules ended when they were asked anew. Their answering side does not take them up
// again in mid-stream, or one packet of it would revive what was cut [W1]; the side that opened them may, where the rules
// allow it. What Azure does after a flush no source says: the same is assumed.

import type { FlowPlace } from "../traffic/fragments.js";
import type { FlowSlot, FlowTable } from "./flow-table.js";

type Key = Pick<FlowPlace["flows"], "words" | "ports">;

/** The oldest are forgotten first. */
const mostRemembered = 65_536;

export class CutConnections {
  readonly #originators = new Map<string, number>();

  add({ scope, words, ports, originator }: FlowTable, slot: FlowSlot): void {
    this.#originators.set(keyOf(scope[slot]!, { words, ports }, slot), originator[slot]!);
    for (const oldest of this.#originators.keys()) {
      if (this.#originators.size <= mostRemembered) return;
      this.#originators.delete(oldest);
    }
  }

  /** Whether a packet from this end is of a cut connection, and not from the end that opened it. */
  isAnswer(scope: number, { flows, flow, direction }: FlowPlace): boolean {
    if (this.#originators.size === 0) return false;
    const originator = this.#originators.get(keyOf(scope, flows, flow));
    return originator !== undefined && originator !== direction;
  }

  forget(scope: number, { flows, flow }: FlowPlace): void {
    if (this.#originators.size > 0) this.#originators.delete(keyOf(scope, flows, flow));
  }
}

function keyOf(scope: number, { words, ports }: Key, flow: number): string {
  return `${scope} ${words.subarray(flow * 8, flow * 8 + 8)} ${ports.subarray(flow * 2, flow * 2 + 2)}`;
}
