// The fields of one line, as places among its bytes. Between them stands white space, or a comma and then quotes count.

export type FieldSeparator = "blank" | "comma";

const noBytes = new Uint8Array(0);

export class LineFields {
  bytes: Uint8Array = noBytes;
  count = 0;
  /** Of the same bytes. */
  view = viewOf(noBytes);
  readonly from = new Int32Array(maxFields);
  readonly to = new Int32Array(maxFields);

  /** Fields beyond the first 256 are counted and not kept. */
  split(separator: FieldSeparator, bytes: Uint8Array, from: number, to: number): void {
    if (this.bytes !== bytes) this.view = viewOf(bytes);
    this.bytes = bytes;
    this.count = 0;
    if (separator === "blank") this.#splitBlank(from, to);
    else this.#splitComma(from, to);
  }

  text(index: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset).toString("utf8", this.from[index]!, this.to[index]!);
  }

  /** `-` says in flow logs that there is no value, an empty field in tables. */
  isAbsent(index: number): boolean {
    if (index < 0) return true;
    const from = this.from[index]!;
    const length = this.to[index]! - from;
    return length === 0 || (length === 1 && this.bytes[from] === dash);
  }

  /** Whether two fields have the same bytes. */
  areEqual(one: number, other: number): boolean {
    const { view, from, to } = this;
    const [first, second] = [from[one]!, from[other]!];
    const length = to[one]! - first;
    if (to[other]! - second !== length) return false;
    let at = 0;
    for (; at + 4 <= length; at += 4) if (view.getInt32(first + at) !== view.getInt32(second + at)) return false;
    for (; at < length; at++) if (view.getUint8(first + at) !== view.getUint8(second + at)) return false;
    return true;
  }

  /** Drops the first fields. */
  shift(count: number): void {
    this.from.copyWithin(0, count, this.count);
    this.to.copyWithin(0, count, this.count);
    this.count -= count;
  }

  #splitBlank(from: number, to: number): void {
    const { from: starts, to: ends } = this;
    const view = this.view;
    let count = 0;
    for (let at = from; at < to; at++) {
      const end = blankFrom(view, at, to);
      if (end === at) continue;
      starts[count] = at;
      ends[count++] = end;
      at = end;
    }
    this.count = count;
  }

  #splitComma(from: number, to: number): void {
    for (let at = from; at <= to; at++) {
      const isQuoted = this.bytes[at] === quote && at < to;
      const start = isQuoted ? at + 1 : at;
      at = this.#find(isQuoted ? quote : comma, start, to);
      this.from[this.count] = start;
      this.to[this.count++] = at;
      if (isQuoted) at = this.#find(comma, at, to);
    }
  }

  #find(byte: number, from: number, to: number): number {
    let at = from;
    while (at < to && this.bytes[at] !== byte) at++;
    return at;
  }
}

/** In each of four bytes: less than the one borrows the other, in the first of them to begin with. */
const leastInField = 0x21212121;
const highestBits = 0x80808080;

/** Where a field ends that begins at `at`: four bytes at a time, since all of a log goes through here. */
function blankFrom(view: DataView, at: number, to: number): number {
  for (; at + 4 <= to; at += 4) {
    const bytes = view.getInt32(at, true);
    const marks = (bytes - leastInField) & ~bytes & highestBits;
    if (marks !== 0) return at + ((31 - Math.clz32(marks & -marks)) >> 3);
  }
  while (at < to && view.getUint8(at) > blank) at++;
  return at;
}

/** More than any flow log has; a line of the longest kind may have more, and they are dropped where they are written. */
const maxFields = 256;
const blank = 0x20;
const quote = 0x22;
const comma = 0x2c;
const dash = 0x2d;

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
