import type { Command } from "commander";
import { type VerdictLine, verdicts } from "../query/verdicts.js";
import { tellLosses } from "./loss-note.js";
import {
  type Asked,
  ask,
  asQuestion,
  type QuestionOptions,
  type SpanOptions,
  semanticsOption,
  settingOption,
} from "./question.js";
import { tellReported } from "./reported-note.js";

type Options = QuestionOptions & SpanOptions;

const examples = `
Examples:
  conntrail verdicts -o ndjson > verdicts.ndjson
  conntrail verdicts --since 2026-03-18T10:00:00Z -o ndjson | jq 'select(.verdict == "deny")'`;

export function addVerdicts(program: Command): void {
  asQuestion(program.command("verdicts").description("what became of every packet, at every interface that judged it"))
    .option("--between <A..B>", "from A on, before B")
    .option("--since <time>", "from this instant on")
    .option("--until <time>", "before this instant")
    .addOption(semanticsOption())
    .addOption(settingOption())
    .addHelpText("after", examples)
    .action((options: Options) => ask(options, (asked) => print(asked, options)));
}

async function print(asked: Asked, options: Options): Promise<void> {
  const { kase, terminal, knownAt } = asked;
  const { from, to } = await asked.span(options);
  const question = { since: from, until: to, knownAt };
  const writer = writers[options.output];
  let first = true;
  await verdicts(kase, question, async (lines) => {
    if (lines.length === 0) return;
    await terminal.out(writer(lines, first));
    first = false;
  });
  if (options.output === "json") await terminal.out(first ? "[]\n" : "\n]\n");
  tellReported(kase, terminal);
  await tellLosses(asked, { from, to });
}

const writers = {
  ndjson: (lines: readonly VerdictLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  json: (lines: readonly VerdictLine[], first: boolean) =>
    lines.map((line, index) => `${first && index === 0 ? "[\n" : ",\n"}  ${JSON.stringify(line)}`).join(""),
  table: (lines: readonly VerdictLine[], first: boolean) => `${first ? head : ""}${lines.map(row).join("")}`,
};

/** Lines come as they are judged, so widths are those that most need. */
const columns = [
  ["frame", 7],
  ["time", 27],
  ["interface", 12],
  ["direction", 9],
  ["packet", 46],
  ["verdict", 7],
] as const;

function aligned(cells: readonly string[], rest: string): string {
  return `${[...columns.map(([, width], index) => cells[index]!.padEnd(width)), rest].join("  ").trimEnd()}\n`;
}

const head = aligned(
  columns.map(([name]) => name),
  "reason",
);

function row(line: VerdictLine): string {
  const end = (address: string, port: number | null) => (port === null ? address : `${address}:${port}`);
  const packet = `${end(line.source, line.sourcePort)} > ${end(line.destination, line.destinationPort)} ${line.flags}`;
  const { type, group, rule, version, flow, because, platform } = line.reason;
  const decided = rule === null ? null : `${rule} v${version}`;
  const why = [type, group, decided, platform, flow, because?.join("; ")].filter((part) => part != null);
  const where = [line.interface ?? "-", line.direction ?? "-"];
  return aligned([String(line.frame), line.time, ...where, packet.trim(), line.verdict], why.join(" "));
}
