// One router for each machine, in namespaces of its own. It exists only where the system lets it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Datagram } from "./datagram.js";
import { type Machine, machines } from "./network.js";
import { ruleset } from "./nft-ruleset.js";
import { Router } from "./router.js";
import { run } from "./superuser.js";

/** The reference of `linux` (DOMAIN 7.5). */
const reference = ["tcp_loose=1", "tcp_be_liberal=1", "checksum=0"];

/** The kernel's own, in seconds [L1]. */
const timeouts = {
  ...{ icmp_timeout: 30, icmpv6_timeout: 30, generic_timeout: 600, udp_timeout: 30, udp_timeout_stream: 120 },
  ...{ tcp_timeout_syn_sent: 120, tcp_timeout_syn_recv: 60, tcp_timeout_established: 432_000 },
  ...{ tcp_timeout_fin_wait: 120, tcp_timeout_close_wait: 60, tcp_timeout_last_ack: 30, tcp_timeout_time_wait: 120 },
  ...{ tcp_timeout_close: 10, tcp_timeout_max_retrans: 300, tcp_timeout_unacknowledged: 300 },
};

export const linuxTimeoutSeconds: readonly number[] = [...new Set(Object.values(timeouts))];

function settingsAt(pace: number): string[] {
  return [...reference, ...Object.entries(timeouts).map(([name, seconds]) => `${name}=${seconds / pace}`)];
}
const commands = ["ip", "nft", "conntrack", "sysctl"];

export class Lab {
  readonly #devices = mkdtempSync(join(tmpdir(), "conntrail-lab-"));
  readonly #routers: Router[] = [];

  constructor() {
    try {
      for (const { interface: name, addresses } of machines) {
        this.#routers.push(new Router(`${basename(this.#devices)}-${name}`, addresses, this.#devices));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Puts these rulesets in place, in the order of the machines, with no flow remembered; timeouts are `pace` times shorter. */
  begin(rulesets: readonly string[], pace: number): void {
    this.#routers.forEach((router, index) => {
      router.load(rulesets[index]!);
      router.setConntrack(settingsAt(pace));
      router.forgetFlows();
    });
  }

  load(machine: number, rules: string): void {
    this.#routers[machine]!.load(rules);
  }

  passes(machine: Machine, direction: "inbound" | "outbound", datagram: Datagram): boolean {
    const from = direction === "outbound" ? "machine" : "network";
    return this.#routers[machines.indexOf(machine)]!.passes(datagram, from);
  }

  close(): void {
    for (const router of this.#routers) router.close();
    rmSync(this.#devices, { recursive: true, force: true });
  }
}

/** Why there can be no lab here; null where there can. */
export function hindrance(): string | null {
  if (process.platform !== "linux") return "that needs Linux";
  if (process.getuid?.() !== 0) return "that needs root";
  const missing = commands.filter((command) => spawnSync(command, ["--help"]).error !== undefined);
  if (missing.length > 0) return `that needs ${missing.map((command) => `\`${command}\``).join(", ")}`;
  return failureOf(tryOut);
}

function tryOut(): void {
  const lab = new Lab();
  try {
    lab.begin(
      machines.map(() => ruleset({ subnet: null, interface: null })),
      1,
    );
  } finally {
    lab.close();
  }
}

function failureOf(attempt: () => void): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

export function kernelVersion(): string {
  return run("uname", ["-r"]).trim();
}
