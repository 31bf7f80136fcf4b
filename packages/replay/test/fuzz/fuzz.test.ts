// The short run; `node packages/replay/test/fuzz/fuzz.mjs --minutes 10` is the long one.

import { expect, it } from "vitest";
import { fuzzRound } from "./round.js";

it("any bytes are read or refused in words, and what is read comes back from its own bytes", async () => {
  const report = await fuzzRound(20_261_121, 0.25);
  for (const [target, { inputs, ends }] of Object.entries(report)) {
    expect([target, inputs > 300, ends > 20]).toEqual([target, true, true]);
  }
});
