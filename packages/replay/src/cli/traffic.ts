import { microsPerMinute } from "@conntrail/engine";
import type { Command } from "commander";
import { usage } from "../exit-code.js";
import { traffic } from "../query/traffic.js";
import { renderTable } from "../render/table.js";
import { trafficCells, trafficData, trafficHead } from "../render/traffic.js";
import { readDuration } from "../time-expression.js";
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
import { printAnswer } from "./terminal.js";

type Options = QuestionOptions & SpanOptions & { readonly per: string; readonly interface?: string };

const examples = `
Examples:
  conntrail traffic --interface vm1-nic
  conntrail traffic --between 2026-03-18T10:00:00Z..2026-03-18T11:00:00Z --per 5m
  conntrail traffic --per 1h -o ndjson

Minutes are counted whole: those that --between touches.`;

export function addTraffic(program: Command): void {
  asQuestion(program.command("traffic").description("traffic at each interface over time: allowed, denied, in doubt"))
    .option("--per <duration>", "how long a row is: whole minutes, as in 5m, 1h or 1d", "1m")
    .option("--between <A..B>", "the same as --since A --until B")
    .option("--since <time>", "minutes that end behind this instant")
    .option("--until <time>", "minutes that begin before this instant")
    .option("--interface <name>", "only this network interface, by name or id")
    .addOption(semanticsOption())
    .addOption(settingOption())
    .addHelpText("after", examples)
    .action((options: Options) => {
      const spanMicros = readDuration(options.per);
      if (spanMicros < microsPerMinute || spanMicros % microsPerMinute !== 0)
        throw usage(`\`${options.per}\` is not in whole minutes: use --per 1m, 5m, 1h or 1d`);
      return ask(options, (asked) => printTraffic(asked, options, spanMicros));
    });
}

async function printTraffic(asked: Asked, options: Options, spanMicros: number): Promise<void> {
  const { kase, terminal } = asked;
  const { from, to } = await asked.span(options);
  const rows = traffic(kase, { from, until: to, interface: options.interface ?? null, spanMicros });
  await printAnswer(terminal, options.output, {
    text: () => renderTable(trafficHead, rows.map(trafficCells), terminal.style),
    data: () => rows.map(trafficData),
    items: () => rows.map(trafficData),
  });
  tellReported(kase, terminal);
  await tellLosses(asked, { from, to });
}
