import { describe, expect, test } from "vitest";
import { readTextLines, type TextLine, utf8Of } from "../../src/importers/text-lines.js";
import { chunksOf } from "../support/importing.js";

async function linesOf(content: string, chunkBytes = 1 << 20): Promise<TextLine[]> {
  const lines: TextLine[] = [];
  for await (const some of readTextLines(chunksOf(Buffer.from(content), chunkBytes))) lines.push(...some);
  return lines;
}

describe("lines of a text", () => {
  test.each([1, 2, 3, 5, 1000])("have numbers and offsets in bytes, in chunks of %i", async (chunkBytes) => {
    const lines = await linesOf("\uFEFFone\r\n\nzwölf\nlast", chunkBytes);
    expect(lines.map((line) => ({ ...line, text: utf8Of(line.text) }))).toEqual([
      { number: 1, offset: 3, text: "one", isEnded: true },
      { number: 2, offset: 8, text: "", isEnded: true },
      { number: 3, offset: 9, text: "zwölf", isEnded: true },
      { number: 4, offset: 16, text: "last", isEnded: false },
    ]);
  });

  test("are none where there is nothing, and none behind the last line's end", async () => {
    expect(await linesOf("")).toEqual([]);
    expect(await linesOf("a\n")).toHaveLength(1);
  });

  test("are kept to their first 64 KiB", async () => {
    const [long, next] = await linesOf(`${"x".repeat(3 << 20)}\nnext\n`, 100_000);
    expect([long!.text.length, next]).toEqual([
      1 << 16,
      { number: 2, offset: (3 << 20) + 1, text: "next", isEnded: true },
    ]);
  });
});
