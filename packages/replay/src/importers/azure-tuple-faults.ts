// Flow tuples that can't be read: the first of each fault is quoted and the others are counted, so that a bad file of
// millions is told in a few lines.

import type { TupleFault } from "./azure-tuple-fields.js";
import type { Imported, ProblemKind } from "./importer.js";

type Tally = { readonly record: number; readonly index: number | null; readonly text: string; count: number };

/** Of a tuple in a record its number there, from 1; null: it is the whole record. */
export type TuplePlace = { readonly record: number; readonly index: number | null; readonly tuple: unknown };

const quotedLetters = 80;

const faults: Readonly<Record<TupleFault, readonly [kind: ProblemKind, why: string]>> = {
  "no-tuple": ["malformed", "it is no text of at most 16 fields between commas"],
  fields: ["malformed", "it has another number of fields than any version of this log"],
  time: ["malformed", "its time is no number of seconds or milliseconds since 1970"],
  address: ["malformed", "one of its addresses is none"],
  protocol: ["unknown-value", "its protocol is none that is known"],
  port: ["malformed", "one of its ports is no number up to 65535"],
  direction: ["unknown-value", "its direction is neither `I` nor `O`"],
  decision: ["unknown-value", "its decision is neither `A` nor `D`"],
  state: ["unknown-value", "its state is none that this log has"],
  count: ["malformed", "one of its counts is no whole number that can be kept"],
};

export class TupleFaults {
  readonly #tallies = new Map<TupleFault, Tally>();

  count(fault: TupleFault, { record, index, tuple }: TuplePlace): void {
    const tally = this.#tallies.get(fault);
    if (tally !== undefined) tally.count++;
    else this.#tallies.set(fault, { record, index, text: quoted(tuple), count: 1 });
  }

  *told(): Iterable<Imported> {
    for (const [fault, tally] of this.#tallies) {
      const [kind, why] = faults[fault];
      yield { kind: "problem", problem: { kind, record: tally.record, message: messageOf(tally, why) } };
    }
  }
}

function quoted(tuple: unknown): string {
  return (typeof tuple === "string" ? tuple : (JSON.stringify(tuple) ?? "")).slice(0, quotedLetters);
}

function messageOf({ index, text, count }: Tally, why: string): string {
  const which = index === null ? `\`${text}\`` : `tuple ${index}, \`${text}\`,`;
  const others = count === 1 ? "" : `; so are ${count - 1} more of this file for the same reason`;
  return `${which} is left out: ${why}${others}`;
}
