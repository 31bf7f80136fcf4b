import type { Command } from "commander";
import { findCase, makeCaseDirectory, makeLog, newCaseDirectory } from "../case.js";
import { caseOption } from "./question.js";
import { processTerminal, type Terminal } from "./terminal.js";
import { lockedIn } from "./writing.js";

export function addInit(program: Command): void {
  program
    .command("init")
    .description("make an empty case")
    .argument("[directory]", "where; default: .conntrail in the working directory")
    .addOption(caseOption())
    .addHelpText("after", "\nExample:\n  conntrail init case-114")
    .action(async (directory: string | undefined, options: { case?: string }) => {
      await init(newCaseDirectory(directory ?? options.case, process.cwd()), processTerminal());
    });
}

async function init(where: string, terminal: Terminal): Promise<void> {
  const isThere = findCase(where, process.cwd()) === where;
  if (!isThere) makeCaseDirectory(where);
  const made = !isThere && (await lockedIn(where, terminal, () => makeLog(where)));
  terminal.tell(made ? `made an empty case in \`${where}\`` : `there is a case in \`${where}\` already; nothing to do`);
}
