import { addGroup, associateGroup, dissociateGroups, type GateTarget, setGroupFlush } from "@conntrail/engine";
import type { Command } from "commander";
import { usage } from "../exit-code.js";
import { type AppendOptions, append, asAppending, onOff } from "./append.js";

type Target = { readonly interface?: string; readonly subnet?: string };

const examples = `
Examples:
  conntrail group add nsg-web
  conntrail group associate nsg-web --subnet web
  conntrail group dissociate --interface vm1-nic
  conntrail group set nsg-web --flush on`;

export function addGroupCommands(program: Command): void {
  const group = program.command("group").description("enter security groups by hand").addHelpText("after", examples);
  asAppending(group.command("add").description("make an empty group"))
    .argument("<name>", "its name, or a full id")
    .option("--flush", "judge live flows anew on each edit (flushConnection)")
    .action((name: string, options: AppendOptions & { flush?: boolean }) =>
      append(options, (state) => addGroup(state, { name, flush: options.flush === true })),
    );
  asAppending(group.command("set").description("change a group's switch"))
    .argument("<group>", "name or id")
    .addOption(onOff("--flush <on|off>", "judge live flows anew on each edit (flushConnection)"))
    .action((name: string, options: AppendOptions & { flush: string }) =>
      append(options, (state) => setGroupFlush(state, { group: name, flush: options.flush === "on" })),
    );
  addAssociations(group);
}

function addAssociations(group: Command): void {
  asTarget(group.command("associate").description("put a group before an interface or a subnet"))
    .argument("<group>", "name or id")
    .action((name: string, options: AppendOptions & Target) => {
      const target = readTarget(options);
      return append(options, (state) => associateGroup(state, { group: name, target }));
    });
  asTarget(group.command("dissociate").description("leave an interface or a subnet without group")).action(
    (options: AppendOptions & Target) => {
      const target = readTarget(options);
      return append(options, (state) => dissociateGroups(state, { target }));
    },
  );
}

function asTarget(command: Command): Command {
  return asAppending(command).option("--interface <name>", "name or id").option("--subnet <name>", "name or id");
}

function readTarget({ interface: atInterface, subnet }: Target): GateTarget {
  if (atInterface !== undefined && subnet === undefined) return { gate: "interface", name: atInterface };
  if (subnet !== undefined && atInterface === undefined) return { gate: "subnet", name: subnet };
  throw usage("give --interface or --subnet");
}
