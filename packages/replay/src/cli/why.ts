import type { Conversation, Micros } from "@conntrail/engine";
import type { Command } from "commander";
import { exitCode, usage } from "../exit-code.js";
import { readConversation } from "../query/endpoint.js";
import { conversationOf, flowById } from "../query/flows.js";
import { type WhyAnswer, why } from "../query/why.js";
import { renderWhy, whyData, whyVerdict } from "../render/why.js";
import { type Asked, ask, asQuestion, type QuestionOptions, semanticsOption, settingOption } from "./question.js";
import { printAnswer, type Terminal } from "./terminal.js";

type Options = QuestionOptions & { readonly at?: string; readonly new?: boolean };

const examples = `
Examples:
  conntrail why 203.0.113.7:51514 10.1.0.4:22/tcp --at 2026-03-18T10:05:00Z
  conntrail why 203.0.113.7 10.1.0.4:22/tcp            any source port; at the end of the evidence
  conntrail why 203.0.113.7 10.1.0.4:22/tcp --new      would a new connection be allowed?
  conntrail why f-8c2k                                 a flow record, by the beginning of its id

Ends with 0; with 3 if the evidence does not settle it.`;

export function addWhy(program: Command): void {
  asQuestion(program.command("why").description("why was this connection allowed, or denied, at that instant?"))
    .argument("<source>", "address, address:port, or the id of a flow record")
    .argument("[destination]", "address:port/protocol; default protocol tcp")
    .option("--at <time>", "the instant; default: the end of the evidence, of a flow record its last packet")
    .option("--new", "judge a new connection, whatever flow record is live")
    .addOption(semanticsOption())
    .addOption(settingOption())
    .addHelpText("after", examples)
    .action((source: string, destination: string | undefined, options: Options) =>
      ask(options, async (asked) => {
        const { conversation, lastSeen } = readConnection(asked, source, destination);
        const at = options.at === undefined && lastSeen !== null ? lastSeen : await asked.instant(options.at);
        const { knownAt } = asked;
        const answer = await why(asked.kase, { conversation, at, knownAt, newOnly: options.new === true });
        process.exitCode = await printWhy(asked.terminal, options.output, answer);
      }),
    );
}

export async function printWhy(terminal: Terminal, output: Options["output"], answer: WhyAnswer): Promise<number> {
  await printAnswer(terminal, output, { text: () => renderWhy(answer, terminal.style), data: () => whyData(answer) });
  const verdict = whyVerdict(answer);
  return verdict === "unknown" || verdict === "none" ? exitCode.unknown : exitCode.answer;
}

/** `lastSeen`: of the flow record, where one was named; the instant asked about unless `--at` says otherwise. */
type Connection = { readonly conversation: Conversation; readonly lastSeen: Micros | null };

function readConnection({ kase }: Asked, source: string, destination: string | undefined): Connection {
  if (destination === undefined) {
    if (!source.toLowerCase().startsWith("f-")) {
      throw usage("name a source and a destination, or the id of a flow record");
    }
    const row = flowById(kase, source);
    return { conversation: conversationOf(row), lastSeen: row.last_seen as Micros };
  }
  return { conversation: readConversation(source, destination), lastSeen: null };
}
