// A reported flow record in the making: what its reports have said so far, counted for both ways.

import type { FlowId } from "../flow/flow-id.js";
import type { FiveTuple } from "../policy/rule-match.js";
import type { Micros } from "../time.js";
import type { Address } from "../wire/address.js";
import { hasPorts } from "../wire/protocol.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import type { NamedRule, NamedSensor, ReportNames } from "./report-names.js";
import type { ReportPlace } from "./report-order.js";
import { kindOf, reportedDirectionOf, reportedVerdictOf } from "./reported-batch.js";
import { noFlags, notCounted, type ReportedDirection, type ReportedVerdict } from "./reported-flow.js";
import type { ReportedCounters } from "./reported-record.js";

/** A connection's ends: 0 is the low one of its flow dictionary. */
type Side = 0 | 1;

export class LiveReport {
  readonly openedAt: Micros;
  /** The end of its first report's window. */
  readonly openedBy: Micros;
  readonly detail: string;
  readonly verdict: ReportedVerdict;
  /** The direction of its first report's source. */
  readonly firstSide: Side;
  /** The sensor's own record of the same connection before, which never ended; null: none. */
  earlier: Earlier | null = null;
  openingTold: boolean;
  lastSeen: number;
  reports = 0;
  /** All that its reports show, OR-ed; `noFlags` where none shows any. */
  flags = noFlags;
  /** Another one whose key has the same hash. */
  next: LiveReport | null = null;
  /** Addresses, low end first. */
  readonly words: readonly number[];
  readonly portLow: number;
  readonly portHigh: number;
  readonly protocol: number;
  readonly icmp: number;
  readonly #marks: number;
  readonly #ordinal: number;
  /** Of its first report all that can differ where the rest is the same: counters, flags, which way it went. */
  readonly #said: number;
  #opener: Side | null;
  #low = newWay();
  #high = newWay();

  constructor(
    { batch, index }: ReportPlace,
    readonly sensor: NamedSensor,
    readonly rule: NamedRule,
  ) {
    const { flows } = batch;
    const flow = batch.flow[index]! >> 1;
    const { words } = flows;
    const at = flow * 8;
    // biome-ignore format: one line an address
    this.words = [
      words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!,
      words[at + 4]!, words[at + 5]!, words[at + 6]!, words[at + 7]!,
    ];
    this.portLow = flows.ports[flow * 2]!;
    this.portHigh = flows.ports[flow * 2 + 1]!;
    this.protocol = flows.protocols[flow]!;
    this.icmp = flows.icmp[flow]!;
    this.#marks = batch.marks[index]!;
    this.#ordinal = batch.ordinal[index]!;
    this.#said = saidIn({ batch, index });
    const kind = kindOf(this.#marks);
    this.openedAt = batch.time[index]! as Micros;
    this.openedBy = batch.lastTime[index]! as Micros;
    this.detail = batch.details[batch.detail[index]!]!;
    this.verdict = reportedVerdictOf(this.#marks);
    this.firstSide = sideOf(batch.flow[index]!);
    this.openingTold = kind === "opened" || kind === "connection" || kind === "denied";
    this.#opener = kind === "window" && this.verdict !== "deny" ? null : this.firstSide;
    this.lastSeen = this.openedAt;
  }

  /** Takes the place of a record of the same connection, or rejects a packet of it. */
  follow({ openedAt, lastSeen }: LiveReport): void {
    this.earlier = { openedAt, lastSeen: lastSeen as Micros };
  }

  count({ batch, index }: ReportPlace): void {
    const side = sideOf(batch.flow[index]!);
    const [there, back] = side === 0 ? [this.#low, this.#high] : [this.#high, this.#low];
    add(there, batch.packetsForward[index]!, batch.bytesForward[index]!);
    add(back, batch.packetsBackward[index]!, batch.bytesBackward[index]!);
    const isFirst = there.first === Number.POSITIVE_INFINITY;
    if (isFirst) there.first = batch.time[index]!;
    if (there.direction === null) there.direction = reportedDirectionOf(batch.marks[index]!);
    if (batch.lastTime[index]! > this.lastSeen) this.lastSeen = batch.lastTime[index]!;
    this.reports++;
    const flags = batch.flags[index]!;
    if (flags !== noFlags) this.#learn(side, flags, isFirst);
  }

  /** SYN alone is the opener's, SYN and ACK the other's; of sensors that OR flags over a window [W4]. */
  #learn(side: Side, flags: number, isFirst: boolean): void {
    this.flags = this.flags === noFlags ? flags : this.flags | flags;
    if ((flags & tcpFlag.syn) === 0) return;
    this.#opener ??= (flags & tcpFlag.ack) === 0 ? side : other(side);
    if (isFirst) this.openingTold = true;
  }

  /** Where no report says who opened it: who was seen first; at the same instant the higher port. */
  get openerSide(): Side {
    if (this.#opener !== null) return this.#opener;
    const [low, high] = [this.#low.first, this.#high.first];
    if (low !== high) return low < high ? 0 : 1;
    return this.portLow >= this.portHigh ? 0 : 1;
  }

  /** As its opener sent it. */
  get tuple(): FiveTuple {
    const from = this.openerSide;
    const { protocol, icmp } = this;
    return {
      protocol,
      source: this.addressOf(from),
      sourcePort: from === 0 ? this.portLow : this.portHigh,
      destination: this.addressOf(other(from)),
      destinationPort: from === 0 ? this.portHigh : this.portLow,
      icmp,
      portsKnown: hasPorts(protocol),
    };
  }

  get direction(): ReportedDirection {
    const [there, back] = this.#ways();
    return there.direction ?? opposite(back.direction);
  }

  /** Counts from the opener, then to it. */
  get counters(): readonly [ReportedCounters, ReportedCounters] {
    const [there, back] = this.#ways();
    return [countersOf(there), countersOf(back)];
  }

  /** A report shows the answers' way by itself. */
  get isAnswered(): boolean {
    return this.#ways()[1].first !== Number.POSITIVE_INFINITY;
  }

  idBy(names: ReportNames): FlowId {
    const hash = names.hashOf(this.sensor, this.rule).copy();
    if (this.detail !== "") hash.text(this.detail);
    hash.number(this.openedAt).number(this.openedBy).number(this.#marks).number(this.#ordinal).number(this.#said);
    for (let word = 0; word < 8; word++) hash.number(this.words[word]!);
    return hash.number(this.portLow).number(this.portHigh).number(this.protocol).number(this.icmp).finish();
  }

  addressOf(side: Side): Address {
    const { words } = this;
    const at = side * 4;
    return [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
  }

  #ways(): readonly [Way, Way] {
    return this.openerSide === 0 ? [this.#low, this.#high] : [this.#high, this.#low];
  }
}

function saidIn({ batch, index }: ReportPlace): number {
  let said = (batch.flow[index]! & 1) + 1;
  for (const column of [batch.packetsForward, batch.bytesForward, batch.packetsBackward, batch.bytesBackward]) {
    said = mixed(said, column[index]!);
  }
  return mixed(said, batch.flags[index]!);
}

/** A counter may be larger than 32 bits. */
function mixed(hash: number, number: number): number {
  const low = Math.imul(hash ^ (number >>> 0), 0x9e3779b1);
  const high = Math.imul(low ^ Math.floor(number / 2 ** 32), 0x85ebca6b);
  return (high ^ (high >>> 15)) >>> 0;
}

/** When a record was open that a later one took the place of. */
export type Earlier = { readonly openedAt: Micros; readonly lastSeen: Micros };

type Way = { packets: number; bytes: number; first: number; direction: ReportedDirection };

function newWay(): Way {
  return { packets: notCounted, bytes: notCounted, first: Number.POSITIVE_INFINITY, direction: null };
}

function sideOf(directed: number): Side {
  return (directed & 1) as Side;
}

function other(side: Side): Side {
  return side === 0 ? 1 : 0;
}

export function opposite(direction: ReportedDirection): ReportedDirection {
  if (direction === null) return null;
  return direction === "inbound" ? "outbound" : "inbound";
}

function add(way: Way, packets: number, bytes: number): void {
  if (packets !== notCounted) way.packets = Math.max(way.packets, 0) + packets;
  if (bytes !== notCounted) way.bytes = Math.max(way.bytes, 0) + bytes;
}

function countersOf({ packets, bytes }: Way): ReportedCounters {
  return { packets: packets === notCounted ? null : packets, bytes: bytes === notCounted ? null : bytes };
}
