// The fast form of a rule set, for one direction and one meaning of its names. Each dimension of a packet (protocol,
// ports, kind of ICMP, addresses) is cut where any clause begins or ends; at each place stands the set of clauses that
// match there, and what is in all sets matches the packet. It says what `evaluate` says, and asks it where it doubts.

import { type AddressDimension, addressDimension } from "./address-dimension.js";
import { addressReaches, icmpReach, portReach, protocolReach } from "./clause-reach.js";
import { ClauseScan, noClause } from "./clause-scan.js";
import { ClauseSets } from "./clause-sets.js";
import { evaluateEntries, type GroupVerdict } from "./evaluate.js";
import { type NumberDimension, type NumberReach, numberDimension } from "./number-dimension.js";
import type { RuleAccess, RuleDirection } from "./rule.js";
import type { FiveTuple, NameContents } from "./rule-match.js";
import type { Clause, Entry, RuleSet } from "./rule-set.js";
import { tupleWord, tupleWordCount, writeTuple } from "./tuple-words.js";

/** In place of an entry, where no rule decides for sure. */
export const inDoubt = -1;

/** What a clause may say, as bits; `null`: nobody knows. */
const accessBits = { allow: 1, deny: 2, "always-allow": 4, null: 8 } as const;

type Dimensions = {
  readonly protocol: NumberDimension;
  readonly sourcePort: NumberDimension;
  readonly destinationPort: NumberDimension;
  readonly icmp: NumberDimension;
  readonly source: AddressDimension;
  readonly destination: AddressDimension;
};

export function compile(set: RuleSet, direction: RuleDirection, names: NameContents): CompiledRules {
  return new CompiledRules(set, set[direction], names);
}

export class CompiledRules {
  readonly #dimensions: Dimensions;
  readonly #scan: ClauseScan;
  /** For each clause the place of its entry, and its access bit. */
  readonly #entryOf: Uint32Array;
  readonly #access: Uint8Array;
  readonly #verdicts: readonly GroupVerdict[];
  readonly #tuple = new Uint32Array(tupleWordCount);

  constructor(
    private readonly set: RuleSet,
    private readonly entries: readonly Entry[],
    private readonly names: NameContents,
  ) {
    const clauses = entries.flatMap((entry) => entry.clauses);
    const sets = new ClauseSets(clauses.length);
    this.#dimensions = dimensionsOf(sets, entries, names);
    this.#scan = new ClauseScan(sets);
    this.#entryOf = Uint32Array.from(entries.flatMap((entry, place) => entry.clauses.map(() => place)));
    this.#access = Uint8Array.from(clauses, ({ access }) => bitOf(access));
    this.#verdicts = entries.map((entry) => verdictOf(set, entry));
  }

  /** What it takes, roughly. */
  get bytes(): number {
    const dimensions = Object.values(this.#dimensions);
    return this.#scan.bytes + dimensions.reduce((sum, dimension) => sum + dimension.bytes, 0);
  }

  evaluate(tuple: FiveTuple): GroupVerdict {
    writeTuple(tuple, this.#tuple);
    const place = this.find(this.#tuple);
    if (place !== inDoubt) return this.#verdicts[place]!;
    const entries = this.#entriesTried();
    return evaluateEntries({ set: this.set, entries }, tuple, this.names);
  }

  /** The place, among the entries of the direction, of the one that decides on the tuple at `at`; or `inDoubt`. */
  find(words: Uint32Array, at = 0): number {
    this.#begin(words, at);
    const scan = this.#scan;
    let said: number = this.set.incomplete === null ? 0 : bitOf(this.set.presumed);
    for (let clause = scan.next(); clause !== noClause; clause = scan.next()) {
      const access = this.#access[clause]!;
      if (scan.isSure) return (said & ~access) === 0 ? this.#entryOf[clause]! : inDoubt;
      said |= access;
    }
    return inDoubt;
  }

  #begin(words: Uint32Array, at: number): void {
    const { protocol, sourcePort, destinationPort, icmp, source, destination } = this.#dimensions;
    const sets = this.#scan.at;
    sets.protocol = protocol.setAt(words[at + tupleWord.protocol]!);
    sets.sourcePort = sourcePort.setAt(words[at + tupleWord.sourcePort]!);
    sets.destinationPort = destinationPort.setAt(words[at + tupleWord.destinationPort]!);
    sets.icmp = icmp.setAt(words[at + tupleWord.icmp]!);
    sets.source = source.setAt(words, at + tupleWord.source);
    sets.destination = destination.setAt(words, at + tupleWord.destination);
    this.#scan.begin();
  }

  /** Those that may match the tuple that was looked for last, up to the first that does for sure. */
  #entriesTried(): Entry[] {
    const places = new Set<number>();
    this.#scan.begin();
    for (let clause = this.#scan.next(); clause !== noClause; clause = this.#scan.next()) {
      places.add(this.#entryOf[clause]!);
      if (this.#scan.isSure) break;
    }
    return [...places].map((place) => this.entries[place]!);
  }
}

function dimensionsOf(sets: ClauseSets, entries: readonly Entry[], names: NameContents): Dimensions {
  const clauses = entries.flatMap((entry) => entry.clauses);
  const protocols = entries.flatMap((entry) => entry.clauses.map((clause) => protocolReach(clause, entry.certain)));
  const numbers = (reach: (clause: Clause) => NumberReach) => numberDimension(sets, clauses.map(reach));
  return {
    protocol: numberDimension(sets, protocols),
    sourcePort: numbers((clause) => portReach(clause, "source")),
    destinationPort: numbers((clause) => portReach(clause, "destination")),
    icmp: numbers(icmpReach),
    source: addressDimension(sets, addressReaches(clauses, "source", names)),
    destination: addressDimension(sets, addressReaches(clauses, "destination", names)),
  };
}

function bitOf(access: RuleAccess | null): number {
  return accessBits[access ?? "null"];
}

/** Of an entry that decides, which is certain. */
function verdictOf({ group }: RuleSet, { clauses, version }: Entry): GroupVerdict {
  return { decision: clauses[0]!.access!, group, decidedBy: version };
}
