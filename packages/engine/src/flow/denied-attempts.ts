// Denied attempts: one row for interface, endpoints, port, protocol and deciding rule version. Bounded: attempts that
// find no room are counted and told.

import type { ResourceId } from "../event.js";
import type { RuleVersion } from "../policy/rule-version.js";
import { beginningOfTime, endOfTime, type Micros } from "../time.js";
import { type Address, addressKey } from "../wire/address.js";

export type DeniedAttempt = {
  readonly interface: ResourceId;
  readonly interfaceName: string;
  readonly direction: "inbound" | "outbound";
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  /** 0 where the protocol has no ports. */
  readonly destinationPort: number;
  readonly decidedBy: RuleVersion;
  readonly first: Micros;
  readonly last: Micros;
  readonly count: number;
};

export const maxDeniedRows = 1_000_000;

type Attempt = Omit<DeniedAttempt, "first" | "last" | "count">;

/** What is counted of attempts that are alike. */
export type DeniedTally = { first: Micros; last: Micros; count: number };

export function newTally(): DeniedTally {
  return { first: endOfTime, last: beginningOfTime, count: 0 };
}

/** Fragments that waited for their first are told late, so times need not ascend. */
export function tellDenied(tally: DeniedTally, time: Micros): void {
  if (time < tally.first) tally.first = time;
  if (time > tally.last) tally.last = time;
  tally.count++;
}

export class DeniedAttempts {
  readonly #rows = new Map<string, { readonly attempt: Attempt; readonly tally: DeniedTally }>();
  readonly #overflow = newTally();

  /** Where attempts like this one are counted: their row, or that of all which find no room. */
  tallyOf(attempt: Attempt): DeniedTally {
    const key = keyOf(attempt);
    const known = this.#rows.get(key);
    if (known !== undefined) return known.tally;
    if (this.#rows.size >= maxDeniedRows) return this.#overflow;
    const tally = newTally();
    this.#rows.set(key, { attempt, tally });
    return tally;
  }

  get rows(): readonly DeniedAttempt[] {
    return Array.from(this.#rows.values(), ({ attempt, tally }) => ({ ...attempt, ...tally }));
  }

  /** Denied packets that found no room. */
  get overflowed(): number {
    return this.#overflow.count;
  }
}

function keyOf(attempt: Attempt): string {
  const { decidedBy } = attempt;
  return [
    attempt.interface.toLowerCase(),
    attempt.direction,
    addressKey(attempt.source),
    addressKey(attempt.destination),
    attempt.destinationPort,
    attempt.protocol,
    decidedBy.group,
    decidedBy.rule,
    decidedBy.isDefault,
    decidedBy.version,
  ].join(" ");
}
