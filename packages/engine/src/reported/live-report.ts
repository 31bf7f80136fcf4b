// A reported flow record in the making: what its reports have said so far, counted for both ways.

import { type FlowId, FlowIdHash } from "../flow/flow-id.js";
import type { Micros } from "../time.js";
import { addressAt } from "../traffic/packet-view.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import type { ReportPlace } from "./report-order.js";
import { kindOf, reportedDirectionOf, reportedVerdictOf } from "./reported-batch.js";
import { noFlags, notCounted, type ReportedDirection, type ReportedVerdict } from "./reported-flow.js";
import type { ReportedCounters } from "./reported-record.js";

/** A connection's ends: 0 is the low one of its flow dictionary. */
type Side = 0 | 1;

type Way = { packets: number; bytes: number; first: number; direction: ReportedDirection };

export class LiveReport {
  readonly openedAt: Micros;
  readonly sensor: string;
  readonly rule: string;
  readonly detail: string;
  readonly verdict: ReportedVerdict;
  readonly openingTold: boolean;
  lastSeen: number;
  reports = 0;
  #opener: Side | null;
  readonly #flow: OneFlow;
  /** What tells its first report from others of the same instant. */
  readonly #mark: readonly number[];
  readonly #ways: readonly [Way, Way] = [newWay(), newWay()];

  constructor(report: ReportPlace) {
    const { batch, index } = report;
    const kind = kindOf(batch.marks[index]!);
    this.#flow = flowOf(report);
    this.#mark = [batch.marks[index]!, batch.lastTime[index]!, batch.ordinal[index]!];
    this.openedAt = batch.time[index]! as Micros;
    this.sensor = batch.sensors[batch.sensor[index]!]!;
    this.rule = batch.rules[batch.rule[index]!]!;
    this.detail = batch.details[batch.detail[index]!]!;
    this.verdict = reportedVerdictOf(batch.marks[index]!);
    this.openingTold = kind === "opened" || kind === "connection";
    this.#opener = kind === "window" ? null : sideOf(report);
    this.lastSeen = this.openedAt;
  }

  count(report: ReportPlace): void {
    const { batch, index } = report;
    const side = sideOf(report);
    const there = this.#ways[side];
    add(there, batch.packetsForward[index]!, batch.bytesForward[index]!);
    add(this.#ways[other(side)], batch.packetsBackward[index]!, batch.bytesBackward[index]!);
    there.first = Math.min(there.first, batch.time[index]!);
    there.direction ??= reportedDirectionOf(batch.marks[index]!);
    this.lastSeen = Math.max(this.lastSeen, batch.lastTime[index]!);
    this.reports++;
    this.#learnOpener(side, batch.flags[index]!);
  }

  /** As its opener sent it. */
  connection() {
    const { protocol, icmp, ports } = this.#flow;
    const from = this.#openerSide();
    const to = other(from);
    return {
      protocol,
      source: addressAt(this.#flow, 0, from),
      sourcePort: ports[from],
      destination: addressAt(this.#flow, 0, to),
      destinationPort: ports[to],
      icmp,
      direction: this.#ways[from].direction ?? opposite(this.#ways[to].direction),
      forward: countersOf(this.#ways[from]),
      backward: countersOf(this.#ways[to]),
    };
  }

  /** SYN alone is the opener's, SYN and ACK the other's; of sensors that OR flags over a window [W4]. */
  #learnOpener(side: Side, flags: number): void {
    if (this.#opener !== null || flags === noFlags || (flags & tcpFlag.syn) === 0) return;
    this.#opener = (flags & tcpFlag.ack) === 0 ? side : other(side);
  }

  /** Where no report says who opened it: who was seen first; at the same instant the higher port. */
  #openerSide(): Side {
    if (this.#opener !== null) return this.#opener;
    const [low, high] = this.#ways;
    if (low.first !== high.first) return low.first < high.first ? 0 : 1;
    const [portLow, portHigh] = this.#flow.ports;
    return portLow >= portHigh ? 0 : 1;
  }

  get id(): FlowId {
    const { words, ports, protocol, icmp } = this.#flow;
    const hash = new FlowIdHash().text(this.sensor).text(this.rule).text(this.detail).number(this.openedAt);
    for (const part of [...words, ...ports, protocol, icmp, ...this.#mark]) hash.number(part);
    return hash.finish();
  }
}

/** Its own copy, so that a batch is not kept for the sake of one record. */
type OneFlow = {
  readonly words: Uint32Array;
  readonly ports: readonly [number, number];
  readonly protocol: number;
  readonly icmp: number;
};

function flowOf({ batch: { flows, flow }, index }: ReportPlace): OneFlow {
  const at = flow[index]! >> 1;
  return {
    words: flows.words.slice(at * 8, at * 8 + 8),
    ports: [flows.ports[at * 2]!, flows.ports[at * 2 + 1]!],
    protocol: flows.protocols[at]!,
    icmp: flows.icmp[at]!,
  };
}

function newWay(): Way {
  return { packets: notCounted, bytes: notCounted, first: Number.POSITIVE_INFINITY, direction: null };
}

function sideOf({ batch, index }: ReportPlace): Side {
  return (batch.flow[index]! & 1) as Side;
}

function other(side: Side): Side {
  return side === 0 ? 1 : 0;
}

function opposite(direction: ReportedDirection): ReportedDirection {
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
