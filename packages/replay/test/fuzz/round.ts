// One round of fuzzing: each target with so many inputs, from a seed that repeats it exactly. Mutants that come to new
// ends are kept and mutated further, so that a round goes deeper than its first inputs.

import { Random } from "../../../engine/test/support/random.js";
import { batchTarget } from "./batch-target.js";
import { captureTarget } from "./capture-target.js";
import { frameTarget } from "./frame-target.js";
import { mutated } from "./mutation.js";
import { recordTarget } from "./record-target.js";
import type { Target } from "./target.js";

export const targets: readonly Target[] = [frameTarget(), batchTarget(), captureTarget(), recordTarget()];

/** By target: inputs read, and different ends that they came to. */
export type RoundReport = Readonly<Record<string, { readonly inputs: number; readonly ends: number }>>;

/** `share`: of the targets' usual number of inputs. Throws on the first input that breaks a law, and names it. */
export async function fuzzRound(seed: number, share: number): Promise<RoundReport> {
  const report: Record<string, { inputs: number; ends: number }> = {};
  for (const target of targets) {
    const inputs = Math.ceil(target.inputsPerRound * share);
    report[target.name] = { inputs, ends: await fuzzTarget(target, inputs, new Random(seed)) };
  }
  return report;
}

async function fuzzTarget(target: Target, inputs: number, random: Random): Promise<number> {
  const corpus = [...target.seeds];
  const ends = new Set<string>();
  for (let count = 0; count < inputs; count++) {
    const input = count < target.seeds.length ? target.seeds[count]! : mutant(corpus, random);
    const end = await endOf(target, input, random);
    if (ends.has(end)) continue;
    ends.add(end);
    corpus.push(input);
  }
  return ends.size;
}

function mutant(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  return mutated(random.pick(corpus), random, random.pick(corpus));
}

async function endOf(target: Target, input: Uint8Array, random: Random): Promise<string> {
  try {
    return await target.read(input, random);
  } catch (error) {
    throw new Error(`${target.name} \`${Buffer.from(input).toString("hex")}\``, { cause: error });
  }
}
