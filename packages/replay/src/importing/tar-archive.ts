// The files in a tar archive, also a packed one, in one pass from its beginning.

import type { Micros } from "@conntrail/engine";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { ArchiveDamage, type ArchiveMember, bombMessage, isBomb, isPassedOver, type LostMember } from "./archive.js";
import type { Content } from "./content.js";

export type TarContent = {
  /** Gzip unpacked. */
  readonly content: Content;
  /** How much of the file has been read for it. */
  packedBytes(): number;
  /** Why it ended too soon, if it did. */
  damage(): string | null;
  /** Whether headers have the magic word, so that each can be checked. */
  readonly strict: boolean;
};

export async function* tarMembers(tar: TarContent): AsyncIterable<ArchiveMember | LostMember> {
  const bytes = ReadableStream.from(withoutBombs(tar));
  const entries = bytes.pipeThrough(createTarDecoder({ strict: tar.strict }));
  try {
    for await (const entry of entries) yield* memberOf(entry, tar);
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw error;
    yield lostRest(tar, error);
    return;
  }
  if (tar.damage() !== null) yield lostRest(tar, null);
}

async function* memberOf({ header, body }: ParsedTarEntry, tar: TarContent): AsyncIterable<ArchiveMember> {
  const { name, type = "file", mtime } = header;
  if (type !== "file" || isPassedOver(plainName(name))) return body.cancel();
  const modifiedAt = mtime === undefined ? null : ((mtime.getTime() * 1000) as Micros);
  const content = contentOf(body);
  yield { kind: "file", name: plainName(name), modifiedAt, content, packedBytes: tar.packedBytes };
  await content.return(undefined);
  if (!body.locked) await body.cancel();
}

/** `tar -C directory .` puts `./` before each. */
function plainName(name: string): string {
  return name.replace(/^(\.?\/)+/, "");
}

async function* contentOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
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
