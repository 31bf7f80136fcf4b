// Commands that enter just-in-time access by hand: set a policy, ask for access, revoke it.

import {
  type AccessDecision,
  type AccessPolicyPort,
  type ControlState,
  decideAccess,
  decidePolicy,
  decideRevocation,
  type Micros,
  microsPerSecond,
  toMicros,
} from "@conntrail/engine";
import type { Command } from "commander";
import { usage } from "../exit-code.js";
import { describeAccessRefusals, describeAccessRemark } from "../render/jit-refusal.js";
import { readDuration } from "../time-expression.js";
import { type AppendOptions, appendByHand, asAppending } from "./append.js";

const policyExamples = `
Examples:
  conntrail jit policy set default vm1 22/tcp 3389/tcp --max 3h
  conntrail jit policy set default vm1 22 --from 203.0.113.0/24 --from 198.51.100.7
  conntrail jit policy set default vm1                    the machine leaves the policy`;

const requestExamples = `
Examples:
  conntrail jit request vm1 22 --for 1h --from 203.0.113.7 --why "ticket 7"
  conntrail jit request vm1 22/tcp 3389/tcp --by alice --at 2026-03-18T09:00:00Z`;

type PolicyOptions = AppendOptions & { readonly from?: string[]; readonly max: string };
type RequestOptions = AppendOptions & {
  readonly for?: string;
  readonly from?: string[];
  readonly why?: string;
  readonly policy?: string;
};

export function addJitCommands(jit: Command): void {
  const policy = jit.command("policy").description("just-in-time policies").addHelpText("after", policyExamples);
  asAppending(policy.command("set").description("which ports of a machine may be asked for; all others are denied"))
    .argument("<policy>", "name or id; a new name makes a policy")
    .argument("<machine>", "name or id")
    .argument("[ports...]", "22, 22/tcp or 53/udp, all that may be asked for; none: the machine leaves the policy")
    .option("--from <source>", "where from: address, prefix or *, again for more; default: *", listed)
    .option("--max <duration>", "for how long at most", "3h")
    .action((name: string, machine: string, ports: string[], options: PolicyOptions) => {
      const allowed = ports.map((text) => policyPort(text, options));
      return enter(options, (state) => decidePolicy(state, { policy: name, machine, ports: allowed }));
    });
  asAppending(jit.command("request").description("ask for access, which the policy grants or refuses"))
    .argument("<machine>", "name or id")
    .argument("<ports...>", "22, 22/tcp or 53/udp")
    .option("--from <source>", "where from: address, prefix or *, again for more", listed)
    .option("--for <duration>", "how long; default: as long as the policy allows")
    .option("--why <justification>", "what for")
    .option("--policy <name>", "name or id, where several cover the machine")
    .addHelpText("after", requestExamples)
    .action((machine: string, ports: string[], options: RequestOptions) => request(machine, ports, options));
  asAppending(jit.command("revoke").description("end access before its time is up"))
    .argument("<grant>", "id, or its beginning: see `conntrail jit`")
    .action((grant: string, options: AppendOptions) => enter(options, (state) => decideRevocation(state, { grant })));
}

/** Of an option that may be given again. */
function listed(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function enter(options: AppendOptions, decide: (state: ControlState) => AccessDecision): Promise<void> {
  return appendByHand(options, {
    decide,
    describeRefusal: describeAccessRefusals,
    describeRemark: describeAccessRemark,
  });
}

function request(machine: string, ports: readonly string[], options: RequestOptions): Promise<void> {
  const span = options.for === undefined ? null : readDuration(options.for);
  const until = (at: Micros) => (span === null ? null : toMicros(at + span));
  const named = ports.map(readPort);
  return enter(options, (state) => {
    const asked = named.map(({ port, protocol }) => ({
      machine,
      port,
      sources: options.from ?? null,
      until: until(state.at),
      ...(protocol !== null && { protocol }),
    }));
    const { policy = null, why: justification = null } = options;
    return decideAccess(state, { policy, asked, from: null, justification });
  });
}

function policyPort(text: string, { from = ["*"], max }: PolicyOptions): AccessPolicyPort {
  const { port, protocol } = readPort(text);
  return { port, protocol: protocol ?? "*", sources: from, maxDurationSeconds: readDuration(max) / microsPerSecond };
}

function readPort(text: string): { readonly port: number; readonly protocol: AccessPolicyPort["protocol"] | null } {
  const match = /^(\d{1,5})(?:\/(tcp|udp|\*))?$/i.exec(text);
  if (match === null) throw usage(`\`${text}\` is no port: use 22, 22/tcp or 53/udp`);
  const protocol = (match[2]?.toLowerCase() ?? null) as AccessPolicyPort["protocol"] | null;
  return { port: Number(match[1]), protocol };
}
