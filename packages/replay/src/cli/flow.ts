import { flushFlows, formatAddress } from "@conntrail/engine";
import type { Command } from "commander";
import { usage } from "../exit-code.js";
import { readConversation } from "../query/endpoint.js";
import { type AppendOptions, append, asAppending } from "./append.js";

const examples = `
Examples:
  conntrail flow flush                                          all flow records, everywhere
  conntrail flow flush --interface vm1-nic
  conntrail flow flush 203.0.113.7:51514 10.1.0.4:22/tcp        those of one connection`;

export function addFlowCommands(program: Command): void {
  const flow = program.command("flow").description("act on flow records by hand").addHelpText("after", examples);
  asAppending(flow.command("flush").description("drop flow records, as `conntrack -D` does"))
    .argument("[source]", "address, or address:port")
    .argument("[destination]", "address:port/protocol; default protocol tcp")
    .option("--interface <name>", "only there")
    .action(
      (
        source: string | undefined,
        destination: string | undefined,
        options: AppendOptions & { interface?: string },
      ) => {
        const connection = readConnection(source, destination);
        return append(options, (state) => flushFlows(state, { interface: options.interface ?? null, connection }));
      },
    );
}

function readConnection(source: string | undefined, destination: string | undefined) {
  if (source === undefined) return null;
  if (destination === undefined) throw usage("give source and destination, or neither");
  const { a, b, ...rest } = readConversation(source, destination);
  return { ...rest, a: formatAddress(a), b: formatAddress(b) };
}
