import { addNetwork, setFlowTimeout } from "@conntrail/engine";
import type { Command } from "commander";
import { usage } from "../exit-code.js";
import { type AppendOptions, append, asAppending } from "./append.js";

type AddOptions = AppendOptions & { readonly prefix: readonly string[]; readonly subnet?: readonly string[] };

const examples = `
Examples:
  conntrail network add vnet-prod --prefix 10.1.0.0/16 --subnet web=10.1.0.0/24 db=10.1.1.0/24
  conntrail network set vnet-prod --flow-timeout 30`;

export function addNetworkCommands(program: Command): void {
  const network = program.command("network").description("enter networks by hand").addHelpText("after", examples);
  asAppending(network.command("add").description("make a virtual network with its subnets"))
    .argument("<name>", "its name, or a full id")
    .requiredOption("--prefix <prefixes...>", "its address space")
    .option("--subnet <name=prefix...>", "its subnets, each with its prefixes: web=10.1.0.0/24,2001:db8::/64")
    .action((name: string, options: AddOptions) => {
      const subnets = (options.subnet ?? []).map(readSubnet);
      return append(options, (state) => addNetwork(state, { name, prefixes: options.prefix, subnets }));
    });
  asAppending(network.command("set").description("change a network's setting"))
    .argument("<network>", "name or id")
    .requiredOption("--flow-timeout <minutes>", "4 to 30 (FlowTimeoutInMinutes), or none")
    .action((name: string, options: AppendOptions & { flowTimeout: string }) => {
      const minutes = readMinutes(options.flowTimeout);
      return append(options, (state) => setFlowTimeout(state, { network: name, minutes }));
    });
}

function readSubnet(text: string) {
  const [name = "", prefixes = ""] = text.split("=", 2);
  if (name === "" || prefixes === "") throw usage(`\`${text}\` is no subnet: use NAME=PREFIX, as in web=10.1.0.0/24`);
  return { name, prefixes: prefixes.split(",") };
}

function readMinutes(text: string): number | null {
  if (text === "none") return null;
  if (!/^\d+$/.test(text)) throw usage(`\`${text}\` is no number of minutes: use 4 to 30, or none`);
  return Number(text);
}
