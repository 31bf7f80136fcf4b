// A command as a process of its own: seconds by the clock and of processors, and the most memory it held.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const pollMillis = 10;
const ticksPerSecond = 100;

/** Linux tells of a process while it lives, so what its last ten milliseconds took is left out of `processor`. */
export async function runChild(command, args) {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  const said = [];
  child.stderr.on("data", (part) => said.push(part));
  let last = { processor: 0, peakBytes: 0 };
  const poll = setInterval(() => {
    last = usageOf(child.pid) ?? last;
  }, pollMillis);
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  clearInterval(poll);
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`\`${[command, ...args].join(" ")}\` ended with ${code}: ${Buffer.concat(said)}`);
  return { seconds, ...last };
}

function usageOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status);
    const [, rest] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const [user, system] = rest.split(" ").slice(11, 13).map(Number);
    return peak === null ? null : { processor: (user + system) / ticksPerSecond, peakBytes: Number(peak[1]) * 1024 };
  } catch {
    return null;
  }
}
