// Files of records of every format, as they come to harm, in ways that a seed chooses: what is good is kept and counted, and
// the rest is named by its number.

import { describe, expect, test } from "vitest";
import { Random } from "../../../engine/test/support/random.js";
import { allImporters, importerFor } from "../../src/importers/all-importers.js";
import { type Read, readContent } from "../support/importing.js";
import { contentOf, type RecordFile, recordFiles } from "../support/record-files.js";

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
const numbers = Array.from({ length: 9 }, (_, index) => index + 1);

async function readAs({ format }: RecordFile, content: string): Promise<Read> {
  const importer = allImporters.find((own) => own.format === format)!;
  const bytes = Buffer.from(content, "latin1");
  const [whole, inPieces] = await Promise.all([readContent(importer, bytes), readContent(importer, bytes, 11)]);
  expect(inPieces).toEqual(whole);
  return whole;
}

/** What each event or report says, wherever it stood. */
function said({ events, reports }: Read): string[] {
  const drafts = events.map(({ source: _, ...event }) => JSON.stringify(event));
  const flows = reports.map(({ record: _, offset: __, ordinal: ___, flow, ...report }) =>
    JSON.stringify({ ...report, ...flow, words: [...flow.words] }),
  );
  return [...drafts, ...flows].sort();
}

async function expected(file: RecordFile, kept: readonly number[]): Promise<string[]> {
  const alone = kept.map(async (number) => said(await readAs(file, contentOf(file, [file.record(number)]))));
  return (await Promise.all(alone)).flat().sort();
}

const isJson = ({ record }: RecordFile) => record(1).startsWith("{");
const isLines = ({ between }: RecordFile) => between === "\n";
const named = recordFiles.map((file) => [`${file.format}, ${file.title}`, file] as const);

type Harm = (file: RecordFile, records: readonly string[], random: Random) => string;

/** None of these takes anything away, or adds what was not there. */
const harmless: readonly (readonly [string, (file: RecordFile) => boolean, Harm])[] = [
  ["in another order", () => true, (file, records, random) => contentOf(file, random.shuffled(records))],
  ["with CRLF", isLines, (file, records) => contentOf(file, records).replaceAll("\n", "\r\n")],
  ["with blank lines", isLines, (file, records) => contentOf({ ...file, between: "\n\n\n" }, records)],
  ["with a byte order mark", () => true, (file, records) => `\xef\xbb\xbf${contentOf(file, records)}`],
  ["with commas too many", isJson, (file, records) => contentOf({ ...file, after: `,${file.after}` }, records)],
  [
    "with white space behind it",
    () => true,
    (file, records, random) => contentOf(file, records) + random.pick(["\n", "\r\n", "\n\n", "\n \n"]),
  ],
];

describe.each(named)("%s", (_, file) => {
  const records = numbers.map(file.record);

  test("is recognised, and each record is one", async () => {
    const content = contentOf(file, records);
    expect(importerFor(Buffer.from(content))?.format).toBe(file.format);
    const read = await readAs(file, content);
    expect([read.records, said(read).length, read.problems]).toEqual([9, 9, []]);
  });

  test.each(harmless.filter(([, applies]) => applies(file)))("%s says the same", async (_name, _applies, harm) => {
    const read = await readAs(file, harm(file, records, new Random(1)));
    expect([read.records, said(read), read.problems]).toEqual([9, await expected(file, numbers), []]);
  });

  test("doubled has each twice", async () => {
    const read = await readAs(file, contentOf(file, records).repeat(2));
    expect([read.records, said(read), read.problems]).toEqual([18, await expected(file, [...numbers, ...numbers]), []]);
  });

  test.each(seeds)(
    "with bad records among the good ones keeps those, and names the first of each sort (seed %i)",
    async (seed) => {
      const random = new Random(seed);
      const bad = random.pick([...file.damaged, ...badIn(file)]);
      const places = new Set(Array.from({ length: 1 + random.below(2) }, () => 1 + random.below(7)));
      const mixed = records.flatMap((record, index) => (places.has(index) ? [bad, record] : [record]));
      const read = await readAs(file, contentOf(file, mixed));
      expect(said(read)).toEqual(await expected(file, numbers));
      expect(read.records).toBe(mixed.length);
      const badNumbers = mixed.flatMap((record, index) => (record === bad ? [index + 1 + headerLines(file)] : []));
      const told = new Set(read.problems.map(({ record }) => record));
      expect(told.has(badNumbers[0]!)).toBe(true);
      expect([...told].filter((number) => !badNumbers.includes(number!))).toEqual([]);
    },
  );

  test("cut inside its last record keeps those before, and says so", async () => {
    const last = records.at(-1)!;
    const start = contentOf(file, records).lastIndexOf(last);
    for (const length of [6, 20, Math.floor(last.length / 2)]) {
      const read = await readAs(file, contentOf(file, records).slice(0, start + length));
      expect(said(read)).toEqual(await expected(file, numbers.slice(0, -1)));
      expect(read.problems.map(({ kind }) => kind)).toEqual(["cut-off"]);
    }
  });
});

/** Of files whose records are numbered by line. */
function headerLines({ before, format }: RecordFile): number {
  const isNumberedByLine = ["aws-vpc-flow-log", "zeek-conn-log"].includes(format);
  return isNumberedByLine && !before.includes("{") ? before.split("\n").length - 1 : 0;
}

/** What no format has in a record's place. */
function badIn(file: RecordFile): string[] {
  if (isJson(file)) return ["{}", "{nonsense}", '"text"', "7"];
  return file.title === "XML" ? ["<flow>\0\0</flow>"] : ["nonsense", "\0\0\0\0\0\0\0\0", "\xff\xfe garbage \x01"];
}
