import { type Command, InvalidArgumentError } from "commander";
import { type ExitCode, exitCode } from "../exit-code.js";
import { type CheckAnswer, check } from "../query/check.js";
import { summaryOf } from "../query/check-counts.js";
import { renderCheck } from "../render/check.js";
import { checkData, disagreementData } from "../render/check-data.js";
import { ask, asQuestion, type QuestionOptions, type SpanOptions } from "./question.js";
import { printAnswer } from "./terminal.js";

type Options = QuestionOptions &
  SpanOptions & { readonly rule?: string; readonly sensor?: string; readonly limit: number };

const examples = `
Examples:
  conntrail check
  conntrail check --since 2026-03-18T09:00:00Z --until 2026-03-18T12:00:00Z --rule UserRule_ssh
  conntrail check --sensor azure-vnet --limit 100 -o json

Ends with 0 where all agree or differ for a known cause, with 1 where something is unexplained, with 3 where nothing could
be compared.`;

export function addCheck(program: Command): void {
  asQuestion(
    program.command("check").description("verdicts that flow logs report, held against the rules as we know them"),
  )
    .option("--between <A..B>", "the same as --since A --until B")
    .option("--since <time>", "from the hour of this instant on")
    .option("--until <time>", "up to this instant, and to the end of its hour")
    .option("--rule <name>", "only reports under this rule, as logged or as the group has it")
    .option("--sensor <name>", "only of this sensor: its kind, interface, MAC address, or what is logged")
    .option("--limit <n>", "so many disagreements at most", readLimit, 20)
    .addHelpText("after", examples)
    .action((options: Options) =>
      ask(options, async ({ kase, terminal, knownAt, span }) => {
        const { from: since, to: until } = await span(options);
        const { rule = null, sensor = null, limit } = options;
        const answer = await check(kase, { since, until, rule, sensor, limit, knownAt });
        await printAnswer(terminal, options.output, {
          text: () => renderCheck(answer, terminal.style),
          data: () => checkData(answer),
          items: () => answer.disagreements.map((disagreement) => disagreementData(disagreement, answer)),
        });
        process.exitCode = exitOf(answer);
      }),
    );
}

function exitOf({ counts }: CheckAnswer): ExitCode {
  const { compared, unexplained } = summaryOf(counts);
  if (compared === 0) return exitCode.unknown;
  return unexplained > 0 ? exitCode.findings : exitCode.answer;
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`\`${text}\` is no count`);
  return limit;
}
