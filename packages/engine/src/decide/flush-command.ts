// Dropping flow records by force, as `conntrack -D` does: all of them, those of one interface, or of one connection.

import type { FlowsFlushed } from "../event.js";
import { type ControlState, type Decided, decided, refused } from "./decided.js";
import { isRefusal } from "./refusal.js";
import { resolve } from "./resolve.js";

export type FlushFlows = {
  /** Null: at every interface. */
  readonly interface: string | null;
  /** Null: all. */
  readonly connection: FlowsFlushed["data"]["connection"];
};

export function flushFlows(state: ControlState, { interface: name, connection }: FlushFlows): Decided {
  const found = name === null ? null : resolve(state.inventory.interfaces, "interface", name);
  if (found !== null && isRefusal(found)) return refused(found);
  return decided(state, [{ type: "flows-flushed", data: { interface: found?.id ?? null, connection } }]);
}
