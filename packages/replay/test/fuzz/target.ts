// What is fuzzed: a reader of bytes from outside, with inputs to begin from and the laws that hold for any others.

import type { Random } from "../../../engine/test/support/random.js";

export type Target = {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Inputs of a round, so that each target takes about as long as the others. */
  readonly inputsPerRound: number;
  /**
   * Reads the input and answers in a few words what became of it: mutants that reach new words are mutated further.
   * Throws where a law is broken.
   */
  read(input: Uint8Array, random: Random): string | Promise<string>;
};

/** Throws what is wrong where `holds` is false. */
export function law(holds: boolean, broken: string): void {
  if (!holds) throw new Error(`broken law: ${broken}`);
}

/** A number by its size alone, so that words about it stay few. */
export function sizeOf(number: number): number {
  return Math.ceil(Math.log2(number + 1));
}
