// Denied attempts: one row for interface, endpoints, port, protocol and deciding rule version. Bounded: attempts that
// find no room are counted and told.

import type { ResourceId } from "../event.js";
import type { RuleVersion } from "../policy/rule-version.js";
import { beginningOfTime, endOfTime, type Micros } from "../time.js";
import { type Address, equalAddresses } from "../wire/address.js";

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

type Row = { readonly attempt: Attempt; readonly where: number; readonly tally: DeniedTally };
type Wheres = Map<RuleVersion, Map<ResourceId, number>>;

const noRow = -1;

export class DeniedAttempts {
  readonly #rows: Row[] = [];
  /** Open addressing: rows are found by numbers, without making a key of each attempt. */
  #index = new Int32Array(1024).fill(noRow);
  readonly #wheres: { readonly [direction in DeniedAttempt["direction"]]: Wheres } = {
    inbound: new Map(),
    outbound: new Map(),
  };
  readonly #numbers = new Map<string, number>();
  readonly #overflow = new Map<RuleVersion, DeniedTally>();

  /** Where attempts like this one are counted: their row, or that of all which find no room under the same rule. */
  tallyOf(attempt: Attempt): DeniedTally {
    const where = this.#whereOf(attempt);
    const place = this.#placeOf(attempt, where);
    const known = this.#index[place]!;
    if (known !== noRow) return this.#rows[known]!.tally;
    if (this.#rows.length >= maxDeniedRows) return this.#overflowOf(attempt.decidedBy);
    const tally = newTally();
    this.#index[place] = this.#rows.push({ attempt, where, tally }) - 1;
    if (this.#rows.length * 2 > this.#index.length) this.#grow();
    return tally;
  }

  get rows(): readonly DeniedAttempt[] {
    return this.#rows.filter(({ tally }) => tally.count > 0).map(({ attempt, tally }) => ({ ...attempt, ...tally }));
  }

  /** Counts from nothing, in the same rows. */
  reset(): void {
    for (const { tally } of this.#rows) Object.assign(tally, newTally());
    for (const tally of this.#overflow.values()) Object.assign(tally, newTally());
  }

  /** Denied packets that found no room, by the version that denied them. */
  get overflow(): ReadonlyMap<RuleVersion, DeniedTally> {
    return this.#overflow;
  }

  #overflowOf(rule: RuleVersion): DeniedTally {
    const tally = this.#overflow.get(rule) ?? newTally();
    this.#overflow.set(rule, tally);
    return tally;
  }

  /** One number for interface, direction and rule version, whoever made the version. */
  #whereOf({ interface: id, direction, decidedBy }: Attempt): number {
    const ofVersion = this.#wheres[direction].get(decidedBy) ?? new Map<ResourceId, number>();
    const known = ofVersion.get(id);
    if (known !== undefined) return known;
    const { group, rule, isDefault, version } = decidedBy;
    const key = [id.toLowerCase(), direction, group, rule, isDefault, version].join(" ");
    const number = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, number);
    this.#wheres[direction].set(decidedBy, ofVersion.set(id, number));
    return number;
  }

  /** In the index: of the row for such attempts, or where it belongs. */
  #placeOf(attempt: Attempt, where: number): number {
    const mask = this.#index.length - 1;
    for (let place = hashOf(attempt, where) & mask; ; place = (place + 1) & mask) {
      const known = this.#index[place]!;
      if (known === noRow || this.#isRow(known, attempt, where)) return place;
    }
  }

  #isRow(known: number, attempt: Attempt, where: number): boolean {
    const row = this.#rows[known]!;
    return row.where === where && isLike(row.attempt, attempt);
  }

  #grow(): void {
    this.#index = new Int32Array(this.#index.length * 2).fill(noRow);
    this.#rows.forEach(({ attempt, where }, row) => {
      this.#index[this.#placeOf(attempt, where)] = row;
    });
  }
}

function isLike(a: Attempt, b: Attempt): boolean {
  const samePort = a.destinationPort === b.destinationPort && a.protocol === b.protocol;
  return samePort && equalAddresses(a.source, b.source) && equalAddresses(a.destination, b.destination);
}

function hashOf({ source, destination, destinationPort, protocol }: Attempt, where: number): number {
  let hash = mixed(where, destinationPort * 256 + protocol);
  for (let word = 0; word < 4; word++) hash = mixed(mixed(hash, source[word]!), destination[word]!);
  return hash;
}

function mixed(hash: number, word: number): number {
  const value = Math.imul(hash ^ word, 0x85ebca6b);
  return value ^ (value >>> 13);
}
