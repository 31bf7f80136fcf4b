// Traffic over time as rows of a table and as plain data.

import { formatInstant, interfaceOfPlace } from "@conntrail/engine";
import type { Amount, TrafficSpan } from "../query/traffic.js";
import { formatCount } from "./amount.js";

export const trafficHead = ["from", "interface", "direction", "allowed", "denied", "unknown", "not judged"];

export function trafficCells({ from, direction, allowed, denied, unknown, unjudged, ...span }: TrafficSpan): string[] {
  const amounts = [allowed, denied, unknown, unjudged].map(amountText);
  return [formatInstant(from), whose(span), direction ?? "-", ...amounts];
}

/** Where no interface is known, the place of capture. */
function whose({ interface_name, place }: Pick<TrafficSpan, "interface_name" | "place">): string {
  return interface_name ?? interfaceOfPlace(place) ?? `capture ${place.slice(0, 12)}`;
}

function amountText({ packets, bytes }: Amount): string {
  return packets === 0 ? "-" : `${formatCount(packets)} (${formatCount(bytes)} B)`;
}

export function trafficData({ from, interface_name, ...rest }: TrafficSpan) {
  return { from: formatInstant(from), interfaceName: interface_name, ...rest };
}
