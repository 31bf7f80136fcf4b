import { addApplicationGroup, setAddressList, setMembership } from "@conntrail/engine";
import type { Command } from "commander";
import { type AppendOptions, append, asAppending } from "./append.js";

const tagExamples = `
Example:
  conntrail tag set Storage.WestEurope 20.38.108.0/23 20.47.8.0/23 --at 2026-03-18`;

const groupExamples = `
Examples:
  conntrail asg add web-servers
  conntrail asg set vm1-nic 10.1.0.4 web-servers
  conntrail asg set vm1-nic 10.1.0.4              a member of none`;

export function addTagCommands(program: Command): void {
  const tag = program
    .command("tag")
    .description("enter service tags and prefix lists by hand")
    .addHelpText("after", tagExamples);
  asAppending(tag.command("set").description("what the tag or list stands for from now on"))
    .argument("<name>", "of the service tag, or the id of the prefix list")
    .argument("<prefixes...>", "all of them")
    .action((list: string, prefixes: string[], options: AppendOptions) =>
      append(options, (state) => setAddressList(state, { list, prefixes })),
    );
}

export function addApplicationGroupCommands(program: Command): void {
  const group = program
    .command("asg")
    .description("enter application security groups by hand")
    .addHelpText("after", groupExamples);
  asAppending(group.command("add").description("make a group without members"))
    .argument("<name>", "its name, or a full id")
    .action((name: string, options: AppendOptions) => append(options, (state) => addApplicationGroup(state, { name })));
  asAppending(group.command("set").description("what an address is a member of from now on"))
    .argument("<interface>", "name or id")
    .argument("<address>", "one of its addresses")
    .argument("[groups...]", "all that it is a member of; none: of no group")
    .action((name: string, address: string, groups: string[], options: AppendOptions) =>
      append(options, (state) => setMembership(state, { interface: name, address, groups })),
    );
}
