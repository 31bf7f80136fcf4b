// Why lines of a flow log are left out: counted while reading, told once for each reason at the end.

import type { Imported, ProblemKind } from "./importer.js";

export type LineFault = {
  readonly kind: ProblemKind;
  /** The same for all lines that fail alike. */
  readonly reason: string;
  /** What stands in the line, where that helps. */
  readonly text: string | null;
};

type Tally = LineFault & { readonly firstRecord: number; count: number };

const maxTextLength = 80;

export class LineFaults {
  readonly #tallies = new Map<string, Tally>();

  count(fault: LineFault, record: number): void {
    const tally = this.#tallies.get(fault.reason);
    if (tally === undefined) this.#tallies.set(fault.reason, { ...fault, firstRecord: record, count: 1 });
    else tally.count++;
  }

  *told(): Iterable<Imported> {
    for (const tally of this.#tallies.values()) {
      const { kind, firstRecord: record } = tally;
      yield { kind: "problem", problem: { kind, record, message: messageOf(tally) } };
    }
  }
}

function messageOf({ count, reason, text }: Tally): string {
  const lines = count === 1 ? "left out 1 line" : `left out ${count} lines, the first of them here`;
  const shown = text === null ? "" : `: \`${cutText(text)}\``;
  return `${lines}: ${reason}${shown}`;
}

function cutText(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
}
