// Finds the live record of a connection, without direction, at a sensor, under a group: two groups may log a connection
// at one interface.

import type { LiveReport } from "./live-report.js";
import type { NamedRule, NamedSensor } from "./report-names.js";
import type { ReportPlace } from "./report-order.js";

/** A report with the sensor and the rule that it names. */
export type NamedReport = ReportPlace & { readonly sensor: NamedSensor; readonly rule: NamedRule };

export class LiveReports {
  #byHash = new Map<number, LiveReport>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(report: NamedReport): LiveReport | null {
    let live = this.#byHash.get(hashOfReport(report)) ?? null;
    while (live !== null && !isOf(live, report)) live = live.next;
    return live;
  }

  add(live: LiveReport): void {
    const hash = hashOfLive(live);
    live.next = this.#byHash.get(hash) ?? null;
    this.#byHash.set(hash, live);
    this.#size++;
  }

  remove(live: LiveReport): void {
    const hash = hashOfLive(live);
    const first = this.#byHash.get(hash)!;
    this.#size--;
    if (first !== live) {
      let before = first;
      while (before.next !== live) before = before.next!;
      before.next = live.next;
    } else if (live.next === null) this.#byHash.delete(hash);
    else this.#byHash.set(hash, live.next);
  }

  *all(): Iterable<LiveReport> {
    for (const first of this.#byHash.values()) {
      for (let live: LiveReport | null = first; live !== null; live = live.next) yield live;
    }
  }
}

function isOf(live: LiveReport, { batch, index, sensor, rule }: NamedReport): boolean {
  const { flows } = batch;
  const flow = batch.flow[index]! >> 1;
  if (live.sensor !== sensor || live.rule.group !== rule.group) return false;
  if (live.portLow !== flows.ports[flow * 2] || live.portHigh !== flows.ports[flow * 2 + 1]) return false;
  if (live.protocol !== flows.protocols[flow] || live.icmp !== flows.icmp[flow]) return false;
  for (let word = 0; word < 8; word++) if (live.words[word] !== flows.words[flow * 8 + word]) return false;
  return true;
}

function hashOfReport({ batch, index, sensor, rule }: NamedReport): number {
  const { flows } = batch;
  const flow = batch.flow[index]! >> 1;
  let hash = mixed(sensor.number, rule.group);
  for (let word = 0; word < 8; word++) hash = mixed(hash, flows.words[flow * 8 + word]!);
  return mixed(hash, (flows.ports[flow * 2]! << 16) | flows.ports[flow * 2 + 1]!) >>> 1;
}

function hashOfLive({ sensor, rule, words, portLow, portHigh }: LiveReport): number {
  let hash = mixed(sensor.number, rule.group);
  for (let word = 0; word < 8; word++) hash = mixed(hash, words[word]!);
  return mixed(hash, (portLow << 16) | portHigh) >>> 1;
}

function mixed(hash: number, word: number): number {
  const value = Math.imul(hash ^ word, 0x9e3779b1);
  return value ^ (value >>> 15);
}
