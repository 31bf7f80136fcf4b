// A window over a stream of bytes: records are read where they lie in it, and memory stays bounded by the largest
// record, whatever the size of the file or its chunks.

/** 256 KiB stay in the processor's cache and are far more than one chunk of a file stream. */
const initialBytes = 262_144;

const noBytes = new Uint8Array(0);

/** How reading on came out: enough is there, what is there is due, or the content ended before. */
export type Filled = "enough" | "due" | "ended";

/** Bytes `at` to `end` of `bytes` are what was read and not yet taken. `fill` may move them and replace `bytes`. */
export class ByteWindow {
  bytes = new Uint8Array(initialBytes);
  at = 0;
  end = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = noBytes;
  #chunkAt = 0;
  #toSkip = 0;
  /** Bytes of the content that are in the window, or went through it. */
  #taken = 0;

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#chunks = content[Symbol.asyncIterator]();
  }

  get available(): number {
    return this.end - this.at;
  }

  /** Where `at` stands in the content. */
  get offset(): number {
    return this.#taken + this.#toSkip - this.available;
  }

  /** Bytes that are still to be skipped; more than 0 at the end of the content means that it was cut. */
  get toSkip(): number {
    return this.#toSkip;
  }

  /** Steps over bytes that may be many more than fit into the window. */
  skip(byteCount: number): void {
    const here = Math.min(byteCount, this.available);
    this.at += here;
    this.#toSkip += byteCount - here;
  }

  /** Reads on until so many bytes are available, which callers bound. */
  async fill(byteCount: number): Promise<Filled> {
    this.#makeRoom(byteCount);
    while (this.available < byteCount) {
      const filled = this.#chunkAt < this.#chunk.length ? "enough" : await this.#nextChunk();
      if (filled !== "enough") return filled;
      this.#takeChunk();
    }
    return "enough";
  }

  /** Lets go of the content, also before its end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #makeRoom(byteCount: number): void {
    const bytes = byteCount > this.bytes.length ? new Uint8Array(byteCount + initialBytes) : this.bytes;
    bytes.set(this.bytes.subarray(this.at, this.end));
    this.bytes = bytes;
    this.end -= this.at;
    this.at = 0;
  }

  async #nextChunk(): Promise<Filled> {
    const next = await this.#chunks.next();
    this.#chunk = next.done === true ? noBytes : next.value;
    this.#chunkAt = 0;
    if (next.done === true) return "ended";
    return this.#chunk.length === 0 ? "due" : "enough";
  }

  #takeChunk(): void {
    const skipped = Math.min(this.#toSkip, this.#chunk.length - this.#chunkAt);
    this.#toSkip -= skipped;
    this.#chunkAt += skipped;
    const taken = this.#chunk.subarray(this.#chunkAt, this.#chunkAt + this.bytes.length - this.end);
    this.bytes.set(taken, this.end);
    this.end += taken.length;
    this.#chunkAt += taken.length;
    this.#taken += skipped + taken.length;
  }
}
