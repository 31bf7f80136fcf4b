import { addInterface, removeInterface, setTcpStateTracking } from "@conntrail/engine";
import type { Command } from "commander";
import { type AppendOptions, append, asAppending, onOff } from "./append.js";

type AddOptions = AppendOptions & {
  readonly address: readonly string[];
  readonly subnet: string;
  readonly group?: readonly string[];
  readonly machine?: string;
};

const examples = `
Examples:
  conntrail interface add vm1-nic --address 10.1.0.4 --subnet web --group nsg-web --machine vm1
  conntrail interface set vm1-nic --tcp-state-tracking off
  conntrail interface remove vm1-nic --at 2026-03-18T10:00:00Z`;

export function addInterfaceCommands(program: Command): void {
  const at = program.command("interface").description("enter interfaces by hand").addHelpText("after", examples);
  asAppending(at.command("add").description("make an interface"))
    .argument("<name>", "its name, or a full id")
    .requiredOption("--address <addresses...>", "its addresses")
    .requiredOption("--subnet <name>", "name or id")
    .option("--group <names...>", "the security group before it; of AWS several")
    .option("--machine <name>", "the machine that it belongs to")
    .action((name: string, options: AddOptions) => {
      const { address: addresses, subnet, group: groups = [], machine = null } = options;
      return append(options, (state) => addInterface(state, { name, addresses, subnet, groups, machine }));
    });
  asAppending(at.command("remove").description("remove an interface"))
    .argument("<interface>", "name or id")
    .action((name: string, options: AppendOptions) =>
      append(options, (state) => removeInterface(state, { interface: name })),
    );
  asAppending(at.command("set").description("change an interface's switch"))
    .argument("<interface>", "name or id")
    .addOption(onOff("--tcp-state-tracking <on|off>", "off: rules judge packets in the middle of a connection, too"))
    .action((name: string, options: AppendOptions & { tcpStateTracking: string }) => {
      const tracking = options.tcpStateTracking === "on";
      return append(options, (state) => setTcpStateTracking(state, { interface: name, tracking }));
    });
}
