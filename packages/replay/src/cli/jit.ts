import type { Command } from "commander";
import { exitCode } from "../exit-code.js";
import { jit } from "../query/jit.js";
import { grantData, jitData, renderJit } from "../render/jit.js";
import { addJitCommands } from "./jit-command.js";
import { ask, asQuestion, type QuestionOptions, type SpanOptions } from "./question.js";
import { printAnswer } from "./terminal.js";

type Options = QuestionOptions & SpanOptions & { readonly at?: string };

const examples = `
Examples:
  conntrail jit --since 30d
  conntrail jit --at 2026-03-18T10:05:00Z -o json
  conntrail jit request vm1 22 --for 1h --from 203.0.113.7 --why "ticket 7"

Ends with 0; with 1 if there are findings.`;

export function addJit(program: Command): void {
  const command = asQuestion(
    program.command("jit").description("just-in-time access: who was let in, by which rules, and who stayed on"),
  )
    .option("--at <time>", "as things stood at this instant; default: the end of the evidence")
    .option("--between <A..B>", "the same as --since A --until B")
    .option("--since <time>", "not ended before this instant")
    .option("--until <time>", "granted before this instant")
    .addHelpText("after", examples)
    .action((options: Options) =>
      ask(options, async ({ kase, terminal, knownAt, instant, span }) => {
        const { from: since, to: until } = await span(options);
        const answer = await jit(kase, { since, until, at: await instant(options.at), knownAt });
        await printAnswer(terminal, options.output, {
          text: () => renderJit(answer, terminal.style),
          data: () => jitData(answer),
          items: () => answer.grants.map((grant) => grantData(grant, answer)),
        });
        process.exitCode = answer.findings.length > 0 ? exitCode.findings : exitCode.answer;
      }),
    );
  addJitCommands(command);
}
