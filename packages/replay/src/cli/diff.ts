import type { Command } from "commander";
import { exitCode } from "../exit-code.js";
import { diff, isDifferent } from "../query/diff.js";
import { diffData, groupDiffData, renderDiff } from "../render/diff.js";
import { readRange } from "../time-expression.js";
import { ask, asQuestion, type QuestionOptions } from "./question.js";
import { tellReported } from "./reported-note.js";
import { printAnswer } from "./terminal.js";

type Options = QuestionOptions & { readonly group?: string; readonly references?: boolean };

const examples = `
Examples:
  conntrail diff 2026-03-18T09:00Z..2026-03-18T10:30Z --group nsg-web
  conntrail diff "2d ago..now" --references      service tags and application security groups, too
  conntrail diff @48211..                        from that event, it included, to the end of the evidence

Edits at A are in the difference, edits at B are not. Ends with 1 where rules or what they let through differ, else 0.`;

export function addDiff(program: Command): void {
  asQuestion(
    program.command("diff").description("what changed from A to B: rules, what they let through, flow records"),
  )
    .argument("<A..B>", "the span: A included, B excluded; either may be left out")
    .option("--group <name>", "only this group, by name or id")
    .option("--references", "what service tags, prefix lists and application security groups stand for, too")
    .addHelpText("after", examples)
    .action((span: string, options: Options) =>
      ask(options, async ({ kase, terminal, knownAt, times, instant }) => {
        const answer = await diff(kase, {
          ...(await readRange(span, times)),
          endOfEvidence: await instant(undefined),
          group: options.group ?? null,
          references: options.references === true,
          knownAt,
        });
        await printAnswer(terminal, options.output, {
          text: () => renderDiff(answer, terminal.style),
          data: () => diffData(answer),
          items: () => answer.groups.map((group) => groupDiffData(group, answer.positions)),
        });
        tellReported(kase, terminal);
        process.exitCode = isDifferent(answer) ? exitCode.findings : exitCode.answer;
      }),
    );
}
