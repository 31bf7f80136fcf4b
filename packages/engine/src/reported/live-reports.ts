// Finds the live record of a connection, without direction, at a sensor, under a group: two groups may log a connection
// at one interface. Rows are chained by the hash of that; which row a record has never shows.

import { LiveReport } from "./live-report.js";
import { LiveRows, narrow } from "./live-rows.js";
import type { NamedRule, NamedSensor } from "./report-names.js";
import type { ReportPlace } from "./report-order.js";

/** A report with the sensor and the rule that it names. */
export type NamedReport = ReportPlace & { readonly sensor: NamedSensor; readonly rule: NamedRule };

const noRow = -1;

export class LiveReports {
  readonly #rows = new LiveRows();
  #firsts = new Int32Array(1024).fill(noRow);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A record that is not found until it is added; to be dropped when it is over. */
  begin(report: NamedReport): LiveReport {
    return new LiveReport(this.#rows, this.#rows.take()).begin(report);
  }

  drop({ row }: LiveReport): void {
    this.#rows.giveBack(row);
  }

  find(report: NamedReport): LiveReport | null {
    const rows = this.#rows;
    let row = this.#firsts[this.#slotOf(hashOfReport(report))]!;
    while (row !== noRow && !isOf(rows, row, report)) row = rows.next[row]!;
    return row === noRow ? null : new LiveReport(rows, row);
  }

  add({ row }: LiveReport): void {
    if (this.#size === this.#firsts.length) this.#grow();
    this.#chain(row);
    this.#size++;
  }

  remove({ row }: LiveReport): void {
    const { next } = this.#rows;
    const slot = this.#slotOf(hashOfRow(this.#rows, row));
    const first = this.#firsts[slot]!;
    this.#size--;
    if (first === row) this.#firsts[slot] = next[row]!;
    else {
      let before = first;
      while (next[before] !== row) before = next[before]!;
      next[before] = next[row]!;
    }
  }

  *all(): Iterable<LiveReport> {
    for (const first of this.#firsts) {
      for (let row = first; row !== noRow; row = this.#rows.next[row]!) yield new LiveReport(this.#rows, row);
    }
  }

  #chain(row: number): void {
    const slot = this.#slotOf(hashOfRow(this.#rows, row));
    this.#rows.next[row] = this.#firsts[slot]!;
    this.#firsts[slot] = row;
  }

  #grow(): void {
    const all = [...this.all()];
    this.#firsts = new Int32Array(this.#firsts.length * 2).fill(noRow);
    for (const { row } of all) this.#chain(row);
  }

  #slotOf(hash: number): number {
    return hash & (this.#firsts.length - 1);
  }
}

function isOf(rows: LiveRows, row: number, { batch, index, sensor, rule }: NamedReport): boolean {
  const { flows } = batch;
  const flow = batch.flow[index]! >> 1;
  if (rows.sensors[row] !== sensor || rows.rules[row]!.group !== rule.group) return false;
  for (let word = 7; word >= 0; word--) if (rows.narrow(row, word) !== flows.words[flow * 8 + word]) return false;
  return (
    rows.narrow(row, narrow.ports) === flows.ports[flow * 2] &&
    rows.narrow(row, narrow.ports + 1) === flows.ports[flow * 2 + 1] &&
    rows.narrow(row, narrow.protocol) === flows.protocols[flow] &&
    rows.narrow(row, narrow.icmp) === flows.icmp[flow]
  );
}

function hashOfReport({ batch, index, sensor, rule }: NamedReport): number {
  const { flows } = batch;
  const flow = batch.flow[index]! >> 1;
  let hash = mixed(sensor.number, rule.group);
  for (let word = 0; word < 8; word++) hash = mixed(hash, flows.words[flow * 8 + word]!);
  return mixed(hash, (flows.ports[flow * 2]! << 16) | flows.ports[flow * 2 + 1]!);
}

function hashOfRow(rows: LiveRows, row: number): number {
  let hash = mixed(rows.sensors[row]!.number, rows.rules[row]!.group);
  for (let word = 0; word < 8; word++) hash = mixed(hash, rows.narrow(row, word));
  return mixed(hash, (rows.narrow(row, narrow.ports) << 16) | rows.narrow(row, narrow.ports + 1));
}

function mixed(hash: number, word: number): number {
  const value = Math.imul(hash ^ word, 0x9e3779b1);
  return value ^ (value >>> 15);
}
