import { formatInstant } from "@conntrail/engine";
import type { Command } from "commander";
import { usage } from "../exit-code.js";
import { type GroupRules, type RulesAnswer, rules } from "../query/rules.js";
import { groupData, renderGroup } from "../render/rules.js";
import { askLog, asQuestion, type QuestionOptions } from "./question.js";
import { printAnswer } from "./terminal.js";

type Options = QuestionOptions & { readonly at?: string; readonly group?: string; readonly history?: boolean };

const examples = `
Examples:
  conntrail rules --at 2026-03-18T10:00:00Z
  conntrail rules --group nsg-web --history`;

export function addRules(program: Command): void {
  asQuestion(program.command("rules").description("rules of security groups: in force at an instant, or all versions"))
    .option("--at <time>", "in force at this instant; default: the last event that is no traffic")
    .option("--group <name>", "only this group, by name or id")
    .option("--history", "every version there ever was, with who began and ended it")
    .addHelpText("after", examples)
    .action((options: Options) =>
      askLog(options, async ({ log, terminal, knownAt, instant }) => {
        if (options.history === true && options.at !== undefined) throw usage("give --at, or --history");
        const at = options.history === true ? null : await instant(options.at);
        const answer = await rules(log, { group: options.group ?? null, at, knownAt });
        const data = (group: GroupRules) => groupData(group, answer.positions, at);
        await printAnswer(terminal, options.output, {
          text: () => text(answer, terminal.style, at),
          data: () => answer.groups.map(data),
          items: () => answer.groups.flatMap((group) => data(group).rules),
        });
      }),
    );
}

function text(
  answer: RulesAnswer,
  style: Parameters<typeof renderGroup>[2],
  at: Parameters<typeof renderGroup>[3],
): string {
  if (answer.groups.length === 0) return "No security group is known: import `az network nsg show`.";
  const groups = answer.groups.map((group) => renderGroup(group, answer.positions, style, at));
  return [...(at === null ? [] : [`In force at ${formatInstant(at)}`]), ...groups].join("\n\n");
}
