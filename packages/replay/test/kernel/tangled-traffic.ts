// TCP connections while all is allowed, then while nothing is, so that whatever passes does so by its record alone. They
// open as they should, or nearly; then come segments of any kind from either side, in step or out of it.

import type { Random } from "../../../engine/test/support/random.js";
import { DatagramMaker } from "./datagram.js";
import type { Run } from "./run.js";
import { closingEdits } from "./security-group.js";
import type { Surroundings } from "./talk.js";
import { type Pair, pairOf, segment } from "./tcp-pair.js";
import { freshConnection } from "./tcp-talk.js";

/** `>` from the one who opens, `<` from the other; then flags. */
const openings: readonly (readonly string[])[] = [
  [">S"],
  [">S", "<SA"],
  [">S", "<SA", ">A"],
  [">S", "<SA", ">A"],
  [">S", "<SA", ">A", ">PA", "<A"],
  [">S", "<S", ">SA", "<SA"],
  [">PA"],
  [">PA", "<A"],
  ["<SA"],
  [">FA"],
];
const flags = ["A", "A", "PA", "PA", "FA", "FA", "R", "RA", "S", "S", "SA", "", "F", "FPA", "U", "SF", "SR"];
/** Near, or outside any window; not between, since windows are not in the evidence. */
const shifts = [undefined, undefined, undefined, undefined, 0, -1, 1, 1000, -1000, 2_000_000_000, -1_200_000_000];
const roundsOpen = 3;
const roundsClosed = 6;

export function tangledTraffic(run: Run, random: Random, count: number): void {
  const around: Surroundings = { random, maker: new DatagramMaker(random), connections: [], recent: [] };
  const pairs = Array.from({ length: count }, () => pairOf(around, freshConnection(around)));
  for (const pair of pairs) for (const step of random.pick(openings)) say(run, around, pair, step);
  for (let round = 0; round < roundsOpen; round++) sayAnything(run, around, pairs);
  for (const group of run.groups) for (const edit of closingEdits(group)) run.edit(edit);
  for (let round = 0; round < roundsClosed; round++) sayAnything(run, around, pairs);
}

function sayAnything(run: Run, around: Surroundings, pairs: readonly Pair[]): void {
  const { random } = around;
  for (const pair of pairs) say(run, around, pair, random.pick([">", "<"]) + random.pick(flags), random.pick(shifts));
}

function say(run: Run, around: Surroundings, { client, server }: Pair, step: string, shift?: number): void {
  const [from, to] = step.startsWith(">") ? [client, server] : [server, client];
  const part = { flags: step.slice(1), bytes: step.includes("P") ? 10 : 0 };
  run.send(
    segment(around, from, to, shift === undefined ? part : { ...part, shift, moment: `out of step by ${shift}` }),
  );
}
