// A reported flow record in the making: what its reports have said so far, counted for both ways.

import type { FlowId } from "../flow/flow-id.js";
import type { FiveTuple } from "../policy/rule-match.js";
import type { Micros } from "../time.js";
import type { Address } from "../wire/address.js";
import { hasPorts } from "../wire/protocol.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import type { NamedReport } from "./live-reports.js";
import { type LiveRows, narrow, wide } from "./live-rows.js";
import type { NamedRule, NamedSensor, ReportNames } from "./report-names.js";
import type { ReportPlace } from "./report-order.js";
import { kindOf, reportedDirectionOf, reportedVerdictOf } from "./reported-batch.js";
import {
  noFlags,
  notCounted,
  type ReportedDirection,
  type ReportedVerdict,
  type ReportKind,
  reportedDirections,
} from "./reported-flow.js";
import type { ReportedCounters } from "./reported-record.js";

/** A connection's ends: 0 is the low one of its flow dictionary. */
type Side = 0 | 1;
const sides: readonly Side[] = [0, 1];
const noSide = 2;

/** One row, as long as it is not given back. */
export class LiveReport {
  constructor(
    private readonly rows: LiveRows,
    readonly row: number,
  ) {}

  /** Makes it that of the connection that the report tells of; nothing is counted yet. */
  begin(report: NamedReport): this {
    const { batch, index, sensor, rule } = report;
    const { rows, row } = this;
    rows.sensors[row] = sensor;
    rows.rules[row] = rule;
    rows.details[row] = batch.details[batch.detail[index]!]!;
    this.#beginFlow(report);
    this.#beginTimes(batch.time[index]!, batch.lastTime[index]!);
    const marks = batch.marks[index]!;
    rows.setNarrow(row, narrow.marks, marks);
    rows.setNarrow(row, narrow.ordinal, batch.ordinal[index]!);
    rows.setNarrow(row, narrow.said, saidIn(report));
    rows.setNarrow(row, narrow.reports, 0);
    rows.setNarrow(row, narrow.flags, noFlags);
    this.#beginSides(sideOf(batch.flow[index]!), kindOf(marks));
    return this;
  }

  #beginFlow({ batch: { flows, flow }, index }: ReportPlace): void {
    const { rows, row } = this;
    const at = flow[index]! >> 1;
    for (let word = 0; word < 8; word++) rows.setNarrow(row, word, flows.words[at * 8 + word]!);
    for (const side of sides) rows.setNarrow(row, narrow.ports + side, flows.ports[at * 2 + side]!);
    rows.setNarrow(row, narrow.protocol, flows.protocols[at]!);
    rows.setNarrow(row, narrow.icmp, flows.icmp[at]!);
  }

  #beginTimes(time: number, lastTime: number): void {
    const { rows, row } = this;
    rows.setWide(row, wide.openedAt, time);
    rows.setWide(row, wide.openedBy, lastTime);
    rows.setWide(row, wide.lastSeen, time);
    rows.setWide(row, wide.earlierAt, Number.NaN);
    for (const side of sides) {
      rows.setWide(row, wide.packets + side, notCounted);
      rows.setWide(row, wide.bytes + side, notCounted);
      rows.setWide(row, wide.first + side, Number.POSITIVE_INFINITY);
      rows.setNarrow(row, narrow.direction + side, 0);
    }
  }

  #beginSides(first: Side, kind: ReportKind): void {
    const { rows, row } = this;
    const isTold = kind === "opened" || kind === "connection" || kind === "denied";
    rows.setNarrow(row, narrow.firstSide, first);
    rows.setNarrow(row, narrow.openingTold, isTold ? 1 : 0);
    rows.setNarrow(row, narrow.opener, kind === "window" && this.verdict !== "deny" ? noSide : first);
  }

  get sensor(): NamedSensor {
    return this.rows.sensors[this.row]!;
  }

  get rule(): NamedRule {
    return this.rows.rules[this.row]!;
  }

  get detail(): string {
    return this.rows.details[this.row]!;
  }

  get openedAt(): Micros {
    return this.rows.wide(this.row, wide.openedAt) as Micros;
  }

  /** The end of its first report's window. */
  get openedBy(): Micros {
    return this.rows.wide(this.row, wide.openedBy) as Micros;
  }

  get lastSeen(): Micros {
    return this.rows.wide(this.row, wide.lastSeen) as Micros;
  }

  get verdict(): ReportedVerdict {
    return reportedVerdictOf(this.rows.narrow(this.row, narrow.marks));
  }

  /** The direction of its first report's source. */
  get firstSide(): Side {
    return this.rows.narrow(this.row, narrow.firstSide) as Side;
  }

  get openingTold(): boolean {
    return this.rows.narrow(this.row, narrow.openingTold) === 1;
  }

  get reports(): number {
    return this.rows.narrow(this.row, narrow.reports);
  }

  /** All that its reports show, OR-ed; `noFlags` where none shows any. */
  get flags(): number {
    return this.rows.narrow(this.row, narrow.flags);
  }

  get span(): Earlier {
    return { openedAt: this.openedAt, lastSeen: this.lastSeen };
  }

  /** The sensor's own record of the same connection before, which never ended; null: none. */
  get earlier(): Earlier | null {
    const openedAt = this.rows.wide(this.row, wide.earlierAt) as Micros;
    const lastSeen = this.rows.wide(this.row, wide.earlierSeen) as Micros;
    return Number.isNaN(openedAt) ? null : { openedAt, lastSeen };
  }

  /** Takes the place of a record of the same connection, or rejects a packet of it. */
  follow({ openedAt, lastSeen }: Earlier): void {
    this.rows.setWide(this.row, wide.earlierAt, openedAt);
    this.rows.setWide(this.row, wide.earlierSeen, lastSeen);
  }

  count({ batch, index }: ReportPlace): void {
    const { rows, row } = this;
    const there = sideOf(batch.flow[index]!);
    const back = other(there);
    this.#add(wide.packets + there, batch.packetsForward[index]!);
    this.#add(wide.bytes + there, batch.bytesForward[index]!);
    this.#add(wide.packets + back, batch.packetsBackward[index]!);
    this.#add(wide.bytes + back, batch.bytesBackward[index]!);
    const isFirst = this.#firstOf(there) === Number.POSITIVE_INFINITY;
    if (isFirst) rows.setWide(row, wide.first + there, batch.time[index]!);
    if (this.#directionOf(there) === null) {
      const direction = reportedDirections.indexOf(reportedDirectionOf(batch.marks[index]!));
      rows.setNarrow(row, narrow.direction + there, direction);
    }
    if (batch.lastTime[index]! > this.lastSeen) rows.setWide(row, wide.lastSeen, batch.lastTime[index]!);
    rows.setNarrow(row, narrow.reports, this.reports + 1);
    if (batch.flags[index]! !== noFlags) this.#learn(there, batch.flags[index]!, isFirst);
  }

  #add(place: number, counted: number): void {
    if (counted === notCounted) return;
    this.rows.setWide(this.row, place, Math.max(this.rows.wide(this.row, place), 0) + counted);
  }

  /** SYN alone is the opener's, SYN and ACK the other's; of sensors that OR flags over a window [W4]. */
  #learn(side: Side, flags: number, isFirst: boolean): void {
    const { rows, row } = this;
    rows.setNarrow(row, narrow.flags, this.flags === noFlags ? flags : this.flags | flags);
    if ((flags & tcpFlag.syn) === 0) return;
    if (rows.narrow(row, narrow.opener) === noSide)
      rows.setNarrow(row, narrow.opener, (flags & tcpFlag.ack) === 0 ? side : other(side));
    if (isFirst) rows.setNarrow(row, narrow.openingTold, 1);
  }

  /** Where no report says who opened it: who was seen first; at the same instant the higher port. */
  get openerSide(): Side {
    const opener = this.rows.narrow(this.row, narrow.opener);
    if (opener !== noSide) return opener as Side;
    const [low, high] = [this.#firstOf(0), this.#firstOf(1)];
    if (low !== high) return low < high ? 0 : 1;
    return this.#portOf(0) >= this.#portOf(1) ? 0 : 1;
  }

  /** As its opener sent it. */
  get tuple(): FiveTuple {
    const from = this.openerSide;
    const to = other(from);
    const protocol = this.rows.narrow(this.row, narrow.protocol);
    return {
      protocol,
      source: this.addressOf(from),
      sourcePort: this.#portOf(from),
      destination: this.addressOf(to),
      destinationPort: this.#portOf(to),
      icmp: this.rows.narrow(this.row, narrow.icmp),
      portsKnown: hasPorts(protocol),
    };
  }

  get direction(): ReportedDirection {
    const from = this.openerSide;
    return this.#directionOf(from) ?? opposite(this.#directionOf(other(from)));
  }

  /** Counts from the opener, then to it. */
  get counters(): readonly [ReportedCounters, ReportedCounters] {
    const from = this.openerSide;
    return [this.#countersOf(from), this.#countersOf(other(from))];
  }

  /** A report shows the answers' way by itself. */
  get isAnswered(): boolean {
    return this.#firstOf(other(this.openerSide)) !== Number.POSITIVE_INFINITY;
  }

  idBy(names: ReportNames): FlowId {
    const { rows, row, detail } = this;
    const hash = names.hashOf(this.sensor, this.rule).copy();
    if (detail !== "") hash.text(detail);
    hash.number(this.openedAt).number(this.openedBy);
    for (const place of [narrow.marks, narrow.ordinal, narrow.said]) hash.number(rows.narrow(row, place));
    for (let word = 0; word < 8; word++) hash.number(rows.narrow(row, word));
    for (const place of [narrow.ports, narrow.ports + 1, narrow.protocol, narrow.icmp])
      hash.number(rows.narrow(row, place));
    return hash.finish();
  }

  addressOf(side: Side): Address {
    const word = (index: number) => this.rows.narrow(this.row, side * 4 + index);
    return [word(0), word(1), word(2), word(3)];
  }

  #firstOf(side: Side): number {
    return this.rows.wide(this.row, wide.first + side);
  }

  #portOf(side: Side): number {
    return this.rows.narrow(this.row, narrow.ports + side);
  }

  #directionOf(side: Side): ReportedDirection {
    return reportedDirections[this.rows.narrow(this.row, narrow.direction + side)] ?? null;
  }

  #countersOf(side: Side): ReportedCounters {
    const [packets, bytes] = [wide.packets, wide.bytes].map((place) => this.rows.wide(this.row, place + side));
    return { packets: packets === notCounted ? null : packets!, bytes: bytes === notCounted ? null : bytes! };
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
