// Files as evidence: found in directories, and opened. The same content has the same id under any name. Files in archives
// are found in `unpacking.ts`.

import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Micros } from "@conntrail/engine";
import type { Evidence } from "../importers/importer.js";
import { type Content, type FileContent, fileBytes, headBytes, headOf, isGzip, unpacked } from "./content.js";

/** What to import: a name as the user gave it, and the file that holds the content. */
export type EvidenceFile = {
  readonly name: string;
  readonly path: string;
  /** What was wrong with the content before it was put there. */
  readonly damage?: string | null;
  /** Where the file is a copy: when what it was copied from was last changed. */
  readonly modifiedAt?: Micros | null;
};

export type OpenedFile = Evidence & {
  readonly file: FileContent;
  readonly packed: boolean;
  readonly modifiedAt: Micros;
  /** As `content`, and the bytes that are read count as progress. */
  contentForImport(): Content;
  /** Why the content ends before the file does; null where it was read whole. Known once it has been read. */
  damage(): string | null;
};

/** The files under a path, directories recursively and in the order of their names; a case inside is left out. */
export function filesUnder(path: string): EvidenceFile[] {
  if (!statSync(path).isDirectory()) return [{ name: path, path }];
  if (existsSync(join(path, "log.db"))) return [];
  const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => !entry.name.startsWith("."));
  const usable = entries.filter((entry) => !entry.isSymbolicLink() && (entry.isDirectory() || entry.isFile()));
  const names = usable.map((entry) => entry.name).sort();
  return names.flatMap((name) => filesUnder(join(path, name)));
}

/** Keeps a content in a temporary file, for evidence whose name is that of its whole content. */
export async function spool(content: Content): Promise<EvidenceFile & { remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), "conntrail-input-"));
  const path = join(directory, "content");
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const file = openSync(path, "w");
  try {
    for await (const chunk of content) writeSync(file, chunk);
  } catch (error) {
    remove();
    throw error;
  } finally {
    closeSync(file);
  }
  return { name: "-", path, remove };
}

export function bytesOf({ path }: EvidenceFile): number {
  return statSync(path).size;
}

/** `onBytes` hears of the file's own bytes as the content is read for import; hashing is not counted. */
export async function openFile(
  { name, path, damage = null, modifiedAt = null }: EvidenceFile,
  onBytes: (bytes: number) => void,
): Promise<OpenedFile> {
  let told = damage;
  const onDamage = (message: string) => {
    told = message;
  };
  const { size, mtimeMs } = statSync(path);
  const file = { path, size };
  const content = () => unpacked(fileBytes(file, ignore), onDamage);
  return {
    name,
    file,
    ...(await headsOf(path)),
    modifiedAt: modifiedAt ?? (Math.floor(mtimeMs * 1000) as Micros),
    content,
    contentForImport: () => unpacked(fileBytes(file, onBytes), onDamage),
    damage: () => told,
  };
}

/** The first 64 KiB of the content, and whether it is packed. */
export async function headsOf(path: string) {
  const packedHead = firstBytes(path);
  const packed = isGzip(packedHead);
  const file = { path, size: statSync(path).size };
  const head = packed ? await headOf(unpacked(fileBytes(file, ignore), ignore)) : packedHead;
  return { packed, packedHead, head };
}

function firstBytes(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.min(headBytes, fstatSync(file).size));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

function ignore(): void {}
