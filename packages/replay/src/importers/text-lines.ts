// The lines of a content as texts, many at a time. A text here has one character for each byte (Latin-1), so that offsets
// are exact; `utf8Of` reads what is more than ASCII.

import { LineBytes } from "./line-bytes.js";

export type TextLine = {
  /** From 1. */
  readonly number: number;
  /** In bytes from the beginning of the content. */
  readonly offset: number;
  /** Without its end; of a line that is longer than any log's, the beginning. */
  readonly text: string;
  /** False where the content ends before the line does. */
  readonly isEnded: boolean;
};

export async function* readTextLines(content: AsyncIterable<Uint8Array>): AsyncIterable<readonly TextLine[]> {
  const lines = new LineBytes(content);
  try {
    do yield linesIn(lines);
    while (await lines.fill());
  } finally {
    await lines.close();
  }
}

function linesIn(lines: LineBytes): readonly TextLine[] {
  const texts: TextLine[] = [];
  while (lines.next()) texts.push(textLineOf(lines));
  return texts;
}

function textLineOf({ bytes, from, to, number, offset, isUnbroken }: LineBytes): TextLine {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset).toString("latin1", from, to);
  return { number, offset, text, isEnded: !isUnbroken };
}

/** Of a last line that is kept all the same. */
export const unendedLine = "the last line has no end: its last field may be cut";

/** A text of bytes as the text that they stand for. */
export function utf8Of(text: string): string {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return Buffer.from(text, "latin1").toString("utf8");
  }
  return text;
}
