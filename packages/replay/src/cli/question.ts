// What all questions share: the options, the case, the times.

import {
  type Micros,
  type Position,
  type Semantics,
  semanticSettingNames,
  semanticsNamed,
  semanticsNames,
  withSetting,
} from "@conntrail/engine";
import { controlCategories, type EventLog, lastTrafficTime, standingControl, systemClock } from "@conntrail/store";
import { type Command, Option } from "commander";
import { type Case, findCase, openForQuestions, openLogForReading } from "../case.js";
import { CommandError, exitCode, usage } from "../exit-code.js";
import { readRange, readTime, type TimeContext } from "../time-expression.js";
import { foldProgress } from "./progress.js";
import { type OutputFormat, processTerminal, type Terminal } from "./terminal.js";

export type QuestionOptions = {
  readonly case?: string;
  readonly output: OutputFormat;
  readonly knownAt?: string;
  readonly semantics?: string;
  readonly setting?: readonly string[];
};

export type SpanOptions = { readonly between?: string; readonly since?: string; readonly until?: string };

/** What a question may ask that traffic has no part in: the log is opened, and no view. */
export type AskedOfLog = {
  readonly log: EventLog;
  readonly terminal: Terminal;
  readonly knownAt: Position | null;
  readonly times: TimeContext;
  /** The instant of `--at`; without it that of the last control event, null where there is none. */
  instant(text: string | undefined): Promise<Micros | null>;
};

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

/** `more`: formats that a question has besides. */
export function outputOption(...more: readonly string[]): Option {
  const formats = ["table", "json", "ndjson", ...more];
  return new Option("-o, --output <format>", "how to print").choices(formats).default("table");
}

export function asQuestion(command: Command, ...more: readonly string[]): Command {
  return command
    .addOption(caseOption())
    .addOption(outputOption(...more))
    .addOption(new Option("--known-at <time>", "answer from what the log held then (a time, or @position)"));
}

/** For questions that judge packets. */
export function semanticsOption(): Option {
  const meaning = "judge as this platform does; default: as the resources themselves say";
  return new Option("--semantics <name>", meaning).choices(semanticsNames);
}

/** Beside `--semantics`: another value where no source says what the platform does. */
export function settingOption(): Option {
  const meaning = `with --semantics: another value where no source says; ${semanticSettingNames.join(", ")} (docs/semantics.md)`;
  return new Option("--setting <name=value...>", meaning);
}

function readSemantics({ semantics: name, setting = [] }: QuestionOptions): Semantics | null {
  const named = name === undefined ? null : semanticsNamed(name);
  if (named === null && setting.length > 0) throw usage("--setting changes named semantics: give --semantics too");
  return setting.reduce<Semantics | null>((semantics, text) => {
    const set = semantics === null ? null : withSetting(semantics, text);
    if (set === null)
      throw usage(`\`${text}\` is no setting: use ${semanticSettingNames.join(", ")}, as in udp-idle=60`);
    return set;
  }, named);
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
  const semantics = readSemantics(options);
  const fold = foldProgress(terminal);
  const kase = await openForQuestions(directory, { knownAt, semantics, progress: fold.advance }).finally(fold.stop);
  try {
    const times = timesOfLog(kase.log, terminal);
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

/** Opens the log, asks, and closes it. */
export async function askLog<T>(options: QuestionOptions, question: (asked: AskedOfLog) => Promise<T>): Promise<T> {
  const directory = caseDirectory(options.case);
  const terminal = processTerminal();
  const knownAt = options.knownAt === undefined ? null : await knownPosition(directory, options.knownAt, terminal);
  const log = openLogForReading(directory);
  try {
    const times = timesOfLog(log, terminal);
    const instant = (text: string | undefined) =>
      text === undefined ? lastControlTime(log, knownAt) : readTime(text, times);
    return await question({ log, terminal, knownAt, times, instant });
  } finally {
    await log.close();
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

export function timesOfLog(log: EventLog, terminal: Terminal): TimeContext {
  return {
    now: systemClock(),
    tell: (message) => terminal.tell(message),
    timeAt: async (position) => {
      for await (const event of log.readAll({ from: (position - 1) as Position, until: position })) return event.time;
      return null;
    },
  };
}

async function endOfEvidence(kase: Case, knownAt: Position | null): Promise<Micros> {
  const traffic = lastTrafficTime(kase.views, knownAt);
  const control = await lastControlTime(kase.log, knownAt);
  if (traffic === null && control === null)
    throw new CommandError(exitCode.unknown, "the case holds no evidence yet: `conntrail import FILE…`");
  return traffic === null || (control !== null && control > traffic) ? control! : traffic;
}

async function lastControlTime(log: EventLog, knownAt: Position | null): Promise<Micros | null> {
  let last: Micros | null = null;
  const read = log.readAll({ until: knownAt ?? undefined, categories: controlCategories });
  for await (const { event } of standingControl(log, read, knownAt)) {
    if (last === null || event.time > last) last = event.time;
  }
  return last;
}

/** The last position that the log had by then; 0 where it had none. */
async function knownPosition(directory: string, text: string, terminal: Terminal): Promise<Position> {
  const position = /^@(\d+)$/.exec(text.trim());
  if (position !== null) return Number(position[1]) as Position;
  const times = { now: systemClock(), timeAt: async () => null, tell: (message: string) => terminal.tell(message) };
  const instant = await readTime(text, times);
  const log = openLogForReading(directory);
  try {
    let known = 0;
    for await (const event of log.readAll()) if (event.recordedAt <= instant) known = event.position;
    return known as Position;
  } finally {
    await log.close();
  }
}
