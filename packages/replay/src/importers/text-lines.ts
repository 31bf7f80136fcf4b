// Cuts content into its lines, many at a time. A text here has one character for each byte (Latin-1), so that offsets
// are exact; `utf8Of` reads what is more than ASCII.

export type TextLine = {
  /** From 1. */
  readonly number: number;
  /** In bytes from the beginning of the content. */
  readonly offset: number;
  /** Without its end; what is more than `maxLineBytes` is missing. */
  readonly text: string;
  /** False where the content ends before the line does. */
  readonly isEnded: boolean;
};

/** No log that is read here comes near it; memory stays bounded where a file has no line ends. */
const maxLineBytes = 1 << 20;

const newline = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = "\xef\xbb\xbf";
const noBytes = Buffer.alloc(0);

export async function* readTextLines(content: AsyncIterable<Uint8Array>): AsyncIterable<readonly TextLine[]> {
  const cutter = new LineCutter();
  for await (const chunk of content) yield cutter.take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  yield cutter.finish();
}

class LineCutter {
  #number = 0;
  #offset = 0;
  /** The beginning of the line that goes on in the next chunk, and how long it is in all. */
  #begun: Buffer = noBytes;
  #begunBytes = 0;

  take(chunk: Buffer): readonly TextLine[] {
    const lines: TextLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      lines.push(this.#line(chunk.subarray(from, end), 1));
      from = end + 1;
    }
    const rest = chunk.subarray(from);
    this.#begunBytes += rest.length;
    const room = maxLineBytes - this.#begun.length;
    if (rest.length > 0 && room > 0) this.#begun = Buffer.concat([this.#begun, rest.subarray(0, room)]);
    return lines;
  }

  finish(): readonly TextLine[] {
    return this.#begunBytes === 0 ? [] : [this.#line(noBytes, 0)];
  }

  #line(last: Buffer, endBytes: number): TextLine {
    const bytes = this.#begun.length === 0 ? last : Buffer.concat([this.#begun, last]);
    const offset = this.#offset;
    this.#offset += this.#begunBytes + last.length + endBytes;
    this.#begun = noBytes;
    this.#begunBytes = 0;
    const end = bytes[bytes.length - 1] === carriageReturn ? bytes.length - 1 : bytes.length;
    const text = bytes.toString("latin1", 0, Math.min(end, maxLineBytes));
    return { number: ++this.#number, offset, text: offset === 0 ? withoutMark(text) : text, isEnded: endBytes > 0 };
  }
}

function withoutMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text;
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
