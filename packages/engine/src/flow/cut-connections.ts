// TCP connections whose record the rules ended when they were asked anew. Their answering side does not take them up
// again in mid-stream, or one packet of it would revive what was cut [W1]; the side that opened them may, where the rules
// allow it. What Azure does after a flush no source says: the same is assumed.

import type { FlowPlace } from "../traffic/fragments.js";
import type { FlowSlot, FlowTable } from "./flow-table.js";

type Key = Pick<FlowPlace["flows"], "words" | "ports">;

/** By connection: the end that opened it, 0 low, 1 high. */
type Originators = Map<string, number>;

/** A scope and its connections, in the order in which they are forgotten. */
export type SavedCuts = { readonly scope: number; readonly originators: readonly (readonly [string, number])[] };

/** Of one scope; the oldest are forgotten first. */
const mostRemembered = 65_536;

export class CutConnections {
  readonly #scopes = new Map<number, Originators>();

  add({ scope, words, ports, originator }: FlowTable, slot: FlowSlot): void {
    const own = this.#scopes.get(scope[slot]!) ?? new Map<string, number>();
    this.#scopes.set(scope[slot]!, own.set(keyOf({ words, ports }, slot), originator[slot]!));
    if (own.size > mostRemembered) own.delete(own.keys().next().value!);
  }

  /** Whether a packet from this end is of a cut connection, and not from the end that opened it. */
  isAnswer(scope: number, { flows, flow, direction }: FlowPlace): boolean {
    const originator = this.#scopes.get(scope)?.get(keyOf(flows, flow));
    return originator !== undefined && originator !== direction;
  }

  forget(scope: number, { flows, flow }: FlowPlace): void {
    const own = this.#scopes.get(scope);
    if (own !== undefined && own.size > 0) own.delete(keyOf(flows, flow));
  }

  save(): readonly SavedCuts[] {
    return [...this.#scopes].map(([scope, originators]) => ({ scope, originators: [...originators] }));
  }

  restore(scope: number, { originators }: SavedCuts): void {
    this.#scopes.set(scope, new Map(originators));
  }
}

function keyOf({ words, ports }: Key, flow: number): string {
  return `${words.subarray(flow * 8, flow * 8 + 8)} ${ports.subarray(flow * 2, flow * 2 + 2)}`;
}
