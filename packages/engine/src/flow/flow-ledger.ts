// What the numbers in the flow table's columns stand for: places, sources, admissions; and so the record as others see
// it, and its id.

import { Interned } from "../interned.js";
import type { PlacedInterface } from "../network/placed-interface.js";
import type { RuleVersion } from "../policy/rule-version.js";
import type { Micros } from "../time.js";
import { addressAt } from "../traffic/packet-view.js";
import type { Admission, GateOutcome } from "../verdict.js";
import type { ConnState } from "../zeek/conn-state.js";
import { type FlowId, FlowIdHash } from "./flow-id.js";
import type { FlowCounters, FlowEnd, FlowRecord } from "./flow-record.js";
import { flowStates } from "./flow-state.js";
import { type FlowSlot, type FlowTable, flowDirections, type Renumbering } from "./flow-table.js";
import { recordConnState } from "./history-conn-state.js";

/** A place of capture and the interface there whose records these are; null: none is known. */
export type Scope = {
  readonly place: string;
  readonly at: ScopeInterface | null;
  /** Whose ICMP query it is, and of which code; else 0. */
  readonly query: number;
  /** A number for both: scopes of ICMP queries are several. */
  readonly holder: number;
  /** With which the ids of its records begin. */
  readonly hash: FlowIdHash;
};

export type ScopeInterface = Pick<PlacedInterface, "id" | "name">;

/** What the numbers of saved flow records stand for, each number at its place. */
export type LedgerNumbers = {
  readonly scopes: readonly Omit<Scope, "hash" | "holder">[];
  readonly sources: readonly string[];
  /** Null: no live record has this one. */
  readonly admissions: readonly (Admission | null)[];
};

export class FlowLedger {
  readonly scopes = new Interned<Scope>();
  readonly #holders = new Interned<null>();
  readonly #sources = new Interned<string>();
  readonly #admissions = new Interned<Admission>();
  /** By their last gate: most admissions consist of the very same outcomes. */
  readonly #numbered = new WeakMap<GateOutcome, Numbered[]>();

  constructor(private readonly table: FlowTable) {}

  /** `query`: whose ICMP query it is, and of which code; else 0. */
  scopeNumber(place: string, at: ScopeInterface | null, query: number): number {
    const id = at?.id.toLowerCase() ?? "";
    const hash = () => new FlowIdHash().text(place).text(id);
    const holder = () => this.#holders.numberOf(`${place}\n${id}`, () => null);
    const made = () => ({ place, at, query, holder: holder(), hash: hash() });
    return this.scopes.numberOf(`${place}\n${id}\n${query}`, made);
  }

  sourceNumber(sha256: string): number {
    return this.#sources.numberOf(sha256, () => sha256);
  }

  admissionNumber(admission: Admission): number {
    const last = admission.gates.at(-1);
    const like = last === undefined ? [] : (this.#numbered.get(last) ?? []);
    for (const known of like) if (consistsOfSame(known.admission, admission)) return known.number;
    const number = this.#admissions.numberOf(admissionKey(admission), () => admission);
    if (last !== undefined && like.length < mostAlike) this.#numbered.set(last, [...like, { admission, number }]);
    return number;
  }

  admission(number: number): Admission {
    return this.#admissions.value(number);
  }

  scopeOf(slot: FlowSlot): Scope {
    return this.scopes.value(this.table.scope[slot]!);
  }

  admissionOf(slot: FlowSlot): Admission {
    return this.#admissions.value(this.table.admission[slot]!);
  }

  /** Whether it was admitted beyond doubt. */
  isSure(slot: FlowSlot): boolean {
    return this.admissionOf(slot).decision !== "unknown";
  }

  idOf(slot: FlowSlot): FlowId {
    const { table } = this;
    const hash = this.scopeOf(slot).hash.copy();
    for (let word = 0; word < 8; word++) hash.number(table.words[slot * 8 + word]!);
    hash.number(table.ports[slot * 2]!).number(table.ports[slot * 2 + 1]!);
    hash.number(table.protocol[slot]!).number(table.icmp[slot]!).number(table.openedAt[slot]!);
    return hash.text(this.#sources.value(table.source[slot]!)).number(table.frame[slot]!).finish();
  }

  record(slot: FlowSlot, endsBy: FlowEnd): FlowRecord {
    const { table } = this;
    const { place, at } = this.scopeOf(slot);
    const from = table.originator[slot]!;
    const history = table.history.text(slot);
    return {
      id: this.idOf(slot),
      place,
      interface: at?.id ?? null,
      interfaceName: at?.name ?? null,
      direction: flowDirections[table.direction[slot]!]!,
      protocol: table.protocol[slot]!,
      source: addressAt(table, slot, from),
      sourcePort: table.ports[slot * 2 + from]!,
      destination: addressAt(table, slot, 1 - from),
      destinationPort: table.ports[slot * 2 + 1 - from]!,
      icmp: table.icmp[slot]!,
      openedAt: table.openedAt[slot]! as Micros,
      openedBy: { sha256: this.#sources.value(table.source[slot]!), frame: table.frame[slot]! },
      midStream: table.midStream[slot] === 1,
      admission: this.admissionOf(slot),
      state: flowStates[table.state[slot]!]!,
      history,
      connState: this.#connState(slot, history),
      lastSeen: table.lastSeen[slot]! as Micros,
      endsAt: table.endsAt[slot]! as Micros,
      endsBy,
      forward: this.#counters(slot * 2),
      backward: this.#counters(slot * 2 + 1),
    };
  }

  #connState(slot: FlowSlot, history: string): ConnState {
    const { protocol, packets, payload, history: columns } = this.table;
    return recordConnState({
      protocol: protocol[slot]!,
      history,
      written: [columns.written(slot, 0), columns.written(slot, 1)],
      isAnswered: packets[slot * 2 + 1]! > 0,
      isEmpty: payload[slot * 2]! + payload[slot * 2 + 1]! === 0,
    });
  }

  /** `needed`: the admissions of live records. */
  save(needed: ReadonlySet<number>): LedgerNumbers {
    const admissions = this.#admissions.values.map((admission, number) => (needed.has(number) ? admission : null));
    const scopes = this.scopes.values.map(({ place, at, query }) => ({
      place,
      at: at === null ? null : { id: at.id, name: at.name },
      query,
    }));
    return { scopes, sources: this.#sources.values, admissions };
  }

  /** What the numbers of then are now. */
  restore({ scopes, sources, admissions }: LedgerNumbers): Omit<Renumbering, "semantics"> {
    const admission = new Map<number, number>();
    admissions.forEach((saved, number) => {
      if (saved !== null) admission.set(number, this.admissionNumber(saved));
    });
    return {
      scope: new Map(scopes.map(({ place, at, query }, number) => [number, this.scopeNumber(place, at, query)])),
      source: new Map(sources.map((sha256, number) => [number, this.sourceNumber(sha256)])),
      admission,
    };
  }

  #counters(at: number): FlowCounters {
    const { packets, bytes, payload } = this.table;
    return { packets: packets[at]!, bytes: bytes[at]!, payloadBytes: payload[at]! };
  }
}

type Numbered = { readonly admission: Admission; readonly number: number };

const mostAlike = 16;

function consistsOfSame(a: Admission, b: Admission): boolean {
  if (a.decision !== b.decision || a.topology !== b.topology || a.untracked !== b.untracked) return false;
  if (a.assumed !== b.assumed && JSON.stringify(a.assumed) !== JSON.stringify(b.assumed)) return false;
  return a.gates.length === b.gates.length && a.gates.every((gate, index) => gate === b.gates[index]);
}

/** Equal for admissions that rest on the same versions and assumptions, or on the same doubts. */
function admissionKey({ decision, topology, gates, untracked, assumed }: Admission): string {
  let key = `${decision} ${topology} ${untracked}`;
  if (assumed !== undefined) key += JSON.stringify(assumed);
  for (const gate of gates) key += `\n${isPlain(gate) ? plainKey(gate) : JSON.stringify(gate, withoutContents)}`;
  return key;
}

/** Most gates: they are told by hand, since this is done for each record. */
function isPlain(gate: GateOutcome): gate is GateOutcome & { decidedBy: RuleVersion } {
  return "decidedBy" in gate && gate.decidedBy !== null && !("always" in gate) && !("assumed" in gate);
}

function plainKey({ gate, decision, decidedBy: by }: GateOutcome & { decidedBy: RuleVersion }): string {
  return `${gate}\t${decision}\t${by.group}\t${by.rule}\t${by.isDefault}\t${by.version}`;
}

function withoutContents(_: string, value: unknown): unknown {
  return isVersion(value) ? [value.group, value.rule, value.isDefault, value.version] : value;
}

function isVersion(value: unknown): value is RuleVersion {
  return typeof value === "object" && value !== null && "isDefault" in value;
}
