// Instants of one made-up day, as tests write them.

import { type Micros, toMicros } from "../../src/index.js";

const dayStart = Date.UTC(2026, 2, 18) * 1000;

/** `09:30`, `09:30:05`, `09:30:05.000001` on 18 March 2026, UTC. */
export function at(clock: string): Micros {
  const [hours = "0", minutes = "0", seconds = "0"] = clock.split(":");
  return toMicros(dayStart + Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000));
}

/** Seconds after 12:00, which is where state tables begin. */
export function second(seconds: number): Micros {
  return toMicros(at("12:00") + Math.round(seconds * 1_000_000));
}
