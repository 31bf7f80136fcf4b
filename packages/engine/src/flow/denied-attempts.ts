// Denied attempts: one row for interface, endpoints, port, protocol and deciding rule version. Bounded: attempts that
// find no room are counted and told.

import type { ResourceId } from "../event.js";
import type { RuleVersion } from "../policy/rule-version.js";
import type { Micros } from "../time.js";
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

export class DeniedAttempts {
  readonly #rows = new Map<string, DeniedAttempt>();
  #overflowed = 0;

  add(attempt: Omit<DeniedAttempt, "first" | "last" | "count">, time: Micros): void {
    const key = keyOf(attempt);
    const known = this.#rows.get(key);
    if (known !== undefined) this.#rows.set(key, together(known, time));
    else if (this.#rows.size < maxDeniedRows) this.#rows.set(key, { ...attempt, first: time, last: time, count: 1 });
    else this.#overflowed++;
  }

  get rows(): Iterable<DeniedAttempt> {
    return this.#rows.values();
  }

  /** Denied packets that found no room. */
  get overflowed(): number {
    return this.#overflowed;
  }
}

/** Fragments that waited for their first are told late, so times need not ascend. */
function together(known: DeniedAttempt, time: Micros): DeniedAttempt {
  const first = Math.min(known.first, time) as Micros;
  const last = Math.max(known.last, time) as Micros;
  return { ...known, first, last, count: known.count + 1 };
}

function keyOf(attempt: Omit<DeniedAttempt, "first" | "last" | "count">): string {
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
