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
    } else problems.push(`${record.kind === "problem" ? record.number : "end"}: ${record.message}`);
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
    ["under value, behind other keys", `{"nextLink": "", "count": 2, "value": [${one}], "more": [1]}`, [tricky]],
    ["under Records, with objects before", `{"meta": {"value": [1]}, "Records": [${one}]}`, [tricky]],
    ["nothing in an array", "[]", []],
    ["JSON lines with trailing commas", `${one},\n${one},\n`, [tricky, tricky]],
    ["a document twice", `{"records":[${one}]}{"records":[${one}]}`, [tricky, tricky]],
    ["an array twice", `[${one}][${one}]`, [tricky, tricky]],
    ["two arrays of records in one wrapper", `{"Events":[${one}],"n":{"x":[1]},"records":[${one}]}`, [tricky, tricky]],
    [
      "wrappers, one a line, with CRLF",
      `{"records":[${one}]}\r\n{"records":[${one},${one}]}\r\n`,
      [tricky, tricky, tricky],
    ],
    [
      "as CloudWatch Logs give them",
      `{"logGroup":"g","logEvents":[${one}]}{"events":[${one}],"searched":[]}`,
      [tricky, tricky],
    ],
    ["several wrapped documents", `{"records":[${one}]}\n{"records":[${one}]}`, [tricky, tricky]],
  ])("%s, whatever the size of the chunks", async (_, text, expected) => {
    for (const chunkBytes of [1 << 20, 1, 2, 7]) {
      expect(await records(text, chunkBytes)).toMatchObject({ values: expected, problems: [] });
    }
  });

  test.each([
    ["behind the records", `{"value":[${one}],"nextLink":"https://x/?p=2"}`],
    ["before them", `{"NextToken":"abc","Events":[${one}]}`],
    ["among others", `{"events":[${one}],"searched":[{"n":"x"}],"nextToken": "f/1","more":null}`],
  ])("one page of several is told, its mark %s", async (_, text) => {
    for (const chunkBytes of [1 << 20, 1, 7]) {
      const { values, problems } = await records(text, chunkBytes);
      expect(values).toEqual([tricky]);
      expect(problems).toEqual([expect.stringMatching(/^end: it is one page of several/)]);
    }
  });

  test("a token that is null, or of other kind, tells of no page", async () => {
    const text = `{"value":[${one}],"nextLink":null,"x":"y","nextForwardToken":"f/1"}`;
    expect(await records(text)).toMatchObject({ values: [tricky], problems: [] });
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
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^(3|end): the JSON ends in the middle(, its last bracket is missing| of the record at byte \d+): export the file again$/,
    );
  });

  const good = (id: number) => ({ time: id, data: { list: [{ time: 1 }, { time: 2 }] } });
  const text = (id: number) => JSON.stringify(good(id));
  const broken: readonly (readonly [string, string])[] = [
    ["a missing brace", '{"time":2,"data":{"a":1,"list":[{"time":7},{"time":8}]'],
    ["a missing bracket", '{"time":2,"data":{"list":[{"time":7},{"time":8}}}'],
    ["a missing quote", '{"time":2,"data":{"name":"x,"list":[{"time":7}]}}'],
    ["a line break in a text", '{"time":2,"data":{"name":"x\ny"}}'],
    ["a token that is none", '{"time":2,"data":{"list":[NaN,{"time":7}]}}'],
    ["an unknown word", '{"time":2,"data":<html>}'],
    ["half of it gone", '{"time":2,"data":{"list":[{"time":7},{"ti'],
  ];
  const layouts: readonly (readonly [string, (records: readonly string[]) => string])[] = [
    ["lines", (records) => records.join("\n")],
    ["an array", (records) => `[${records.join(",")}]`],
    ["an array of lines", (records) => `[\n${records.join(",\n")}\n]`],
    ["a wrapper", (records) => `{"a":[1],"records":[${records.join(", ")}],"next":null}`],
    ["wrappers in lines", (records) => records.map((record) => `{"records":[${record}]}`).join("\n")],
    ["wrappers without a break", (records) => records.map((record) => `{"records":[${record}]}`).join("")],
  ];
  const cases = broken.flatMap(([what, record]) => layouts.map(([where, lay]) => [what, where, record, lay] as const));

  test.each(cases)(
    "%s in %s: the record is told with its place, those around it are kept",
    async (...[, , bad, lay]) => {
      const whole = lay([text(1), bad, text(3), text(4)]);
      for (const chunkBytes of [1 << 20, 3]) {
        const { values, problems, offsets } = await records(whole, chunkBytes);
        expect(values).toEqual([good(1), good(3), good(4)]);
        expect(problems).toHaveLength(1);
        expect(problems[0]).toMatch(/^2: /);
        expect(problems[0]).toContain(`at byte ${Buffer.byteLength(whole.slice(0, whole.indexOf(bad)))}`);
        expect(offsets.map((offset) => Buffer.from(whole).toString("utf8", offset, offset + 8))).toEqual(
          [1, 3, 4].map((id) => `{"time":${id}`.slice(0, 8)),
        );
      }
    },
  );

  test("the first record broken, in an array: those behind it are kept", async () => {
    const { values, problems } = await records(`[{"time":1,"data":{"list":[},${text(2)},${text(3)}]`);
    expect(values).toEqual([good(2), good(3)]);
    expect(problems).toHaveLength(1);
  });

  test("of lines, each broken one is told, and costs only itself", async () => {
    const bad = ["not json at all", "{broken", 'oops "unterminated', text(9).slice(0, 30), text(9).slice(0, 22)];
    const { values, problems } = await records([text(1), text(2), ...bad, text(3)].join("\n"));
    expect(values).toEqual([good(1), good(2), good(3)]);
    expect(problems.map((problem) => problem.slice(0, 1))).toEqual(["3", "4", "5", "6", "7"]);
  });

  test("text before a document is told, and the document is read", async () => {
    const { values, problems } = await records(`WARNING: old version\n\n{"records":[${text(1)}]}`);
    expect(values).toEqual([good(1)]);
    expect(problems).toHaveLength(1);
  });

  test("a bracket too many is told and hides nothing", async () => {
    const { values, problems } = await records(`{"records":[${text(1)}},${text(2)}]}`);
    expect(values).toEqual([good(1), good(2)]);
    expect(problems).toHaveLength(1);
  });

  test("records that lie across the ends of the window know where they begin", async () => {
    const long = Array.from({ length: 400 }, (_, id) => ({ time: id, text: 'ü"{['.repeat(id * 5) }));
    const whole = Buffer.from(JSON.stringify(long));
    const { values, offsets } = await records(whole.toString(), 65_536);
    expect(values).toEqual(long);
    expect(offsets.map((at, id) => whole.toString("utf8", at, at + `{"time":${id},`.length))).toEqual(
      long.map(({ time }) => `{"time":${time},`),
    );
  });

  test("a record above 32 MiB is refused, and the one behind it kept", async () => {
    const giant = `{"time":2,"data":"${"x".repeat(33 * 1024 * 1024)}"}`;
    const { values, problems } = await records(`[${text(1)},${giant},${text(3)}]`);
    expect(values).toEqual([good(1), good(3)]);
    expect(problems).toEqual([
      expect.stringMatching(/^2: the record at byte \d+ (is left out|can't be read): it is larger than 32 MiB/),
    ]);
  });

  test("a hundred thousand brackets that open nothing end soon", async () => {
    for (const bad of ['{"a":[0,', "[", '{"a":"x,']) {
      const { values, problems } = await records(`${bad.repeat(100_000)}\n${text(1)}`);
      expect(values).toEqual([good(1)]);
      expect(problems.length).toBeGreaterThan(0);
    }
  });

  test("a broken record between good ones is told and left out", async () => {
    const { values, problems } = await records(`${one}\n{"a": nonsense}\n${one}`);
    expect(values).toEqual([tricky, tricky]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^2: the record at byte \d+ is left out: not JSON/);
  });
});
