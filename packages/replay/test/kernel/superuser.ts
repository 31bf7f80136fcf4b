// Runs the system's own commands; one that fails is an error with its words.

import { spawnSync } from "node:child_process";

export function run(command: string, args: readonly string[], input = ""): string {
  const ran = spawnSync(command, args, { input });
  if (ran.error !== undefined) throw ran.error;
  if (ran.status === 0) return ran.stdout.toString();
  throw new Error(`\`${command} ${args.join(" ")}\`: ${ran.stderr.toString().trim()}\n${input}`);
}
