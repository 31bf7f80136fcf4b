// A progress bar on a terminal; nothing elsewhere.

import { SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.js";

export type Progress = { advance(amount: number): void; stop(): void };

const silent: Progress = { advance: () => undefined, stop: () => undefined };

export function progressBar(terminal: Terminal, title: string, total: number, unit: string): Progress {
  if (!terminal.showsProgress || total === 0) return silent;
  const format = `${title} {bar} {percentage}% {value}/{total} ${unit}, {eta} s left`;
  const bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true, stream: process.stderr, fps: 5 });
  bar.start(total, 0);
  return { advance: (amount) => bar.increment(amount), stop: () => bar.stop() };
}
