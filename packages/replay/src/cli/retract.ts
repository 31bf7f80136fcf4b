import { userInfo } from "node:os";
import { systemClock } from "@conntrail/store";
import type { Command } from "commander";
import { type RetractionOutcome, retractSource } from "../appending/retract-source.js";
import { openLogForWriting } from "../case.js";
import { usage } from "../exit-code.js";
import { renderAppended } from "../render/append.js";
import { eventData } from "../render/event.js";
import { describeUnretracted, retractedAlready } from "../render/retraction.js";
import { caseDirectory, caseOption, outputOption } from "./question.js";
import { type OutputFormat, printAnswer, processTerminal, type Terminal } from "./terminal.js";
import { writingTo } from "./writing.js";

type Options = {
  readonly case?: string;
  readonly output: OutputFormat;
  readonly by?: string;
  readonly because?: string;
};

const examples = `
Examples:
  conntrail retract activity-log.json --because "of another subscription"
  conntrail retract 3f9a1c02        how its SHA-256 begins: see \`conntrail sources\`

Nothing is removed from the log: questions leave the source out from now on, and with --known-at they still see it.
What another source says too stays. Importing the source again brings it back.`;

export function addRetract(program: Command): void {
  program
    .command("retract")
    .description("take a wrong import back")
    .argument("<source>", "a file name as it was given to import, or the first 6 or more digits of its SHA-256")
    .option("--because <text>", "why")
    .option("--by <name>", "who does it; default: the user of the system")
    .addOption(caseOption())
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((source: string, options: Options) => retract(source, options, processTerminal()));
}

async function retract(named: string, options: Options, terminal: Terminal): Promise<void> {
  const outcome = await writingTo(caseDirectory(options.case), terminal, (directory) =>
    retractIn(directory, named, options),
  );
  if (outcome.is === "unknown" || outcome.is === "ambiguous") throw usage(describeUnretracted(named, outcome));
  const appended = outcome.is === "retracted" ? [outcome.event] : [];
  if (outcome.is === "retracted-already") terminal.tell(`note: ${retractedAlready(named, outcome.event)}`);
  if (appended.length === 0 && options.output === "table") return;
  await printAnswer(terminal, options.output, {
    text: () => renderAppended(appended),
    data: () => ({ appended: appended.map(eventData), sha256: outcome.source.sha256 }),
    items: () => appended.map(eventData),
  });
}

async function retractIn(directory: string, named: string, options: Options): Promise<RetractionOutcome> {
  const log = openLogForWriting(directory);
  try {
    const who = options.by ?? userInfo().username;
    return await retractSource(log, named, { at: systemClock(), who, because: options.because ?? null });
  } finally {
    await log.close();
  }
}
