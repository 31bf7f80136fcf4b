// How far a command has come, on a terminal; nothing elsewhere.

import { type Params, SingleBar } from "cli-progress";
import { formatCount, formatSize } from "../render/amount.js";
import type { Terminal } from "./terminal.js";

export type Progress = { bytes(count: number): void; packets(count: number): void; stop(): void };

/** `bytes`, `packets`: how many there are in all, where that is known. The first known one is what the bar shows. */
export type Work = { readonly title: string; readonly bytes: number | null; readonly packets: number | null };

const silent: Progress = { bytes: () => undefined, packets: () => undefined, stop: () => undefined };
const barLength = 30;

export function progressBar(terminal: Terminal, work: Work): Progress {
  if (!terminal.showsProgress) return silent;
  const done = { bytes: 0, packets: 0 };
  const format = (_: unknown, { startTime, total }: Params) =>
    progressLine(work, done, { total, seconds: (Date.now() - startTime) / 1000 });
  const bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true, stream: process.stderr, fps: 5 });
  bar.start(work.bytes ?? work.packets ?? 0, 0);
  return {
    bytes: (count) => {
      done.bytes += count;
      bar.update(done.bytes);
    },
    packets: (count) => {
      done.packets += count;
      if (work.bytes === null) bar.update(done.packets);
    },
    stop: () => bar.stop(),
  };
}

/** A bar for the time that the views take to follow the log; it begins with the first packets. */
export function foldProgress(terminal: Terminal): { advance(packets: number, total: number): void; stop(): void } {
  let bar: Progress | null = null;
  let before = 0;
  return {
    advance: (packets, total) => {
      bar ??= progressBar(terminal, { title: "bringing the views up to date", bytes: null, packets: total });
      bar.packets(packets - before);
      before = packets;
    },
    stop: () => bar?.stop(),
  };
}

type Done = { readonly bytes: number; readonly packets: number };

/** `total`: of what the bar shows; 0 where it is not known. */
type Pace = { readonly total: number; readonly seconds: number };

/** `importing ███░░░ 12.3 MB of 460.0 MB, 1,200,000 packets, 2,400,000 packets/s, 3 s left`. */
export function progressLine(work: Work, done: Done, { total, seconds }: Pace): string {
  const value = work.bytes === null ? done.packets : done.bytes;
  const parts = [
    ...(work.bytes === null && done.bytes === 0 ? [] : [amount(done.bytes, work.bytes, formatSize)]),
    `${amount(done.packets, work.packets, formatCount)} packets`,
    `${formatCount(Math.round(done.packets / Math.max(seconds, 0.001)))} packets/s`,
    ...(total > 0 && value > 0 ? [`${formatCount(Math.ceil((seconds * (total - value)) / value))} s left`] : []),
  ];
  return `${work.title} ${total > 0 ? `${drawnBar(value / total)} ` : ""}${parts.join(", ")}`;
}

function amount(done: number, total: number | null, format: (count: number) => string): string {
  return total === null ? format(done) : `${format(done)} of ${format(total)}`;
}

function drawnBar(part: number): string {
  const full = Math.round(Math.min(1, part) * barLength);
  return "█".repeat(full) + "░".repeat(barLength - full);
}
