import type { Command } from "commander";
import { createCase, findCase, newCaseDirectory } from "../case.js";
import { caseOption } from "./question.js";
import { processTerminal } from "./terminal.js";

export function addInit(program: Command): void {
  program
    .command("init")
    .description("make an empty case")
    .argument("[directory]", "where; default: .conntrail in the working directory")
    .addOption(caseOption())
    .addHelpText("after", "\nExample:\n  conntrail init case-114")
    .action(async (directory: string | undefined, options: { case?: string }) => {
      const where = newCaseDirectory(directory ?? options.case, process.cwd());
      const { tell } = processTerminal();
      if (findCase(where, process.cwd()) === where)
        return tell(`there is a case in \`${where}\` already; nothing to do`);
      await createCase(where);
      tell(`made an empty case in \`${where}\``);
    });
}
