// What all commands share that append events by hand: the options, the case, and how the outcome is told.

import { userInfo } from "node:os";
import type { ControlState, Decided } from "@conntrail/engine";
import { systemClock } from "@conntrail/store";
import { type Command, Option } from "commander";
import { appendDecided, type Outcome } from "../appending/append-decided.js";
import { openLogForWriting } from "../case.js";
import { exitCode } from "../exit-code.js";
import { renderAppended } from "../render/append.js";
import { eventData } from "../render/event.js";
import { describeRefusal, describeRemark } from "../render/refusal.js";
import { readTime } from "../time-expression.js";
import { caseOption, outputOption, timesOfLog } from "./question.js";
import { type OutputFormat, printAnswer, processTerminal, type Terminal } from "./terminal.js";
import { writingTo } from "./writing.js";

export type AppendOptions = {
  readonly case?: string;
  readonly output: OutputFormat;
  readonly at?: string;
  readonly by?: string;
};

/** The engine's decider, and the words for what it may say. */
export type HandCommand<R, N> = {
  readonly decide: (state: ControlState) => Decided<R, N>;
  readonly describeRefusal: (refusal: R, state: ControlState) => string;
  readonly describeRemark: (remark: N) => string;
};

export function asAppending(command: Command): Command {
  return command
    .addOption(new Option("--at <time>", "when it happens; default: now"))
    .addOption(new Option("--by <name>", "who does it; default: the user of the system"))
    .addOption(caseOption())
    .addOption(outputOption());
}

/** Of a switch that must be given. */
export function onOff(flags: string, description: string): Option {
  return new Option(flags, description).choices(["on", "off"]).makeOptionMandatory();
}

/** A command that the engine's own deciders take. */
export function append(options: AppendOptions, decide: (state: ControlState) => Decided): Promise<void> {
  return appendByHand(options, { decide, describeRefusal, describeRemark });
}

/** Ends with 0; 1 where the command is refused, the reason on standard error. */
export async function appendByHand<R, N>(options: AppendOptions, command: HandCommand<R, N>): Promise<void> {
  const terminal = processTerminal();
  const outcome = await decideAndAppend(options, command, terminal);
  const remarks = outcome.is === "appended" ? outcome.remarks.map(command.describeRemark) : [];
  const refusal = outcome.is === "refused" ? command.describeRefusal(outcome.refusal, outcome.state) : null;
  const { events } = outcome;
  for (const remark of remarks) terminal.tell(`note: ${remark}`);
  if (refusal !== null) terminal.tell(`refused: ${refusal}`);
  if (events.length > 0 || options.output !== "table") {
    await printAnswer(terminal, options.output, {
      text: () => renderAppended(events),
      data: () => ({ appended: events.map(eventData), remarks, refused: refusal }),
      items: () => events.map(eventData),
    });
  }
  process.exitCode = refusal === null ? exitCode.answer : exitCode.findings;
}

async function decideAndAppend<R, N>(
  options: AppendOptions,
  command: HandCommand<R, N>,
  terminal: Terminal,
): Promise<Outcome<R, N>> {
  return writingTo(options.case, terminal, async (directory) => {
    const log = openLogForWriting(directory);
    try {
      const at = options.at === undefined ? systemClock() : await readTime(options.at, timesOfLog(log, terminal));
      const who = options.by ?? userInfo().username;
      return await appendDecided(log, { at, who, decide: command.decide });
    } finally {
      await log.close();
    }
  });
}
