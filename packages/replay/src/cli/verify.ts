import {
  asRecorded,
  catchUp,
  type EventLog,
  type LogVerification,
  openTemporaryViews,
  tableFullRows,
  type Views,
  verifyLog,
  viewsDigest,
} from "@conntrail/store";
import type { Command } from "commander";
import { openLogForReading } from "../case.js";
import { exitCode } from "../exit-code.js";
import { plural } from "../render/amount.js";
import { tableFullData, tableFullNote } from "../render/table-full.js";
import { ask, caseDirectory, caseOption, outputOption, type QuestionOptions } from "./question.js";
import { printAnswer, processTerminal, type Terminal } from "./terminal.js";

type Options = QuestionOptions & { readonly rebuild?: boolean };

const examples = `
Examples:
  conntrail verify
  conntrail verify --rebuild      also fold the log anew and compare

Ends with 0; with 4 if an event was altered, removed or reordered, or a rebuild differs.`;

export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("recompute the hash chain of the log, and the digest of the views")
    .addOption(caseOption())
    .addOption(outputOption())
    .option("--rebuild", "build the views anew from the log and compare")
    .addHelpText("after", examples)
    .action(async (options: Options) => {
      process.exitCode = await verify(options, processTerminal());
    });
}

/** The chain first, and the views only where it is whole: they can't be made of a damaged log. */
async function verify(options: Options, terminal: Terminal): Promise<number> {
  const { events, heads, problems, sealed } = await verifyChain(caseDirectory(options.case));
  const intact = problems.length === 0;
  const views = intact ? await ask(options, async ({ kase }) => readViews(kase.views)) : null;
  const digest = views?.digest ?? null;
  const rebuilt = intact && options.rebuild === true ? await ask(options, ({ kase }) => rebuiltDigest(kase.log)) : null;
  const equal = rebuilt === null || rebuilt === digest;
  await printAnswer(terminal, options.output, {
    text: () =>
      [
        intact
          ? `Chain intact: ${plural(events, "event")} in ${plural(heads.length, "stream")}.`
          : "The log is NOT intact:",
        ...problems.map((problem) => `  ${describeProblem(problem)}`),
        "There are no seals yet: a removed end of a stream can't be seen.",
        digestLine(digest, rebuilt),
        ...(views?.tableFull ?? []).map((full) => `Note: ${tableFullNote(full)}.`),
      ].join("\n"),
    data: () => ({
      intact,
      events,
      streams: heads.length,
      problems,
      sealed,
      viewsDigest: digest,
      rebuiltDigest: rebuilt,
      tableFull: views?.tableFull.map(tableFullData) ?? null,
    }),
  });
  return intact && equal ? exitCode.answer : exitCode.integrity;
}

function readViews(views: Views) {
  return { digest: viewsDigest(views), tableFull: tableFullRows(views) };
}

async function verifyChain(directory: string): Promise<LogVerification> {
  const log = openLogForReading(directory);
  try {
    return await verifyLog(log);
  } finally {
    await log.close();
  }
}

async function rebuiltDigest(log: EventLog): Promise<string> {
  const views = openTemporaryViews();
  try {
    await catchUp(log, views, asRecorded);
    return viewsDigest(views);
  } finally {
    views.close();
  }
}

function digestLine(digest: string | null, rebuilt: string | null): string {
  if (digest === null) return "The views were not looked at: they can't be made of a log that is not intact.";
  if (rebuilt === null) return `Views digest ${digest}`;
  return `Views digest ${digest}, ${rebuilt === digest ? "equal when built anew" : `but ${rebuilt} when built anew`}`;
}

function describeProblem(problem: { readonly kind: string; readonly message?: string }): string {
  const { kind, message, ...where } = problem;
  const details = Object.entries(where).map(([name, value]) => `${name} ${String(value)}`);
  return [`${kind}:`, details.join(", "), message ?? ""].join(" ").trim();
}
