// Files as evidence: found in directories, and opened. The same content has the same id under any name.

import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Micros } from "@conntrail/engine";
import type { Evidence } from "../importers/importer.js";
import { type Content, type FileContent, fileBytes, headOf, isGzip, unpacked } from "./content.js";

/** What to import: a name as the user gave it, and the file that holds the content. */
export type EvidenceFile = {
  readonly name: string;
  readonly path: string;
  /** What was wrong with the content before it was put there. */
  readonly damage?: string | null;
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
  const path = join(directory, "standard-input");
  const file = openSync(path, "w");
  try {
    for await (const chunk of content) writeSync(file, chunk);
  } finally {
    closeSync(file);
  }
  return { name: "-", path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** `onBytes` hears of the file's own bytes as the content is read for import; hashing is not counted. */
export async function openFile(
  { name, path, damage = null }: EvidenceFile,
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
    head: await headOf(content()),
    packed: isGzip(await headOf(fileBytes(file, ignore))),
    modifiedAt: Math.floor(mtimeMs * 1000) as Micros,
    content,
    contentForImport: () => unpacked(fileBytes(file, onBytes), onDamage),
    damage: () => told,
  };
}

function ignore(): void {}
