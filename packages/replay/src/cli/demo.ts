import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Micros, microsPerSecond } from "@conntrail/engine";
import type { FlowTable } from "@conntrail/store";
import type { Command } from "commander";
import { type Case, openForQuestions } from "../case.js";
import { CommandError, exitCode } from "../exit-code.js";

import { conversationOf, flows, isReported } from "../query/flows.js";
import { why } from "../query/why.js";
import { importPaths } from "./import.js";
import { processTerminal, type Terminal } from "./terminal.js";
import { printWhy } from "./why.js";

const exampleDirectory = fileURLToPath(new URL("../../../../examples/jit-ssh", import.meta.url));

export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("import the recorded example case and answer its two questions")
    .option("--case <directory>", "where to make the case; default: .conntrail-demo in the working directory")
    .action((options: { case?: string }) => runDemo(options.case ?? ".conntrail-demo", processTerminal()));
}

async function runDemo(directory: string, terminal: Terminal): Promise<void> {
  const evidence = join(exampleDirectory, "evidence");
  if (!existsSync(evidence)) {
    throw new CommandError(
      exitCode.nothingUsable,
      `the example is not at \`${evidence}\`: run the demo in a clone of the project`,
    );
  }
  const takenAt = readFileSync(join(exampleDirectory, "taken-at"), "utf8").trim();
  const { bold } = terminal.style;
  await terminal.out(
    `${bold("1. The evidence")}: a packet capture, an Activity Log, and the network as az shows it\n\n`,
  );
  await importPaths([relative(process.cwd(), evidence)], { case: directory, output: "table", takenAt }, terminal);
  const kase = await openForQuestions(directory);
  try {
    await answerQuestions(kase, directory, terminal);
  } finally {
    await kase.close();
  }
}

/** Before the end of the session, so that it is asked about while it moves data. */
const tenSeconds = 10 * microsPerSecond;

async function answerQuestions(kase: Case, directory: string, terminal: Terminal): Promise<void> {
  const { bold } = terminal.style;
  const session = await longestSession(kase);
  const at = (session.last_seen - tenSeconds) as Micros;
  const question = { conversation: conversationOf(session), at, knownAt: null };
  await terminal.out(`\n${bold("2. The rule was deleted. Why was this SSH session still allowed?")}\n\n`);
  await printWhy(terminal, "table", await why(kase, { ...question, newOnly: false }));
  await terminal.out(`\n${bold("3. Would a new one be allowed at that instant?")}\n\n`);
  await printWhy(terminal, "table", await why(kase, { ...question, newOnly: true }));
  await terminal.out(`\n${tryNext(directory, session)}\n`);
}

/** Of the SSH sessions the one that moved most. */
async function longestSession(kase: Case): Promise<FlowTable> {
  const everything = { at: null, since: null, until: null, from: null, interface: null };
  const sessions = [...flows(kase, { ...everything, to: "10.1.0.4:22/tcp" })].filter(
    (row): row is FlowTable => !isReported(row),
  );
  return sessions.reduce((most, row) => (row.bytes_backward > most.bytes_backward ? row : most));
}

function tryNext(directory: string, session: FlowTable): string {
  const option = `--case ${directory}`;
  return `Try next:
  npx conntrail flows ${option} --to 10.1.0.4
  npx conntrail rules ${option} --group nsg-web --history
  npx conntrail at ${option} @7
  npx conntrail why ${session.id} ${option} -o json
  npx conntrail verdicts ${option} -o ndjson
  npx conntrail import ${option} YOUR-CAPTURE.pcap`;
}
