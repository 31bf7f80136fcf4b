// Files as evidence: found in directories, decompressed, hashed. The same content has the same id under any name.

import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Micros } from "@conntrail/engine";
import type { Evidence } from "../importers/importer.js";

/** What to import: a name as the user gave it, and the file that holds the content. */
export type EvidenceFile = { readonly name: string; readonly path: string };

export type OpenedEvidence = Evidence & {
  /** SHA-256 of the decompressed content, hex. */
  readonly sha256: string;
  readonly modifiedAt: Micros;
  /** Why the content ends before the file does; null where it was read whole. Known once it has been read. */
  damage(): string | null;
};

const headBytes = 64 * 1024;
const chunkBytes = 1024 * 1024;
const packedChunkBytes = 16 * 1024;

/** The files under a path, directories recursively and in the order of their names; a case inside is left out. */
export function filesUnder(path: string): EvidenceFile[] {
  if (!statSync(path).isDirectory()) return [{ name: path, path }];
  if (existsSync(join(path, "log.db"))) return [];
  const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => !entry.name.startsWith("."));
  const usable = entries.filter((entry) => !entry.isSymbolicLink() && (entry.isDirectory() || entry.isFile()));
  const names = usable.map((entry) => entry.name).sort();
  return names.flatMap((name) => filesUnder(join(path, name)));
}

/** Standard input, kept in a temporary file, since a source is named by its whole content. */
export async function spoolStandardInput(input: AsyncIterable<Uint8Array>): Promise<EvidenceFile & { remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), "conntrail-input-"));
  const path = join(directory, "standard-input");
  const file = openSync(path, "w");
  try {
    for await (const chunk of input) writeSync(file, chunk);
  } finally {
    closeSync(file);
  }
  return { name: "-", path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** `onBytes` hears of the file's own bytes as the content is read for import; hashing before that is not counted. */
export async function openEvidence(file: EvidenceFile, onBytes: (bytes: number) => void): Promise<OpenedEvidence> {
  let damage: string | null = null;
  const onDamage = (message: string) => {
    damage = message;
  };
  const { sha256, head } = await readThrough(readContent(file.path, { onDamage, onBytes: () => undefined }));
  const modifiedAt = Math.floor(statSync(file.path).mtimeMs * 1000) as Micros;
  const content = () => readContent(file.path, { onDamage, onBytes });
  return { name: file.name, head, sha256, modifiedAt, content, damage: () => damage };
}

async function readThrough(content: AsyncIterable<Uint8Array>): Promise<{ sha256: string; head: Uint8Array }> {
  const hash = createHash("sha256");
  const head: Uint8Array[] = [];
  let kept = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    if (kept < headBytes) {
      head.push(chunk.slice(0, headBytes - kept));
      kept += head.at(-1)!.length;
    }
  }
  return { sha256: hash.digest("hex"), head: Buffer.concat(head) };
}

type ReadHooks = {
  readonly onDamage: (message: string) => void;
  readonly onBytes: (bytes: number) => void;
};

/** The decompressed content; where compression is broken, what stands before the break. */
async function* readContent(path: string, { onDamage, onBytes }: ReadHooks): AsyncIterable<Uint8Array> {
  const packedHead = await isGzip(path);
  // Small pieces when unpacking: what a broken piece held is lost with it.
  const file = createReadStream(path, { highWaterMark: packedHead ? packedChunkBytes : chunkBytes });
  const raw = counted(file, onBytes);
  if (!packedHead) {
    yield* raw;
    return;
  }
  const packed = Readable.from(raw);
  const unzipped = packed.pipe(createGunzip({ chunkSize: chunkBytes }));
  packed.on("error", (error) => unzipped.destroy(error));
  try {
    yield* unzipped;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    onDamage(`the gzip data is broken (${error.message}): what stands before is kept`);
  }
}

async function* counted(
  stream: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    onBytes(chunk.length);
    yield chunk;
  }
}

async function isGzip(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { end: 1 })) return chunk[0] === 0x1f && chunk[1] === 0x8b;
  return false;
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}
