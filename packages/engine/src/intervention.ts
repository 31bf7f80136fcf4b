// What happens to live flow records without a packet: rules change, interfaces go, somebody flushes. All of it at its
// very instant, before the traffic of the same microsecond, so that it never shows when somebody looked.

import type { ControlEvent, ResourceId } from "./event.js";
import type { ControlChange } from "./flow/semantics.js";
import type { NetworkHistory } from "./network/topology.js";
import type { PolicyHistory } from "./policy/policy-history.js";
import { beginningOfTime, endOfTime, type Micros } from "./time.js";
import type { Conversation } from "./traffic/conversation.js";
import { parseAddress } from "./wire/address.js";

/** Somebody dropped records by force. Null: at every interface; every connection. */
export type FlowFlush = {
  readonly time: Micros;
  readonly interface: ResourceId | null;
  readonly connection: Conversation | null;
};

/**
 * Something changed that neither the histories of groups nor that of the network tell: records at these interfaces
 * (null: all) are judged anew where the semantics of the instant say so of such a change.
 */
export type Reevaluation = {
  readonly time: Micros;
  readonly change: ControlChange;
  readonly interfaces: readonly ResourceId[] | null;
};

export type Intervention =
  | { readonly is: "flushed"; readonly time: Micros; readonly flush: FlowFlush }
  | { readonly is: "network-changed"; readonly time: Micros }
  | { readonly is: "rules-changed"; readonly time: Micros; readonly group: ResourceId }
  /** Other contents of service tags or prefix lists. */
  | { readonly is: "lists-changed"; readonly time: Micros }
  | { readonly is: "reevaluated"; readonly time: Micros; readonly reevaluation: Reevaluation };

export type InterventionSources = {
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
  readonly flushes: readonly FlowFlush[];
  readonly reevaluations: readonly Reevaluation[];
};

/** In the order in which they happen: what ends records before what judges them. */
export function interventionsOf({ policy, network, flushes, reevaluations }: InterventionSources): Intervention[] {
  const all: Intervention[] = [
    ...flushes.map((flush) => ({ is: "flushed", time: flush.time, flush }) as const),
    ...network.boundaries.map((time) => ({ is: "network-changed", time }) as const),
    ...[...policy.groups].flatMap(([group, { boundaries }]) =>
      boundaries.filter(isReached).map((time) => ({ is: "rules-changed", time, group }) as const),
    ),
    ...policy.lists.boundaries.map((time) => ({ is: "lists-changed", time }) as const),
    ...reevaluations.map((reevaluation) => ({ is: "reevaluated", time: reevaluation.time, reevaluation }) as const),
  ];
  return all.sort((a, b) => a.time - b.time || rankOf[a.is] - rankOf[b.is]);
}

const rankOf = { flushed: 0, "network-changed": 1, "rules-changed": 2, "lists-changed": 3, reevaluated: 4 } as const;

export function flowFlushes(events: readonly ControlEvent[]): FlowFlush[] {
  return events.flatMap((event): FlowFlush[] => {
    if (event.type !== "flows-flushed") return [];
    const { interface: at, connection } = event.data;
    if (connection === null) return [{ time: event.time, interface: at, connection: null }];
    const [a, b] = [parseAddress(connection.a), parseAddress(connection.b)];
    if (a === null || b === null) return [];
    return [{ time: event.time, interface: at, connection: { ...connection, a, b } }];
  });
}

/** Spans that are open at an end have boundaries where nothing happens. */
function isReached(time: Micros): boolean {
  return time !== beginningOfTime && time !== endOfTime;
}
