// Archives opened as if they were directories: a file `b.json` in `a.zip` is `a.zip/b.json`. Each is copied to a temporary
// file, since evidence is read twice, and that is removed before the next one.

import { tmpdir } from "node:os";
import { ArchiveDamage, type ArchiveKind, type ArchiveMember, archiveKindOf, type LostMember } from "./archive.js";
import { fileBytes, unpacked } from "./content.js";
import { bytesOf, type EvidenceFile, headsOf, spool } from "./evidence-file.js";
import { tarMembers } from "./tar-archive.js";
import { zipMembers } from "./zip-archive.js";

export type Unpacked =
  /** `share`: so many bytes of the file that was given are done when it is. */
  | { readonly kind: "file"; readonly file: EvidenceFile; readonly share: number }
  | { readonly kind: "lost"; readonly name: string; readonly message: string };

export type Packing = {
  /** As `Unpacked`. */
  readonly share: number;
  /** Archives around it. */
  readonly depth: number;
  /** Whether a member is wanted, by its whole name; archives in which it may be are asked for too. */
  wants(name: string): boolean;
};

/** An archive in an archive in an archive is no export any more. */
const maxDepth = 3;

/** The file itself where it is no archive. What is yielded last for a while, exists until the next is asked for. */
export async function* unpack(file: EvidenceFile, packing: Packing): AsyncIterable<Unpacked> {
  const { head, packedHead } = await headsOf(file.path);
  const kind = archiveKindOf(packedHead, head);
  if (kind === null) yield { kind: "file", file, share: packing.share };
  else if (packing.depth === maxDepth) yield lost(file.name, "archives lie in each other too deep: unpack it yourself");
  else yield* unpackArchive(file, { ...packing, depth: packing.depth + 1 }, membersOf(kind, file));
}

function membersOf(kind: ArchiveKind, { path }: EvidenceFile): AsyncIterable<ArchiveMember | LostMember> {
  if (kind === "zip") return zipMembers(path);
  let packedBytes = 0;
  let damage: string | null = null;
  const bytes = fileBytes({ path, size: bytesOf({ name: path, path }) }, (count) => {
    packedBytes += count;
  });
  const content = unpacked(bytes, (message) => {
    damage = message;
  });
  return tarMembers({ content, packedBytes: () => packedBytes, damage: () => damage });
}

async function* unpackArchive(
  file: EvidenceFile,
  packing: Packing,
  members: AsyncIterable<ArchiveMember | LostMember>,
): AsyncIterable<Unpacked> {
  const scale = packing.share / Math.max(1, bytesOf(file));
  let empty = true;
  let packedBefore = 0;
  for await (const member of members) {
    empty = false;
    const name = member.name === null ? file.name : `${file.name}/${member.name}`;
    if (member.kind === "lost") yield lost(name, member.message);
    else if (packing.wants(name)) {
      const share = () => Math.max(0, member.packedBytes() - packedBefore) * scale;
      yield* unpackMember({ ...member, name }, packing, share);
      packedBefore = member.packedBytes();
    }
  }
  if (empty) yield lost(file.name, "there is no file in the archive");
}

async function* unpackMember(member: ArchiveMember, packing: Packing, share: () => number): AsyncIterable<Unpacked> {
  const { name, modifiedAt } = member;
  let damage: string | null = null;
  const spooled = await spool(
    keptUntil(member, (message) => {
      damage = `the archive is broken here (${message}): what stands before is kept`;
    }),
  ).catch(noRoom);
  if (spooled === null) return yield lost(name, `there is no room to unpack it in \`${tmpdir()}\`: set TMPDIR`);
  try {
    yield* unpack({ name, path: spooled.path, modifiedAt, damage }, { ...packing, share: share() });
  } finally {
    spooled.remove();
  }
}

async function* keptUntil({ content }: ArchiveMember, onDamage: (message: string) => void): AsyncIterable<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    if (!(error instanceof ArchiveDamage)) throw error;
    onDamage(error.message);
  }
}

function noRoom(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") return null;
  throw error;
}

function lost(name: string, message: string): Unpacked {
  return { kind: "lost", name, message };
}
