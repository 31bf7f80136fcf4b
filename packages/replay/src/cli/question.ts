// What all questions share: the options, the case, the times.

import type { Micros, Position } from "@conntrail/engine";
import { controlCategories, lastPacketTime, systemClock } from "@conntrail/store";
import { type Command, Option } from "commander";
import { type Case, findCase, openForQuestions } from "../case.js";
import { CommandError, exitCode, usage } from "../exit-code.js";
import { readRange, readTime, type TimeContext } from "../time-expression.js";
import { type OutputFormat, processTerminal, type Terminal } from "./terminal.js";

export type QuestionOptions = {
  readonly case?: string;
  readonly output: OutputFormat;
  readonly knownAt?: string;
};

export type SpanOptions = { readonly between?: string; readonly since?: string; readonly until?: string };

export type Asked = {
  readonly kase: Case;
  readonly terminal: Terminal;
  readonly knownAt: Position | null;
  readonly times: TimeContext;
  /** The instant of `--at`; without it the end of the evidence. */
  instant(text: string | undefined): Promise<Micros>;
  /** `--between A..B`, else `--since` and `--until`: A included, B excluded, null where open. */
  span(options: SpanOptions): Promise<{ readonly from: Micros | null; readonly to: Micros | null }>;
  /** The instant of an option that may be left out. */
  optional(text: string | undefined): Promise<Micros | null>;
};

export function caseOption(): Option {
  return new Option("--case <directory>", "the case; default: the nearest one upwards from here");
}

export function outputOption(): Option {
  return new Option("-o, --output <format>", "how to print").choices(["table", "json", "ndjson"]).default("table");
}

export function asQuestion(command: Command): Command {
  return command
    .addOption(caseOption())
    .addOption(outputOption())
    .addOption(new Option("--known-at <time>", "answer from what the log held then (a time, or @position)"));
}

export function caseDirectory(given: string | undefined): string {
  const directory = findCase(given, process.cwd());
  if (directory !== null) return directory;
  const where = given === undefined ? "here or above" : `in \`${given}\``;
  throw usage(
    `there is no case ${where}: import some evidence with \`conntrail import FILE…\`, or name one with --case`,
  );
}

/** Opens the case, asks, and closes it. */
export async function ask<T>(options: QuestionOptions, question: (asked: Asked) => Promise<T>): Promise<T> {
  const directory = caseDirectory(options.case);
  const terminal = processTerminal();
  const knownAt = options.knownAt === undefined ? null : await knownPosition(directory, options.knownAt, terminal);
  const kase = await openForQuestions(directory, knownAt);
  try {
    const times = timeContext(kase, terminal);
    return await question({
      kase,
      terminal,
      knownAt,
      times,
      instant: async (text) => (text === undefined ? endOfEvidence(kase, knownAt) : readTime(text, times)),
      span: (span) => readSpan(span, times),
      optional: (text) => readOptional(text, times),
    });
  } finally {
    await kase.close();
  }
}

async function readOptional(text: string | undefined, times: TimeContext): Promise<Micros | null> {
  return text === undefined ? null : readTime(text, times);
}

async function readSpan({ between, since, until }: SpanOptions, times: TimeContext) {
  if (between === undefined) return { from: await readOptional(since, times), to: await readOptional(until, times) };
  if (since !== undefined || until !== undefined) throw usage("give --between, or --since and --until");
  return readRange(between, times);
}

function timeContext(kase: Case, terminal: Terminal): TimeContext {
  return {
    now: systemClock(),
    tell: (message) => terminal.tell(message),
    timeAt: async (position) => {
      for await (const event of kase.log.readAll({ from: (position - 1) as Position, until: position }))
        return event.time;
      return null;
    },
  };
}

async function endOfEvidence(kase: Case, knownAt: Position | null): Promise<Micros> {
  let last = lastPacketTime(kase.views, knownAt);
  for await (const event of kase.log.readAll({ until: knownAt ?? undefined, categories: controlCategories })) {
    if (last === null || event.time > last) last = event.time;
  }
  if (last === null)
    throw new CommandError(exitCode.unknown, "the case holds no evidence yet: `conntrail import FILE…`");
  return last;
}

/** The last position that the log had by then; 0 where it had none. */
async function knownPosition(directory: string, text: string, terminal: Terminal): Promise<Position> {
  const position = /^@(\d+)$/.exec(text.trim());
  if (position !== null) return Number(position[1]) as Position;
  const times = { now: systemClock(), timeAt: async () => null, tell: (message: string) => terminal.tell(message) };
  const instant = await readTime(text, times);
  const kase = await openForQuestions(directory);
  try {
    let known = 0;
    for await (const event of kase.log.readAll()) if (event.recordedAt <= instant) known = event.position;
    return known as Position;
  } finally {
    await kase.close();
  }
}
