import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { notCounted, type ReportedFlow } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { importerFor } from "../../src/importers/all-importers.js";
import { azureNsgFlowLog } from "../../src/importers/azure-nsg-flow-log.js";
import { readNamed, readWith } from "../support/importing.js";

const evidence = fileURLToPath(new URL("../../../../../shared/evidence/azure-flow-logs", import.meta.url));

type Totals = Readonly<Record<string, number>>;

/** Every list of tuples in a document, wherever it stands. */
function tuplesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === "flowTuples" ? inner : tuplesIn(inner)));
}

function totalsOf(rows: readonly { readonly word: string; readonly counts: readonly number[] }[]): Totals {
  const totals: Record<string, number> = { tuples: rows.length };
  for (const { word, counts } of rows) {
    totals[word] = (totals[word] ?? 0) + 1;
    for (const [index, count] of counts.entries()) totals[`count ${index}`] = (totals[`count ${index}`] ?? 0) + count;
  }
  return totals;
}

/** By splitting alone: denied where a field says so, else the state. */
function countedPlainly(tuples: readonly string[], { denied, state }: { denied: number; state: number }): Totals {
  const words: Readonly<Record<string, string>> = { B: "opened", C: "continued", E: "ended" };
  return totalsOf(
    tuples.map((tuple) => {
      const fields = tuple.split(",");
      const word = fields[denied] === "D" ? "denied" : (words[fields[state] ?? "B"] ?? "?");
      return { word, counts: [9, 10, 11, 12].map((index) => Number(fields[index] ?? "")) };
    }),
  );
}

function countedByReport(reports: readonly ReportedFlow[]): Totals {
  return totalsOf(
    reports.map(({ kind, packetsForward, bytesForward, packetsBackward, bytesBackward }) => {
      const counts = [packetsForward, bytesForward, packetsBackward, bytesBackward];
      return { word: kind, counts: counts.map((count) => (count === notCounted ? 0 : count)) };
    }),
  );
}

// That folder is no part of the repository.
describe.skipIf(!existsSync(evidence))("public flow logs of Azure (where the folder of public evidence is)", () => {
  test.each([
    ["nsg-v1-doc-sample.json", "azure-nsg-flow-log", { denied: 7, state: 8 }],
    ["nsg-v2-sumologic.json", "azure-nsg-flow-log", { denied: 7, state: 8 }],
    ["vnet-doc-sample.json", "azure-vnet-flow-log", { denied: 7, state: 7 }],
    ["vnet-subnet-sumologic.json", "azure-vnet-flow-log", { denied: 7, state: 7 }],
  ])("%s holds what a plain count finds", async (name, format, fields) => {
    const text = readFileSync(`${evidence}/${name}`, "utf8");
    const importer = importerFor(Buffer.from(text).subarray(0, 65_536))!;
    const { reports, problems } = await readNamed(importer, name, text);
    expect([importer.format, problems]).toEqual([format, []]);
    expect(countedByReport(reports)).toEqual(countedPlainly(tuplesIn(JSON.parse(text)), fields));
  });

  test("the documented example of bandwidth gives the documented sums", async () => {
    const text = readFileSync(`${evidence}/nsg-v2-doc-bandwidth-tuples.txt`, "utf8");
    const { reports } = await readWith(azureNsgFlowLog, text);
    expect(sumsOf(reports)).toEqual([9_125, 5_256_000]);
  });
});

/** Packets and bytes both ways. */
function sumsOf(reports: readonly ReportedFlow[]): number[] {
  const totals = countedByReport(reports);
  return [totals["count 0"]! + totals["count 2"]!, totals["count 1"]! + totals["count 3"]!];
}
