import { deleteRule, type RuleText, setRule } from "@conntrail/engine";
import type { Command } from "commander";
import { type AppendOptions, append, asAppending } from "./append.js";

type Options = AppendOptions & {
  readonly priority?: string;
  readonly direction?: string;
  readonly access?: string;
  readonly protocol?: string;
  readonly from?: readonly string[];
  readonly fromPort?: readonly string[];
  readonly to?: readonly string[];
  readonly toPort?: readonly string[];
  readonly description?: string;
};

const examples = `
Examples:
  conntrail rule set nsg-web ssh --priority 100 --direction inbound --access allow --protocol tcp --from 203.0.113.7 --to-port 22
  conntrail rule set nsg-web ssh --from 203.0.113.0/24      what is left out keeps its value
  conntrail rule set nsg-web db --from asg:front --to asg:db --to-port 1433 --priority 200 --direction inbound --access allow
  conntrail rule delete nsg-web ssh --at 2026-03-18T10:00:00Z`;

export function addRuleCommands(program: Command): void {
  const rule = program.command("rule").description("enter edits of rules by hand").addHelpText("after", examples);
  asAppending(rule.command("set").description("make a rule, or change it"))
    .argument("<group>", "name or id")
    .argument("<name>", "of the rule")
    .option("--priority <number>", "100 to 4096; the lowest is asked first")
    .option("--direction <direction>", "inbound or outbound")
    .option("--access <access>", "allow or deny")
    .option("--protocol <protocol>", "tcp, udp, icmp, esp, ah or *; a new rule: *")
    .option("--from <addresses...>", "addresses, prefixes, a service tag, asg:NAME (AWS: sg:NAME), or *; a new rule: *")
    .option("--from-port <ports...>", "22, 1000-2000 or *; a new rule: *")
    .option("--to <addresses...>", "as --from")
    .option("--to-port <ports...>", "as --from-port")
    .option("--description <text>", "empty: none")
    .addHelpText("after", examples)
    .action((group: string, name: string, options: Options) =>
      append(options, (state) => setRule(state, { group, rule: name, text: textOf(options) })),
    );
  asAppending(rule.command("delete").description("delete a rule"))
    .argument("<group>", "name or id")
    .argument("<name>", "of the rule")
    .action((group: string, name: string, options: AppendOptions) =>
      append(options, (state) => deleteRule(state, { group, rule: name })),
    );
}

function textOf({ fromPort, toPort, ...options }: Options): RuleText {
  const { priority, direction, access, protocol, from, to, description } = options;
  const given = { priority, direction, access, protocol, from, to, description, fromPorts: fromPort, toPorts: toPort };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
