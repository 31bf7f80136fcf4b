import type { Micros } from "@conntrail/engine";
import { tableFullRows } from "@conntrail/store";
import type { Command } from "commander";
import { usage } from "../exit-code.js";
import { type FlowRow, type FlowsQuestion, flows, isReported } from "../query/flows.js";
import { zeekConnections } from "../query/zeek-connections.js";
import { flowCells, flowData, flowHead } from "../render/flow.js";
import { reportedCells, reportedData } from "../render/reported.js";
import { tableParts } from "../render/table.js";
import { tableFullNote } from "../render/table-full.js";
import { zeekFooter, zeekHeader, zeekLine } from "../render/zeek-log.js";
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
import { type OutputFormat, printList } from "./terminal.js";

type Options = Omit<QuestionOptions, "output"> &
  SpanOptions & {
    readonly output: OutputFormat | "zeek";
    readonly ignoreChecksums?: true;
    readonly at?: string;
    readonly from?: string;
    readonly to?: string;
    readonly interface?: string;
  };

const examples = `
Examples:
  conntrail flows --to 10.1.0.4:22
  conntrail flows --from 203.0.113.7 --at 2026-03-18T10:05:00Z
  conntrail flows -o ndjson | jq .community_id
  conntrail flows -o zeek > conn.log                     connections as Zeek logs them of the same packets`;

export function addFlows(program: Command): void {
  const about = "flow records: who opened them, what admitted them, what moved";
  asQuestion(program.command("flows").description(about), "zeek")
    .option("--at <time>", "live at this instant; counters are those of the whole life, `at` has those of the instant")
    .option("--between <A..B>", "the same as --since A --until B")
    .option("--since <time>", "not ended before this instant")
    .option("--until <time>", "opened before this instant")
    .option("--from <endpoint>", "opened by this address, or address:port")
    .option("--to <endpoint>", "opened to this address, or address:port/protocol")
    .option("--interface <name>", "kept by this network interface")
    .option("--ignore-checksums", "with -o zeek: count packets with wrong checksums too, as Zeek's -C does")
    .addOption(semanticsOption())
    .addOption(settingOption())
    .addHelpText("after", examples)
    .action((options: Options) => {
      const { output, ignoreChecksums, ...rest } = options;
      if (output === "zeek") return ask({ ...rest, output: "table" }, (asked) => printZeek(asked, options));
      if (ignoreChecksums) throw usage("--ignore-checksums goes with -o zeek");
      return ask({ ...rest, output }, (asked) => printFlows(asked, options, output));
    });
}

async function questionOf({ optional, span }: Asked, options: Options): Promise<FlowsQuestion> {
  const { from, to } = await span(options);
  return {
    at: await optional(options.at),
    since: from,
    until: to,
    from: options.from ?? null,
    to: options.to ?? null,
    interface: options.interface ?? null,
  };
}

async function printFlows(asked: Asked, options: Options, format: OutputFormat): Promise<void> {
  const { kase, terminal } = asked;
  const question = await questionOf(asked, options);
  await printList(terminal, format, {
    text: () => tableParts(flowHead, () => mapped(flows(kase, question), cells), terminal.style),
    items: () => mapped(flows(kase, question), data),
  });
  const { at, since, until } = question;
  await tellLosses(asked, at === null ? { from: since, to: until } : { from: null, to: at });
  for (const full of tableFullRows(kase.views)) terminal.tell(`note: ${tableFullNote(full)}`);
}

function cells(row: FlowRow): string[] {
  return isReported(row) ? reportedCells(row) : flowCells(row);
}

function data(row: FlowRow): object {
  return isReported(row) ? reportedData(row) : flowData(row);
}

function* mapped<From, To>(items: Iterable<From>, map: (item: From) => To): Iterable<To> {
  for (const item of items) yield map(item);
}

/** Without connections there is no log, as with Zeek. */
async function printZeek(asked: Asked, options: Options): Promise<void> {
  const { kase, terminal, knownAt } = asked;
  const ignoreChecksums = options.ignoreChecksums === true;
  let last: Micros | null = null;
  await zeekConnections(kase, { ...(await questionOf(asked, options)), knownAt, ignoreChecksums }, async (lines) => {
    if (last === null) await terminal.out(zeekHeader(lines[0]!.connection.time));
    await terminal.out(lines.map(zeekLine).join(""));
    last = lines.at(-1)!.connection.time;
  });
  if (last !== null) await terminal.out(zeekFooter(last));
}
