import { type Command, InvalidArgumentError } from "commander";
import { exitCode } from "../exit-code.js";
import { gaps } from "../query/gaps.js";
import { gapData, gapsData, renderGaps } from "../render/gaps.js";
import { ask, asQuestion, type QuestionOptions, type SpanOptions } from "./question.js";
import { printAnswer } from "./terminal.js";

type Options = QuestionOptions & SpanOptions & { readonly interface?: string; readonly limit: number };

const examples = `
Examples:
  conntrail gaps
  conntrail gaps --since 2026-03-18 --until 2026-03-19 --interface vm1-nic
  conntrail gaps -o ndjson | jq -r 'select(.kind == "missing-hours") | [.of, .from, .to] | @tsv'

Ends with 0 where there is no gap, with 1 where there are some.`;

export function addGaps(program: Command): void {
  asQuestion(program.command("gaps").description("what the evidence does not cover, and what that means for answers"))
    .option("--between <A..B>", "the same as --since A --until B")
    .option("--since <time>", "gaps that reach behind this instant")
    .option("--until <time>", "gaps that begin before this instant")
    .option("--interface <name>", "only of this network interface, by name or id, and of all of them together")
    .option("--limit <n>", "so many rows at most; -o json and ndjson have all", readLimit, 40)
    .addHelpText("after", examples)
    .action((options: Options) =>
      ask(options, async ({ kase, terminal, knownAt, span }) => {
        const { from: since, to: until } = await span(options);
        const answer = await gaps(kase, { since, until, interface: options.interface ?? null, knownAt });
        await printAnswer(terminal, options.output, {
          text: () => renderGaps(answer, options.limit, terminal.style),
          data: () => gapsData(answer),
          items: () => answer.gaps.map(gapData),
        });
        process.exitCode = answer.gaps.length > 0 ? exitCode.findings : exitCode.answer;
      }),
    );
}

function readLimit(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`\`${text}\` is no count`);
  return Number(text);
}
