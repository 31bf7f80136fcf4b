// Lays Conntrail's verdicts beside the kernel's, frame by frame, and says what differs so that it can be repeated.

import { join } from "node:path";
import { formatInstant } from "@conntrail/engine";
import type { VerdictLine } from "../../src/query/verdicts.js";
import { conntrail, ndjson } from "../support/conntrail.js";
import { writeEvidence } from "./evidence.js";
import type { Experiment } from "./experiment.js";
import { linuxTimeoutSeconds } from "./lab.js";
import { machines } from "./network.js";
import { inOrder } from "./nft-ruleset.js";
import type { Judgement, SentFrame } from "./run.js";
import { applied, type Group, type Rule } from "./security-group.js";

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

function endsOf({ datagram: { source, destination } }: SentFrame): string {
  return [source, destination].sort().join(" ");
}

function inWords(judged: Judgement | VerdictLine): string {
  return `${judged.interface} ${judged.direction} ${judged.verdict}`;
}

function reasonOf({ reason }: VerdictLine): string {
  const { type, group, rule, flow, because } = reason;
  return [type, group, rule, flow, ...(because ?? [])].filter((part) => part != null).join(" ");
}

/** All that one needs to see why, and to see it again. */
export function report(experiment: Experiment, { frame, sent, kernel, ours }: Disagreement): string {
  const { seed, kind, count } = experiment.plan;
  return [
    `frame ${frame} of seed ${seed} (${kind}): ${packetInWords(sent)}`,
    `  kernel: ${kernel.join("; ")}`,
    `  ours:   ${ours.join("; ") || "nothing"}`,
    "  sent before between the two:",
    ...before(experiment, frame, sent),
    "  rules in force:",
    ...rulesInForce(experiment, sent),
    `  repeat: CONNTRAIL_KERNEL_SEED=${seed} CONNTRAIL_KERNEL_RUNS=1 CONNTRAIL_KERNEL_COUNT=${count} npx vitest run packages/replay/test/kernel`,
  ].join("\n");
}

function packetInWords({ datagram: { source, destination, says }, bytes }: SentFrame): string {
  const ports = bytes[0]! >> 4 === 4 && (bytes[6]! & 0x1f) + bytes[7]! === 0 ? ` ports ${portsAt(bytes, 20)}` : "";
  return `${source} > ${destination} ${says}${ports}`;
}

function portsAt(bytes: Uint8Array, at: number): string {
  const port = (index: number) => (bytes[index] ?? 0) * 256 + (bytes[index + 1] ?? 0);
  return `${port(at)} > ${port(at + 2)}`;
}

function before({ frames, edits }: Experiment, frame: number, sent: SentFrame): string[] {
  const told = frames
    .slice(0, frame)
    .map((other, index) => ({ time: other.time, other, index }))
    .filter(({ other }) => endsOf(other) === endsOf(sent))
    .map(({ time, other, index }) => {
      const verdicts = other.judgements.map(({ verdict }) => verdict).join(", ");
      return { time, line: `    ${index + 1} ${packetInWords(other)}: ${verdicts}` };
    });
  const edited = edits
    .filter(({ time }) => time < sent.time)
    .map(({ edit, time }) => ({ time, line: `    -- ${edit.type} ${edit.group}/${edit.rule.name}` }));
  return [...told, ...edited]
    .sort((a, b) => a.time - b.time)
    .map(({ line }) => line)
    .slice(-40);
}

function rulesInForce({ setting: { groups, gates }, edits }: Experiment, { time, judgements }: SentFrame): string[] {
  return judgements.flatMap(({ interface: name, direction }) => {
    const { subnet, interface: own } = gates[machines.findIndex((machine) => machine.interface === name)]!;
    const standing = groups.filter((group) => group.name === subnet?.name || group.name === own?.name);
    return standing.flatMap((group) => {
      const now = edits.reduce<Group>(
        (so, { edit, time: at }) => (at < time && edit.group === group.name ? applied(so, edit) : so),
        group,
      );
      const rules = inOrder(now, direction === "inbound" ? "Inbound" : "Outbound");
      return [`    ${group.name} at ${name}, ${direction}`, ...rules.map((rule) => `      ${ruleInWords(rule)}`)];
    });
  });
}

function ruleInWords(rule: Rule): string {
  const { priority, name, access, protocol, sources, sourcePorts, destinations, destinationPorts } = rule;
  return `${priority} ${name}: ${access} ${protocol} ${sources} ${sourcePorts} > ${destinations} ${destinationPorts}`;
}
