import { interfaceOfPlace, type Micros } from "@conntrail/engine";
import { asRecorded, catchUp, overlappingCaptures, sources, systemClock, tableFullRows } from "@conntrail/store";
import { type Command, Option } from "commander";
import { type Case, openForImport, openLogForReading } from "../case.js";
import { type ExitCode, exitCode, usage } from "../exit-code.js";
import { allImporters } from "../importers/all-importers.js";
import { type FormatChoice, parseFormat } from "../importers/format-choice.js";
import { Appender } from "../importing/appender.js";
import { fileBytes } from "../importing/content.js";
import { bytesOf, type EvidenceFile, filesUnder } from "../importing/evidence-file.js";
import { type FileReport, failedReport } from "../importing/file-report.js";
import { type ImportOptions, type ImportTarget, importFile, keepRefused } from "../importing/import-file.js";
import { importStandardInput } from "../importing/import-standard-input.js";
import { hashContent } from "../importing/source-name.js";
import { unpack } from "../importing/unpacking.js";
import { importProblems, type ProblemsAnswer } from "../query/problems.js";
import { problemLines, reportData } from "../render/import.js";
import { renderReports } from "../render/import-table.js";
import { problemItems, renderProblems } from "../render/problems.js";
import { tableFullNote } from "../render/table-full.js";
import { readTime } from "../time-expression.js";
import { foldProgress, progressBar } from "./progress.js";
import { caseDirectory, caseOption, outputOption } from "./question.js";
import { type OutputFormat, printAnswer, processTerminal, type Terminal } from "./terminal.js";
import { writingTo } from "./writing.js";

type Options = {
  readonly case?: string;
  readonly output: OutputFormat;
  readonly takenAt?: string;
  readonly interface?: string;
  readonly format?: string;
  readonly problems?: boolean;
};

/** What the user says of all files of the command. */
type UserOptions = Omit<ImportOptions, "onBytes" | "onPackets">;

/** A file, or null for standard input. */
type Input = EvidenceFile | null;

const examples = `
Examples:
  conntrail import capture.pcap activity-log.jsonl
  conntrail import nsg.json nic.json vnet.json --taken-at 2026-03-18T12:00:00Z
  conntrail import evidence/                    a directory, with all below it
  conntrail import export.zip logs.tar.gz       archives, as if they were directories
  tcpdump -i eth0 -U -w - | conntrail import -  live, until Ctrl-C; questions work meanwhile
  conntrail import nic1.pcap --interface vm1-nic
  conntrail import --problems                   what could not be read, of the whole case
  conntrail import flows.log --format 'version interface-id srcaddr dstaddr …'

Formats are recognised by content, or named with --format (docs/evidence.md says how to get each):
${allImporters.map(({ format, title }) => `  ${format.padEnd(22)} ${title}`).join("\n")}

Ends with 0; 1 if anything was wrong in the input (what was good is kept); 65 if nothing was usable; 73 if the case
can't be written.`;

export function addImport(program: Command): void {
  program
    .command("import")
    .description("put evidence into the case")
    .argument("[paths...]", "files, archives (zip, tar), directories, or - for standard input")
    .addOption(caseOption())
    .addOption(new Option("--taken-at <time>", "when snapshots (az … show) were taken; they carry no time themselves"))
    .addOption(
      new Option("--interface <name>", "the network interface at which all captures of this command were taken"),
    )
    .addOption(new Option("--format <name>", "read all files of this command so, whatever they look like"))
    .option("--problems", "list the problems of all imports of the case, with their kinds; paths are imported before")
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action(async (paths: string[], options: Options) => {
      const terminal = processTerminal();
      if (paths.length === 0) process.exitCode = await listProblems(options, terminal);
      else process.exitCode = await importPaths(paths, options, terminal);
    });
}

export async function importPaths(paths: readonly string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  const importOptions = await readOptions(options, terminal);
  const { inputs, missing } = collect(paths);
  const reports = [...missing, ...(await importInputs(inputs, options, importOptions, terminal))];
  const problems = options.problems === true ? await problemsOfCase(options) : null;
  return close({ reports, problems }, options.output, terminal);
}

async function listProblems(options: Options, terminal: Terminal): Promise<ExitCode> {
  if (options.problems !== true) throw usage("what to import? give files, directories, or `-`");
  const problems = await problemsOfCase(options);
  await printAnswer(terminal, options.output, {
    text: () => [...renderProblems(problems, terminal.style)].join("\n"),
    data: () => problems,
    items: () => problemItems(problems),
  });
  return problems.problemCount > 0 ? exitCode.findings : exitCode.answer;
}

async function problemsOfCase(options: Options): Promise<ProblemsAnswer> {
  const log = openLogForReading(caseDirectory(options.case));
  try {
    return await importProblems(log);
  } finally {
    await log.close();
  }
}

async function readOptions(options: Options, terminal: Terminal): Promise<UserOptions> {
  const times = { now: systemClock(), timeAt: async () => null, tell: terminal.tell };
  const takenAt: Micros | null = options.takenAt === undefined ? null : await readTime(options.takenAt, times);
  return { takenAt, interface: options.interface ?? null, format: readFormat(options.format) };
}

function readFormat(text: string | undefined): FormatChoice | null {
  if (text === undefined) return null;
  const choice = parseFormat(text);
  if (choice !== null) return choice;
  const names = allImporters.map(({ format }) => format).join(", ");
  throw usage(`\`${text}\` is no format: use ${names}, or the fields of a VPC flow log in their order`);
}

function collect(paths: readonly string[]) {
  const inputs: Input[] = [];
  const missing: FileReport[] = [];
  for (const path of paths) {
    const found = path === "-" ? [null] : findUnder(path);
    if (typeof found === "string") missing.push(failedReport(path, "unreadable", found));
    else if (found.length === 0) missing.push(failedReport(path, "unreadable", "there is no file in the directory"));
    else inputs.push(...found);
  }
  if (inputs.filter((input) => input === null).length > 1) throw usage("standard input can be read once: give one `-`");
  return { inputs, missing };
}

function findUnder(path: string): EvidenceFile[] | string {
  try {
    return filesUnder(path);
  } catch (error) {
    return systemReason(error);
  }
}

function systemReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  if (code === null) throw error;
  if (code === "ENOENT") return "there is no such file";
  return code === "EACCES" ? "it can't be read: permission denied" : `it can't be read (${code})`;
}

async function importInputs(
  inputs: readonly Input[],
  options: Options,
  importOptions: UserOptions,
  terminal: Terminal,
): Promise<FileReport[]> {
  if (inputs.length === 0) return [];
  return writingTo(options.case, terminal, (directory) =>
    withCase(directory, (kase) => importAll(kase, inputs, importOptions, terminal)),
  );
}

async function withCase<T>(directory: string, action: (kase: Case) => Promise<T>): Promise<T> {
  const kase = await openForImport(directory);
  try {
    return await action(kase);
  } finally {
    await kase.close();
  }
}

async function importAll(
  kase: Case,
  inputs: readonly Input[],
  options: UserOptions,
  terminal: Terminal,
): Promise<FileReport[]> {
  const target = { appender: new Appender(kase.log), views: kase.views };
  const bar = progressBar(terminal, { title: "importing", bytes: totalBytes(inputs), packets: null });
  const heard = { ...options, onBytes: bar.bytes, onPackets: bar.packets };
  const reports: FileReport[] = [];
  try {
    for (const input of inputs) for await (const report of importInput(input, heard, target)) reports.push(report);
  } finally {
    bar.stop();
  }
  const fold = foldProgress(terminal);
  await catchUp(kase.log, kase.views, { ...asRecorded, progress: fold.advance }).finally(fold.stop);
  tellOverlaps(kase, terminal);
  for (const full of tableFullRows(kase.views)) terminal.tell(`note: ${tableFullNote(full)}`);
  return reports;
}

function tellOverlaps(kase: Case, terminal: Terminal): void {
  const names = new Map(sources(kase.views).map(({ sha256, name }) => [sha256, name]));
  for (const { place, sha256s } of overlappingCaptures(kase.views)) {
    const [one, other] = sha256s.map((sha256) => names.get(sha256) ?? sha256);
    const where = interfaceOfPlace(place) ?? "one place";
    terminal.tell(`${one} and ${other} were both taken at ${where} and overlap in time: packets may count twice`);
  }
}

/** Null where one of them is standard input. */
function totalBytes(inputs: readonly Input[]): number | null {
  if (inputs.includes(null)) return null;
  return inputs.reduce((sum, input) => sum + bytesOf(input!), 0);
}

/** One report, or of an archive one for each file in it. */
async function* importInput(input: Input, options: ImportOptions, target: ImportTarget): AsyncIterable<FileReport> {
  try {
    if (input === null) yield await importStandardInput(process.stdin, options, target);
    else yield* importUnpacked(input, options, target);
  } catch (error) {
    if (!isFileError(error)) throw error;
    yield failedReport(input?.name ?? "-", "unreadable", systemReason(error));
  }
}

async function* importUnpacked(
  input: EvidenceFile,
  options: ImportOptions,
  target: ImportTarget,
): AsyncIterable<FileReport> {
  for await (const found of unpack(input, { share: bytesOf(input), depth: 0, wants: () => true })) {
    if (found.kind === "lost") {
      const { sha256 } = await hashContent(fileBytes({ path: input.path, size: bytesOf(input) }, () => undefined));
      yield await keepRefused(failedReport(found.name, "unreadable", found.message), sha256, target.appender);
    } else {
      const scale = found.share / Math.max(1, bytesOf(found.file));
      yield await importFile(found.file, { ...options, onBytes: (bytes) => options.onBytes(bytes * scale) }, target);
    }
  }
}

/** Of opening or reading; what can't be written is the case's, and has no system call in it. */
function isFileError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

type Outcome = { readonly reports: readonly FileReport[]; readonly problems: ProblemsAnswer | null };

async function close({ reports, problems }: Outcome, output: OutputFormat, terminal: Terminal): Promise<ExitCode> {
  const listed = () => (problems === null ? [] : ["", ...renderProblems(problems, terminal.style)]);
  await printAnswer(terminal, output, {
    text: () => [renderReports(reports, terminal), ...listed()].join("\n"),
    data: () => ({ files: reports.map(reportData), ...(problems === null ? {} : { problems }) }),
    items: () => [...reports.map(reportData), ...(problems === null ? [] : problemItems(problems))],
  });
  for (const report of reports) {
    for (const note of report.notes) terminal.tell(`${report.name}: note: ${note}`);
  }
  for (const line of problemLines(reports)) terminal.tell(line);
  const usable = reports.some(({ added, known }) => added + known > 0);
  if (!usable) return exitCode.nothingUsable;
  return reports.some(({ problemCount }) => problemCount > 0) ? exitCode.findings : exitCode.answer;
}
