import { parseInstant } from "@conntrail/engine";
import { describe, expect, it, test } from "vitest";
import type { FileReport } from "../../src/importing/file-report.js";
import { cutInTheMiddle, renderReports } from "../../src/render/import-table.js";
import { styleFor } from "../../src/render/style.js";

const style = styleFor(false, {});
const at = (text: string) => parseInstant(text)!.time;

function report(name: string, more: Partial<FileReport> = {}): FileReport {
  const nothing = { notes: [], problems: [], problemCount: 0, problemsByKind: {}, first: null, last: null };
  return { name, format: "pcap", confidence: 1, records: 3, added: 1, known: 1, ...nothing, ...more };
}

const lines = (reports: readonly FileReport[], width: number | null = null) =>
  renderReports(reports, { style, width }).split("\n");

describe("the closing table", () => {
  it("says what a file holds, what was made of it, and what of that is new", () => {
    const [head, row] = lines([report("a.pcap", { first: at("2026-03-18T10:00:00Z") })]);
    expect(head).toMatch(/^file +format +records +events +new +problems +from +to$/);
    expect(row).toMatch(/^a\.pcap +pcap +3 +2 +1 +0 +2026-03-18T10:00:00\.000000Z +-$/);
  });

  it("is as wide as the terminal where names are long, and whole elsewhere", () => {
    const name = `${"deep/".repeat(30)}PT1H.json`;
    const cut = lines([report(name)], 80);
    expect(Math.max(...cut.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(cut[1]).toMatch(/^deep\/deep\/.*….*\/PT1H\.json +pcap /);
    expect(lines([report(name)])[1]).toContain(name);
  });

  it("keeps a little of a name on the narrowest terminal", () => {
    expect(lines([report("x".repeat(100))], 20)[1]).toMatch(/^x{7}…x{7} /);
  });

  it("has a row a directory and format for more than fifty files, and a total", () => {
    const files = Array.from({ length: 200 }, (_, hour) =>
      report(`logs/d=${hour % 2}/h=${hour}/PT1H.json`, {
        format: hour === 7 ? null : "pcap",
        first: at("2026-03-18T10:00:00Z"),
        last: at(`2026-03-18T11:${String(hour % 60).padStart(2, "0")}:00Z`),
      }),
    );
    const table = lines(files);
    expect(table).toHaveLength(6);
    expect(table[1]).toMatch(/^logs\/d=0\/ \(100 files\) +pcap +300 +200 +100 +0 +2026-03-18T10:00/);
    expect(table[3]).toMatch(/^logs\/d=1\/ \(1 files?\) +not recognised +3 /);
    expect(table[4]).toMatch(/^total +600 +400 +200 +0 +2026-03-18T10:00:00\.000000Z +2026-03-18T11:59/);
    expect(table[5]).toBe("200 files, in a row for each directory and format; -o json has each file");
  });

  it("has few rows also where each file is in a directory of its own at the top", () => {
    expect(lines(Array.from({ length: 60 }, (_, number) => report(`${number}/x.pcap`)))[1]).toMatch(/^\. \(60 files\)/);
  });
});

test.each([
  ["abcdefgh", 8, "abcdefgh"],
  ["abcdefghi", 8, "abc…ghi"],
  ["abcdefghi", 3, "…i"],
])("%s in %i columns is %s", (text, room, cut) => {
  expect(cutInTheMiddle(text, room)).toBe(cut);
});
