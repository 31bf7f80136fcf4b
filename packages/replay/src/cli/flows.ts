import type { Command } from "commander";
import { flows } from "../query/flows.js";
import { flowCells, flowData, flowHead } from "../render/flow.js";
import { renderTable } from "../render/table.js";
import { ask, asQuestion, type QuestionOptions, type SpanOptions, semanticsOption } from "./question.js";
import { printAnswer } from "./terminal.js";

type Options = QuestionOptions &
  SpanOptions & {
    readonly at?: string;
    readonly from?: string;
    readonly to?: string;
    readonly interface?: string;
  };

const examples = `
Examples:
  conntrail flows --to 10.1.0.4:22
  conntrail flows --from 203.0.113.7 --at 2026-03-18T10:05:00Z
  conntrail flows -o ndjson | jq .community_id`;

export function addFlows(program: Command): void {
  asQuestion(program.command("flows").description("flow records: who opened them, what admitted them, what moved"))
    .option("--at <time>", "live at this instant; counters are those of the whole life, `at` has those of the instant")
    .option("--between <A..B>", "the same as --since A --until B")
    .option("--since <time>", "not ended before this instant")
    .option("--until <time>", "opened before this instant")
    .option("--from <endpoint>", "opened by this address, or address:port")
    .option("--to <endpoint>", "opened to this address, or address:port/protocol")
    .option("--interface <name>", "kept by this network interface")
    .addOption(semanticsOption())
    .addHelpText("after", examples)
    .action((options: Options) =>
      ask(options, async ({ kase, terminal, optional, span }) => {
        const { from, to } = await span(options);
        const rows = flows(kase, {
          at: await optional(options.at),
          since: from,
          until: to,
          from: options.from ?? null,
          to: options.to ?? null,
          interface: options.interface ?? null,
        });
        await printAnswer(terminal, options.output, {
          text: () => renderTable(flowHead, rows.map(flowCells), terminal.style),
          data: () => rows.map(flowData),
          items: () => rows.map(flowData),
        });
      }),
    );
}
