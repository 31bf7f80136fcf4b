import type { Command } from "commander";
import { stateAt } from "../query/at.js";
import { atData, renderAt } from "../render/at.js";
import { tellLosses } from "./loss-note.js";
import { ask, asQuestion, type QuestionOptions, semanticsOption, settingOption } from "./question.js";
import { printAnswer } from "./terminal.js";

const examples = `
Examples:
  conntrail at "2026-03-18 10:00Z"
  conntrail at @48211 --interface vm1-nic`;

export function addAt(program: Command): void {
  asQuestion(program.command("at").description("rules in force, live flow records and grants at an instant"))
    .argument("[time]", "the instant, itself included; default: the end of the evidence")
    .option("--interface <name>", "only this network interface")
    .addOption(semanticsOption())
    .addOption(settingOption())
    .addHelpText("after", examples)
    .action((time: string | undefined, options: QuestionOptions & { interface?: string }) =>
      ask(options, async (asked) => {
        const { kase, terminal, knownAt } = asked;
        const at = await asked.instant(time);
        const answer = await stateAt(kase, { at, interface: options.interface ?? null, knownAt });
        await printAnswer(terminal, options.output, {
          text: () => renderAt(answer, terminal.style),
          data: () => atData(answer),
        });
        await tellLosses(asked, { from: null, to: at });
      }),
    );
}
