// Finds a source again among the files of today: under the name that it was imported by, and with the same content.

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { captureImporterFor } from "../importers/all-importers.js";
import { type OpenedFile, openFile } from "./evidence-file.js";
import { hashContent, openingOf } from "./source-name.js";
import { unpack } from "./unpacking.js";

export type SoughtSource = {
  readonly sha256: string;
  /** As given to import; names of files in archives go on behind the archive's own. */
  readonly name: string;
  /** Where names that are no absolute paths may begin. */
  readonly directories: readonly string[];
};

/** `changed`: there is such a file, with another content. */
export type SourceFound<T> = { readonly kind: "found"; readonly answer: T } | { readonly kind: "gone" | "changed" };

/** `use` is asked while the file exists, which in an archive is not for long. */
export async function withSource<T>(
  sought: SoughtSource,
  use: (file: OpenedFile) => Promise<T>,
): Promise<SourceFound<T>> {
  let changed = false;
  for (const directory of sought.directories) {
    for await (const file of filesNamed(resolve(directory, sought.name))) {
      if (await hasContent(file, sought.sha256)) return { kind: "found", answer: await use(file) };
      changed = true;
    }
  }
  return { kind: changed ? "changed" : "gone" };
}

/** Several where an archive holds a name twice. */
async function* filesNamed(name: string): AsyncIterable<OpenedFile> {
  const path = fileAbove(name);
  if (path === null) return;
  const wants = (member: string) => name === member || name.startsWith(`${member}/`);
  for await (const found of unpack({ name: path, path }, { share: 0, depth: 0, wants })) {
    if (found.kind === "file" && found.file.name === name) yield await openFile(found.file, () => undefined);
  }
}

/** The file itself, or the archive that it is in. */
function fileAbove(path: string): string | null {
  try {
    return statSync(path).isFile() ? path : null;
  } catch {
    return dirname(path) === path ? null : fileAbove(dirname(path));
  }
}

async function hasContent(file: OpenedFile, sha256: string): Promise<boolean> {
  const capture = captureImporterFor(file.head);
  if (capture !== null && openingOf(capture, file.head) === sha256) return true;
  return (await hashContent(file.content())).sha256 === sha256;
}
