import { formatInstant } from "@conntrail/engine";
import type { Command } from "commander";
import { usage } from "../exit-code.js";
import { ruleHitsOf } from "../query/rule-hits.js";
import { type GroupRules, type RulesAnswer, rules } from "../query/rules.js";
import { versionData } from "../render/rule.js";
import { hitsData, renderHits } from "../render/rule-hits.js";
import { groupData, renderGroup } from "../render/rules.js";
import { tellLosses } from "./loss-note.js";
import {
  type Asked,
  ask,
  askLog,
  asQuestion,
  type QuestionOptions,
  semanticsOption,
  settingOption,
} from "./question.js";
import { printAnswer } from "./terminal.js";

type Options = QuestionOptions & {
  readonly at?: string;
  readonly group?: string;
  readonly history?: boolean;
  readonly hits?: boolean;
};

const examples = `
Examples:
  conntrail rules --at 2026-03-18T10:00:00Z
  conntrail rules --group nsg-web --history
  conntrail rules --history --hits                       which versions ever let anything in, or kept it out`;

export function addRules(program: Command): void {
  asQuestion(program.command("rules").description("rules of security groups: in force at an instant, or all versions"))
    .option("--at <time>", "in force at this instant; default: the last event that is no traffic")
    .option("--group <name>", "only this group, by name or id")
    .option("--history", "every version there ever was, with who began and ended it")
    .option("--hits", "what each listed version admitted and denied, over all of the evidence")
    .addOption(semanticsOption())
    .addOption(settingOption())
    .addHelpText("after", examples)
    .action((options: Options) => {
      if (options.history === true && options.at !== undefined) throw usage("give --at, or --history");
      if (options.hits === true) return ask(options, (asked) => printHits(asked, options));
      if (options.semantics !== undefined) throw usage("--semantics goes with --hits: rules are the same under all");
      return askLog(options, async ({ log, terminal, knownAt, instant }) => {
        const at = options.history === true ? null : await instant(options.at);
        const answer = await rules(log, { group: options.group ?? null, at, knownAt });
        const data = (group: GroupRules) => groupData(group, answer.positions, at);
        await printAnswer(terminal, options.output, {
          text: () => text(answer, terminal.style, at),
          data: () => answer.groups.map(data),
          items: () => answer.groups.flatMap((group) => data(group).rules),
        });
      });
    });
}

async function printHits(asked: Asked, options: Options): Promise<void> {
  const { kase, terminal, knownAt } = asked;
  const at = options.history === true ? null : await asked.instant(options.at);
  const { groups, positions } = await rules(kase.log, { group: options.group ?? null, at, knownAt });
  const hits = ruleHitsOf(kase);
  const data = ({ versions }: GroupRules) =>
    versions.map((version) => ({ ...versionData(version, positions, at), hits: hitsData(hits.of(version)) }));
  await printAnswer(terminal, options.output, {
    text: () => groups.map((group) => renderHits(group, hits, terminal.style)).join("\n\n") || noGroup,
    data: () => groups.map((group) => ({ group: group.group, name: group.name, rules: data(group) })),
    items: () => groups.flatMap(data),
  });
  await tellLosses(asked, { from: null, to: null });
}

const noGroup = "No security group is known: import `az network nsg show`.";

function text(
  answer: RulesAnswer,
  style: Parameters<typeof renderGroup>[2],
  at: Parameters<typeof renderGroup>[3],
): string {
  if (answer.groups.length === 0) return noGroup;
  const groups = answer.groups.map((group) => renderGroup(group, answer.positions, style, at));
  return [...(at === null ? [] : [`In force at ${formatInstant(at)}`]), ...groups].join("\n\n");
}
