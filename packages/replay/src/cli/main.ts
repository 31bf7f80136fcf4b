// The command line: every command in a file of its own, and one place where errors become a line and an exit code.

import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { LogError, type LogErrorKind } from "@conntrail/store";
import { Command, CommanderError } from "commander";
import { CommandError, type ExitCode, exitCode } from "../exit-code.js";
import { addAt } from "./at.js";
import { addCheck } from "./check.js";
import { addDemo } from "./demo.js";
import { addDiff } from "./diff.js";
import { addFlowCommands } from "./flow.js";
import { addFlows } from "./flows.js";
import { addGaps } from "./gaps.js";
import { addGroupCommands } from "./group.js";
import { addImport } from "./import.js";
import { addInit } from "./init.js";
import { addInterfaceCommands } from "./interface.js";
import { addJit } from "./jit.js";
import { addLog } from "./log.js";
import { addNetworkCommands } from "./network.js";
import { addRetract } from "./retract.js";
import { addRuleCommands } from "./rule.js";
import { addRules } from "./rules.js";
import { addSources } from "./sources.js";
import { addApplicationGroupCommands, addTagCommands } from "./tag.js";
import { addTraffic } from "./traffic.js";
import { addVerdicts } from "./verdicts.js";
import { addVerify } from "./verify.js";
import { addWhy } from "./why.js";

const examples = `
Begin with:
  conntrail demo                                         the recorded example
  conntrail import capture.pcap nsg.json nic.json vnet.json activity-log.jsonl
  conntrail why 203.0.113.7 10.1.0.4:22/tcp --at 2026-03-18T10:05:00Z

Times: 2026-03-18T10:05:00Z, 2026-03-18, "2h ago", now, @position. A time without a zone is UTC.
Exit codes: 0 the answer, 1 findings or problems, 2 usage, 3 unknown for want of evidence, 4 integrity failure,
65 nothing usable in the input, 70 our fault, 73 the case can't be written.`;

/** A case is also a laboratory: these enter events by hand. */
const appending = [
  addRuleCommands,
  addGroupCommands,
  addInterfaceCommands,
  addNetworkCommands,
  addTagCommands,
  addApplicationGroupCommands,
  addFlowCommands,
];

function buildProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const program = new Command("conntrail")
    .description("a flight recorder for stateful firewalls: why was this connection still allowed?")
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError("(see `conntrail --help`)")
    .addHelpText("after", examples)
    .exitOverride();
  for (const add of [
    addInit,
    addImport,
    addSources,
    addRetract,
    addLog,
    addAt,
    addWhy,
    addFlows,
    addRules,
    addCheck,
    addGaps,
    addJit,
    addDiff,
    addVerdicts,
    addTraffic,
    addVerify,
    addDemo,
  ])
    add(program);
  for (const add of appending) add(program);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride();
  return program;
}

const logErrorCodes: { readonly [kind in LogErrorKind]: ExitCode } = {
  missing: exitCode.usage,
  "not-a-log": exitCode.usage,
  unreadable: exitCode.usage,
  "read-only": exitCode.cannotWrite,
  "newer-schema": exitCode.cannotWrite,
  "older-schema": exitCode.cannotWrite,
  "newer-event": exitCode.cannotWrite,
  "append-too-large": exitCode.ourFault,
  busy: exitCode.cannotWrite,
  full: exitCode.cannotWrite,
  damaged: exitCode.integrity,
};

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.answer : exitCode.usage;
  if (error instanceof CommandError) return told(error.message, error.code);
  if (error instanceof LogError) return told(error.message, logErrorCodes[error.kind]);
  const reason = error instanceof Error ? error.message : String(error);
  const detail =
    process.env.CONNTRAIL_DEBUG && error instanceof Error ? `\n${error.stack}` : "; CONNTRAIL_DEBUG=1 shows where";
  return told(`this is our fault, please report it: ${reason}${detail}`, exitCode.ourFault);
}

function told(message: string, code: ExitCode): ExitCode {
  process.stderr.write(`conntrail: ${message}\n`);
  return code;
}

/**
 * V8 lets its heap grow to four times what is alive before it cleans up. Twice is enough: what sensors reported in 1.8
 * million lines is projected in 325 MB instead of 370 to 450, and in no more time (measured 2026-11 with Node 20.20).
 */
setFlagsFromString("--heap-growing-percent=100");

/** A reader such as `head` that has seen enough is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? exitCode.answer : exitCode.ourFault);
});

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
