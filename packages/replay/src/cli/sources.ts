import type { Command } from "commander";
import { sourcesOf } from "../query/sources.js";
import { renderSources, sourceData } from "../render/sources.js";
import { ask, asQuestion, type QuestionOptions } from "./question.js";
import { printAnswer } from "./terminal.js";

const examples = `
Examples:
  conntrail sources
  conntrail sources -o ndjson | jq -r 'select(.retracted == null) | .sha256'`;

export function addSources(program: Command): void {
  asQuestion(program.command("sources").description("the evidence files of the case, and which were retracted"))
    .addHelpText("after", examples)
    .action((options: QuestionOptions) =>
      ask(options, async ({ kase, terminal, knownAt }) => {
        const answers = await sourcesOf(kase, knownAt);
        await printAnswer(terminal, options.output, {
          text: () => renderSources(answers, terminal.style),
          data: () => answers.map(sourceData),
          items: () => answers.map(sourceData),
        });
      }),
    );
}
