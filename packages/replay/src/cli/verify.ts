import { catchUp, openTemporaryViews, verifyLog, viewsDigest } from "@conntrail/store";
import type { Command } from "commander";
import { exitCode } from "../exit-code.js";
import { plural } from "../render/amount.js";
import { type Asked, ask, asQuestion, type QuestionOptions } from "./question.js";
import { printAnswer } from "./terminal.js";

type Options = QuestionOptions & { readonly rebuild?: boolean };

const examples = `
Examples:
  conntrail verify
  conntrail verify --rebuild      also fold the log anew and compare

Ends with 0; with 4 if an event was altered, removed or reordered, or a rebuild differs.`;

export function addVerify(program: Command): void {
  asQuestion(program.command("verify").description("recompute the hash chain of the log, and the digest of the views"))
    .option("--rebuild", "build the views anew from the log and compare")
    .addHelpText("after", examples)
    .action((options: Options) =>
      ask(options, async (asked) => {
        process.exitCode = await verify(asked, options);
      }),
    );
}

async function verify({ kase, terminal }: Asked, options: Options): Promise<number> {
  const { events, heads, problems, sealed } = await verifyLog(kase.log);
  const digest = viewsDigest(kase.views);
  const rebuilt = options.rebuild === true ? await rebuiltDigest(kase.log) : null;
  const intact = problems.length === 0;
  const equal = rebuilt === null || rebuilt === digest;
  await printAnswer(terminal, options.output, {
    text: () =>
      [
        intact
          ? `Chain intact: ${plural(events, "event")} in ${plural(heads.length, "stream")}.`
          : "The log is NOT intact:",
        ...problems.map((problem) => `  ${describeProblem(problem)}`),
        "There are no seals yet: a removed end of a stream can't be seen.",
        `Views digest ${digest}${rebuilt === null ? "" : equal ? ", equal when built anew" : `, but ${rebuilt} when built anew`}`,
      ].join("\n"),
    data: () => ({
      intact,
      events,
      streams: heads.length,
      problems,
      sealed,
      viewsDigest: digest,
      rebuiltDigest: rebuilt,
    }),
  });
  return intact && equal ? exitCode.answer : exitCode.integrity;
}

async function rebuiltDigest(log: Asked["kase"]["log"]): Promise<string> {
  const views = openTemporaryViews();
  try {
    await catchUp(log, views, { knownAt: null });
    return viewsDigest(views);
  } finally {
    views.close();
  }
}

function describeProblem(problem: { readonly kind: string; readonly message?: string }): string {
  const { kind, message, ...where } = problem;
  const details = Object.entries(where).map(([name, value]) => `${name} ${String(value)}`);
  return [`${kind}:`, details.join(", "), message ?? ""].join(" ").trim();
}
