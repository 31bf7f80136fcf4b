import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { conntrail, exampleEvidence, json, ndjson, newCase, temporaryDirectory } from "../support/conntrail.js";

const undated = JSON.stringify({
  operationName: "Microsoft.Network/networkSecurityGroups/delete",
  category: "Administrative",
  resultType: "Success",
});
const nsg = readFileSync(join(exampleEvidence, "nsg-web.json"), "utf8");

function file(name: string, content: string): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, content);
  return path;
}

describe("--format", () => {
  test.each(["zeek", "pcap-ng", ""])("`%s` is refused with the names there are: 2", (format) => {
    const ran = conntrail(["import", "x.json", "--format", format, "--case", newCase()]);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/no format: use pcap, pcapng, azure-nsg-flow-log, /);
  });

  test("is taken before the content is looked at, for all files", () => {
    const files = [file("nsg.json", nsg), file("html.json", "<html>")];
    const ran = conntrail(["import", ...files, "--format", "aws-cloudtrail", "--case", newCase(), "-o", "json"]);
    const reports = json<{ files: { format: string; confidence: number }[] }>(ran).files;
    expect(reports.map(({ format, confidence }) => [format, confidence])).toEqual([
      ["aws-cloudtrail", 1],
      ["aws-cloudtrail", 1],
    ]);
  });
});

test("a file that is recognised with doubt is told, and one that is not is kept as such", () => {
  const directory = newCase();
  const doubtful = file("groups.json", '{"SecurityGroups": []}');
  const ran = conntrail([
    "import",
    doubtful,
    file("page.json", "<!doctype html>"),
    "--case",
    directory,
    "-o",
    "ndjson",
  ]);
  expect(ran.err).toMatch(/note: taken for AWS resources .* \(confidence 0\.6\): name another with --format/);
  expect(ndjson(ran)).toMatchObject([{ confidence: 0.6 }, { format: null, confidence: 0 }]);
  const problems = conntrail(["import", "--problems", "--case", directory, "-o", "ndjson"]);
  expect(ndjson(problems)).toMatchObject([{ kind: "not-recognised", record: null }]);
});

describe("import --problems", () => {
  const directory = newCase();
  const path = file("log.jsonl", `${undated}\n`.repeat(1200));
  const [first, again] = [1, 2].map(() => conntrail(["import", path, "--case", directory]));

  test("lists what an import tells in short", () => {
    const lines = first!.err
      .trim()
      .split("\n")
      .filter((line) => line.includes("problems") || line.includes("record "));
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toMatch(/1,180 more problems; of 1,200 in all: 1,200 missing-field .*import --problems/);
  });

  test("has those of a file imported twice once, the first thousand of them", () => {
    expect(again!.code).toBe(first!.code);
    const listed = conntrail(["import", "--problems", "--case", directory, "-o", "json"]);
    expect(listed.code).toBe(1);
    const { problemCount, problemsByKind, sources } = json<{
      problemCount: number;
      problemsByKind: object;
      sources: { problems: object[] }[];
    }>(listed);
    expect([problemCount, problemsByKind, sources.length]).toEqual([1200, { "missing-field": 1200 }, 1]);
    expect(sources[0]!.problems).toHaveLength(1000);
    expect(sources[0]!.problems[1]).toMatchObject({ kind: "missing-field", record: 2, offset: undated.length + 1 });
    expect(conntrail(["import", "--problems", "--case", directory]).out).toMatch(
      /and 200 more, which are only counted/,
    );
  });

  test("imports the paths that are given, and then lists", () => {
    const ran = conntrail(["import", "--problems", file("log.json", undated), "--case", newCase()]);
    expect(ran.out).toMatch(/^file .*log\.json .*1 problem in 1 file: 1 missing-field\n/s);
  });

  test("says so where there are none", () => {
    const directory = newCase();
    conntrail(["init", "--case", directory]);
    const ran = conntrail(["import", "--problems", "--case", directory]);
    expect([ran.code, ran.out]).toEqual([0, "no problems: every record was read\n"]);
  });

  test("without it, paths are needed: 2", () => {
    expect(conntrail(["import", "--case", newCase()]).code).toBe(2);
  });
});
