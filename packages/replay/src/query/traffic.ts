// Traffic over time: for each interface and direction what was allowed, denied, or is in doubt.

import type { Micros } from "@conntrail/engine";
import { type TrafficFilter, type TrafficTable, trafficRows } from "@conntrail/store";
import type { Case } from "../case.js";

export type Amount = { readonly packets: number; readonly bytes: number };

export type TrafficSpan = Pick<TrafficTable, "interface" | "interface_name" | "place" | "direction"> & {
  readonly from: Micros;
  readonly allowed: Amount;
  readonly denied: Amount;
  readonly unknown: Amount;
  /** No interface is known, so nobody judged. */
  readonly unjudged: Amount;
};

/** In the order of time, then of interfaces. */
export function traffic(kase: Case, filter: TrafficFilter): TrafficSpan[] {
  const spans = new Map<string, TrafficSpan>();
  for (const row of trafficRows(kase.views, filter)) {
    const { minute, interface: at, interface_name, place, direction, verdict, packets, bytes } = row;
    const key = [minute, at ?? place, direction].join("\n");
    const named = { from: minute as Micros, interface: at, interface_name, place, direction };
    const known = spans.get(key) ?? {
      ...named,
      allowed: nothing,
      denied: nothing,
      unknown: nothing,
      unjudged: nothing,
    };
    spans.set(key, { ...known, [amountOf[verdict as keyof typeof amountOf]]: { packets, bytes } });
  }
  return [...spans.values()];
}

const nothing: Amount = { packets: 0, bytes: 0 };
const amountOf = { allow: "allowed", deny: "denied", unknown: "unknown", none: "unjudged" } as const;
