// One thing that evidence says, and the instant from which the fold may come to ask about it.

import type { Micros } from "./time.js";

export type PastFact = { readonly time: Micros; readonly text: string };

export function fact(time: Micros, ...content: readonly unknown[]): PastFact {
  return { time, text: JSON.stringify(content) };
}
