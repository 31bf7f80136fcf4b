// The files in a tar archive, also a packed one, in one pass from its beginning.

import { Readable } from "node:stream";
import type { Micros } from "@conntrail/engine";
import { extract, type Header } from "tar-stream";
import { ArchiveDamage, type ArchiveMember, bombMessage, isBomb, isPassedOver, type LostMember } from "./archive.js";
import type { Content } from "./content.js";

export type TarContent = {
  /** Gzip unpacked. */
  readonly content: Content;
  /** How much of the file has been read for it. */
  packedBytes(): number;
  /** Why it ended too soon, if it did. */
  damage(): string | null;
};

type Entry = AsyncIterable<unknown> & { readonly header: Header; resume(): unknown };

/** Headers from before ustar's magic word too; the library's types leave the option out. */
const anyFormat: object = { allowUnknownFormat: true };

export async function* tarMembers(tar: TarContent): AsyncIterable<ArchiveMember | LostMember> {
  const bytes = Readable.from(withoutBombs(tar));
  const entries = extract(anyFormat);
  bytes.on("error", (error) => entries.destroy(error)).pipe(entries);
  try {
    for await (const entry of entries) yield* memberOf(entry, tar);
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw error;
    yield lostRest(tar, error);
    return;
  } finally {
    bytes.destroy();
  }
  if (tar.damage() !== null) yield lostRest(tar, null);
}

async function* memberOf(entry: Entry, tar: TarContent): AsyncIterable<ArchiveMember> {
  const { name, type, mtime } = entry.header;
  if ((type !== "file" && type !== "contiguous-file") || isPassedOver(plainName(name))) return void entry.resume();
  const modifiedAt = mtime === undefined ? null : ((mtime.getTime() * 1000) as Micros);
  yield { kind: "file", name: plainName(name), modifiedAt, content: contentOf(entry), packedBytes: tar.packedBytes };
  entry.resume();
}

/** `tar -C directory .` puts `./` before each. */
function plainName(name: string): string {
  return name.replace(/^(\.?\/)+/, "");
}

async function* contentOf(entry: Entry): Content {
  try {
    for await (const chunk of entry) yield chunk as Uint8Array;
  } catch (error) {
    throw new ArchiveDamage(reasonOf(error));
  }
}

async function* withoutBombs({ content, packedBytes }: TarContent): Content {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (isBomb(bytes, packedBytes())) throw new ArchiveDamage(bombMessage);
    yield chunk;
  }
}

function lostRest({ damage }: TarContent, error: unknown): LostMember {
  const why = damage() ?? reasonOf(error);
  return { kind: "lost", name: null, message: `the archive can't be read on: ${why}; the files before are kept` };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
