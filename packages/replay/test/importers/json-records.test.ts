import { describe, expect, test } from "vitest";
import { readJsonRecords } from "../../src/importers/json-records.js";
import { chunksOf } from "../support/importing.js";

async function records(text: string, chunkBytes = 1 << 20) {
  const values: unknown[] = [];
  const problems: string[] = [];
  const offsets: number[] = [];
  for await (const record of readJsonRecords(chunksOf(Buffer.from(text), chunkBytes))) {
    if (record.kind === "record") {
      values.push(record.value);
      offsets.push(record.offset);
    } else problems.push(`${record.number}: ${record.message}`);
  }
  return { values, problems, offsets };
}

const tricky = { text: 'a "quoted" ] } , \\ end', list: [1, [2, { value: [3] }]], empty: {}, records: "no array" };

describe("JSON is cut into records", () => {
  const one = JSON.stringify(tricky);
  const pretty = JSON.stringify(tricky, null, 2);
  test.each([
    ["one object", one, [tricky]],
    ["one object over several lines", pretty, [tricky]],
    ["JSON lines", `${one}\n${one}\n`, [tricky, tricky]],
    ["JSON lines with CRLF and blank lines", `${one}\r\n\r\n${one}`, [tricky, tricky]],
    ["a byte order mark", `\uFEFF${one}`, [tricky]],
    ["an array", `[${one}, ${pretty}]`, [tricky, tricky]],
    ["an array with a trailing comma", `[${one},]`, [tricky]],
    ["an array of scalars", '["a", 1, null, true]', ["a", 1, null, true]],
    ["under records", `{"records": [${one},${one}]}`, [tricky, tricky]],
    ["under value, behind other keys", `{"nextLink": "x", "count": 2, "value": [${one}], "more": [1]}`, [tricky]],
    ["under Records, with objects before", `{"meta": {"value": [1]}, "Records": [${one}]}`, [tricky]],
    ["nothing in an array", "[]", []],
    ["several wrapped documents", `{"records":[${one}]}\n{"records":[${one}]}`, [tricky, tricky]],
  ])("%s, whatever the size of the chunks", async (_, text, expected) => {
    for (const chunkBytes of [1 << 20, 1, 2, 7]) {
      expect(await records(text, chunkBytes)).toMatchObject({ values: expected, problems: [] });
    }
  });

  test("a record knows where it begins", async () => {
    const { offsets } = await records(`[${one},\n${one}]`);
    expect(offsets).toEqual([1, 1 + one.length + 2]);
  });

  test.each([
    ["an array", `[${one},${one},{"a": `],
    ["a wrapper", `{"records":[${one},${one},{"a": "x`],
    ["lines", `${one}\n${one}\n{"a": [1`],
    ["the end of the array", `[${one},${one}`],
  ])("cut in the middle of %s: what stands before is kept", async (_, text) => {
    const { values, problems } = await records(text, 5);
    expect(values).toEqual([tricky, tricky]);
    expect(problems).toEqual(["3: the JSON ends in the middle: export the file again"]);
  });

  test("a broken record between good ones is told and left out", async () => {
    const { values, problems } = await records(`${one}\n{"a": nonsense}\n${one}`);
    expect(values).toEqual([tricky, tricky]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^2: not JSON/);
  });
});
