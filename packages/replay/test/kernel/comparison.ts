// Lays Conntrail's verdicts beside the kernel's, frame by frame.

import { join } from "node:path";
import { formatInstant } from "@conntrail/engine";
import type { VerdictLine } from "../../src/query/verdicts.js";
import { conntrail, ndjson } from "../support/conntrail.js";
import { writeEvidence } from "./evidence.js";
import type { Experiment } from "./experiment.js";
import { linuxTimeoutSeconds } from "./lab.js";
import { endsOf, type Judgement, type SentFrame } from "./run.js";

export type Disagreement = {
  readonly frame: number;
  readonly sent: SentFrame;
  readonly kernel: readonly string[];
  readonly ours: readonly string[];
};

/** A case that holds the experiment's evidence. */
export function importedCase(experiment: Experiment, directory: string): string {
  const [evidence, kase] = [join(directory, "evidence"), join(directory, "case")];
  writeEvidence(experiment, evidence);
  const ran = conntrail(["import", evidence, "--taken-at", formatInstant(experiment.begins), "--case", kase]);
  if (ran.code !== 0) throw new Error(`the import ended with ${ran.code}: ${ran.err}`);
  return kase;
}

export function verdictsIn(kase: string, options: readonly string[]): VerdictLine[] {
  const ran = conntrail(["verdicts", ...options, "-o", "ndjson", "--case", kase]);
  if (ran.code !== 0) throw new Error(`\`verdicts\` ended with ${ran.code}: ${ran.err}`);
  return ndjson<VerdictLine>(ran);
}

export function disagreements({ frames }: Experiment, lines: readonly VerdictLine[]): Disagreement[] {
  const uncertain = tooCloseToTell(frames);
  const byFrame = new Map<number, VerdictLine[]>();
  for (const line of lines) byFrame.set(line.frame, [...(byFrame.get(line.frame) ?? []), line]);
  return frames.flatMap((sent, index) => {
    const frame = index + 1;
    const found = byFrame.get(frame) ?? [];
    const [kernel, ours] = [sent.judgements.map(inWords), found.map(inWords)];
    if (kernel.join() === ours.join() || uncertain.has(sent)) return [];
    return [{ frame, sent, kernel, ours: found.map((line) => `${inWords(line)} (${reasonOf(line)})`) }];
  });
}

/** A reading of the clock and the kernel's own tick of 4 ms, ten times as fast. */
const clockMicros = 50_000;

/**
 * Frames that came a timeout after another between the same ends, as exactly as can be known: whether the record was
 * still there is chance. What follows between those ends rests on it.
 */
function tooCloseToTell(frames: readonly SentFrame[]): Set<SentFrame> {
  const uncertain = new Set<SentFrame>();
  const byEnds = new Map<string, SentFrame[]>();
  for (const frame of frames) {
    const earlier = byEnds.get(endsOf(frame)) ?? [];
    if (earlier.some((other) => uncertain.has(other) || isTimeoutApart(other, frame))) uncertain.add(frame);
    byEnds.set(endsOf(frame), [...earlier, frame]);
  }
  return uncertain;
}

function isTimeoutApart(earlier: SentFrame, later: SentFrame): boolean {
  const least = later.time - earlier.judgedBy - clockMicros;
  const most = later.judgedBy - earlier.time + clockMicros;
  return linuxTimeoutSeconds.some((seconds) => least <= seconds * 1_000_000 && seconds * 1_000_000 <= most);
}

function inWords(judged: Judgement | VerdictLine): string {
  return `${judged.interface} ${judged.direction} ${judged.verdict}`;
}

function reasonOf({ reason }: VerdictLine): string {
  const { type, group, rule, flow, because } = reason;
  return [type, group, rule, flow, ...(because ?? [])].filter((part) => part != null).join(" ");
}
