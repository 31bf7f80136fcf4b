// What would have opened a flow record where the interface had as many as it may: counted, so that nothing is lost
// without a word.

import type { ResourceId } from "../event.js";
import { beginningOfTime, endOfTime, type Micros } from "../time.js";

export type TableFull = {
  /** The place of capture. */
  readonly place: string;
  /** Null: no interface is known, and the records are the place's. */
  readonly interface: ResourceId | null;
  readonly interfaceName: string | null;
  readonly first: Micros;
  readonly last: Micros;
  /** That would have opened a record. */
  readonly packets: number;
  /** Of these the ones that begin a connection: a SYN sent again counts again, and so does each datagram. */
  readonly flows: number;
};

type Whose = Pick<TableFull, "place" | "interface" | "interfaceName">;
type Tally = { readonly whose: Whose; first: Micros; last: Micros; packets: number; flows: number };

export class TableFullCounts {
  readonly #tallies: Tally[] = [];

  /** `holder`: a number for interface and place. */
  tell(holder: number, whose: Whose, { time, begins }: { readonly time: Micros; readonly begins: boolean }): void {
    const tally = this.#tallies[holder] ?? { whose, first: endOfTime, last: beginningOfTime, packets: 0, flows: 0 };
    this.#tallies[holder] = tally;
    if (time < tally.first) tally.first = time;
    if (time > tally.last) tally.last = time;
    tally.packets++;
    if (begins) tally.flows++;
  }

  get rows(): readonly TableFull[] {
    return this.#tallies.flatMap(({ whose, ...counts }) => ({ ...whose, ...counts }));
  }

  reset(): void {
    this.#tallies.length = 0;
  }
}
