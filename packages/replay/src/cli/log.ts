import { formatInstant, isEnteredByHand, type Position, type RecordedEvent } from "@conntrail/engine";
import { type EventLog, isRetracted, readBatch, readRetractions, reportsOf, sources } from "@conntrail/store";
import type { Command } from "commander";
import { usage } from "../exit-code.js";
import { sourceRecord } from "../query/source-record.js";
import { standsBy } from "../query/standing.js";
import { describeEvent, eventData, packetData, reportData } from "../render/event.js";
import { renderSource, sourceData } from "../render/source-record.js";
import { renderTable } from "../render/table.js";
import { type Asked, ask, asQuestion, type QuestionOptions } from "./question.js";
import { printAnswer } from "./terminal.js";

const examples = `
Examples:
  conntrail log
  conntrail log show 5
  conntrail log show 12.39     a packet or a reported flow, by its index in a batch
  conntrail log show 5 --source   file, record and byte, and the record as it stands there
  conntrail log -o ndjson | jq 'select(.type == "security-rule-deleted")'`;

export function addLog(program: Command): void {
  const log = asQuestion(
    program.command("log").description("list the events of the log, in the order of their arrival"),
  )
    .addHelpText("after", examples)
    .enablePositionalOptions()
    .action((options: QuestionOptions) => ask(options, (asked) => list(asked, options)));
  asQuestion(log.command("show").description("one event, whole").argument("<position>", "as `conntrail log` prints it"))
    .option("--source", "where it stands in the evidence, and the record itself where the file is still there")
    .action((position: string, options: ShowOptions) => ask(options, (asked) => show(asked, position, options)));
}

type ShowOptions = QuestionOptions & { readonly source?: boolean };

const head = ["position", "time", "type", "who", "what", "source"];

async function list({ kase, terminal, knownAt }: Asked, { output }: QuestionOptions): Promise<void> {
  const names = new Map(sources(kase.views).map(({ sha256, name }) => [sha256, name]));
  const retractions = await readRetractions(kase.log, knownAt);
  const dataOf = (event: RecordedEvent) => ({ ...eventData(event), retracted: isRetracted(retractions, event) });
  const rows: string[][] = [];
  const items: unknown[] = [];
  for await (const event of kase.log.readAll({ until: knownAt ?? undefined })) {
    if (output === "ndjson") await terminal.out(`${JSON.stringify(dataOf(event))}\n`);
    else if (output === "json") items.push(dataOf(event));
    else rows.push(cells(event, names, isRetracted(retractions, event)));
  }
  if (output === "ndjson") return;
  await printAnswer(terminal, output, { text: () => renderTable(head, rows, terminal.style), data: () => items });
}

function cells(event: RecordedEvent, names: ReadonlyMap<string, string>, retracted: boolean): string[] {
  const { sha256, record } = event.source;
  const file = names.get(sha256) ?? sha256.slice(0, 12);
  return [
    String(event.position),
    formatInstant(event.time),
    event.type,
    event.actor?.who ?? "-",
    describeEvent(event),
    isEnteredByHand(event.source) ? "entered by hand" : `${file} record ${record}${retracted ? ", retracted" : ""}`,
  ];
}

/** `9`, or `12.39`: the packet or the reported flow with that index in a batch. */
async function show(asked: Asked, text: string, options: ShowOptions): Promise<void> {
  const { kase, terminal, knownAt } = asked;
  const address = /^@?(\d+)(?:\.(\d+))?$/.exec(text);
  if (address === null) throw usage(`\`${text}\` is no position: see \`conntrail log\``);
  const position = Number(address[1]) as Position;
  const until = knownAt !== null && knownAt < position ? (0 as Position) : position;
  for await (const event of kase.log.readAll({ from: (position - 1) as Position, until })) {
    const index = address[2] === undefined ? null : Number(address[2]);
    if (options.source === true) return showSource(asked, { event, index }, options);
    const data = index === null ? eventData(event) : inBatch(event, index);
    const standing = await standingData(kase.log, event, knownAt);
    return terminal.out(`${JSON.stringify({ ...data, ...standing }, null, 2)}\n`);
  }
  throw usage(`there is no event at position ${position}: see \`conntrail log\``);
}

type Shown = { readonly event: RecordedEvent; readonly index: number | null };

async function showSource({ kase, terminal }: Asked, { event, index }: Shown, { output }: ShowOptions): Promise<void> {
  const answer = await sourceRecord(kase, event, index);
  const summary = "columns" in event.data ? inBatch(event, index ?? 0) : null;
  await printAnswer(terminal, output, {
    text: () => renderSource(answer, summary),
    data: () => sourceData(answer, summary),
  });
}

async function standingData(log: EventLog, event: RecordedEvent, knownAt: Position | null) {
  const retracted = isRetracted(await readRetractions(log, knownAt), event);
  return retracted ? { retracted, standsBy: await standsBy(log, event, knownAt) } : { retracted };
}

function inBatch(event: RecordedEvent, index: number) {
  const isBatch = event.type === "packets-observed" || event.type === "flows-reported";
  if (!isBatch || index >= event.data.count) {
    throw usage(`there is no packet or reported flow ${index} at position ${event.position}`);
  }
  if (event.type === "packets-observed") return packetData(event, readBatch(event), index);
  return reportData(event, reportsOf(event), index);
}
