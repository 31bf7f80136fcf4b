// The content of evidence, chunk by chunk: of a file or any other stream of bytes, gzip unpacked.

import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

export type Content = AsyncIterable<Uint8Array>;

/** Enough to recognise any format. */
export const headBytes = 64 * 1024;

const chunkBytes = 1024 * 1024;
/** A file so small is unpacked in pieces as small: there are thousands of such files, each with its own buffers. */
const smallBytes = 64 * 1024;
/** Small pieces when unpacking: what a broken piece held is lost with it. */
const packedPieceBytes = 16 * 1024;

export type FileContent = {
  readonly path: string;
  /** Bytes of the file: what is written behind them later is not read. */
  readonly size: number;
};

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** `onBytes` hears of the file's own bytes, packed as they are. */
export function fileBytes({ path, size }: FileContent, onBytes: (bytes: number) => void): Content {
  if (size === 0) return Readable.from([]);
  return counted(createReadStream(path, { highWaterMark: chunkBytes, end: size - 1 }), onBytes);
}

async function* counted(bytes: Content, onBytes: (bytes: number) => void): Content {
  for await (const chunk of bytes) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** What a browser or a storage service packs stands around what was packed before. */
const maxLayers = 3;

/** Unpacks gzip; where it is broken, `onDamage` hears why, and what stands before the break is there. */
export async function* unpacked(bytes: Content, onDamage: (message: string) => void, layers = maxLayers): Content {
  const { head, content } = await peek(bytes, (head) => head.length >= 2);
  if (!isGzip(head) || layers === 0) return yield* content;
  const chunkSize = head.length < smallBytes ? smallBytes : chunkBytes;
  yield* unpacked(gunzipped(content, chunkSize, onDamage), onDamage, layers - 1);
}

async function* gunzipped(bytes: Content, chunkSize: number, onDamage: (message: string) => void): Content {
  const packed = Readable.from(inPieces(bytes));
  const unzipped = packed.pipe(createGunzip({ chunkSize }));
  packed.on("error", (error) => unzipped.destroy(error));
  try {
    yield* unzipped;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    onDamage(`the gzip data is broken (${error.message}): what stands before is kept`);
  } finally {
    packed.destroy();
  }
}

async function* inPieces(bytes: Content): Content {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += packedPieceBytes) yield chunk.subarray(at, at + packedPieceBytes);
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

/** The first bytes until they are enough, or the content ends; and the content with them still in front. */
export async function peek(
  content: Content,
  isEnough: (head: Uint8Array) => boolean,
): Promise<{ readonly head: Uint8Array; readonly content: Content }> {
  const chunks = content[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < headBytes && !isEnough(head)) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, content: behind(head, chunks) };
}

async function* behind(head: Uint8Array, chunks: AsyncIterator<Uint8Array>): Content {
  try {
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

/** The first 64 KiB; the rest is let go. */
export async function headOf(content: Content): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= headBytes) break;
  }
  return Buffer.concat(parts).subarray(0, headBytes);
}
