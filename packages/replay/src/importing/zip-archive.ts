// The files in a zip archive, by its directory, which stands at its end.

import type { Micros } from "@conntrail/engine";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { ArchiveDamage, type ArchiveMember, bombMessage, isBomb, isPassedOver, type LostMember } from "./archive.js";
import type { Content } from "./content.js";

const fileTypeMask = 0o170000;
const symbolicLink = 0o120000;

export async function* zipMembers(path: string): AsyncIterable<ArchiveMember | LostMember> {
  let zip: ZipFile;
  try {
    zip = await yauzl.openPromise(path, { autoClose: false, lazyEntries: true });
  } catch (error) {
    yield lostArchive(error);
    return;
  }
  try {
    yield* membersOf(zip);
  } catch (error) {
    if (error instanceof ArchiveDamage || isSystemError(error)) throw error;
    yield lostArchive(error);
  } finally {
    zip.close();
  }
}

async function* membersOf(zip: ZipFile): AsyncIterable<ArchiveMember | LostMember> {
  let packedBytes = 0;
  for await (const entry of zip.eachEntry()) {
    packedBytes += entry.compressedSize;
    const name = entry.fileName;
    if (name.endsWith("/") || isPassedOver(name) || isLink(entry)) continue;
    const refusal = refusalOf(entry);
    if (refusal !== null) yield { kind: "lost", name, message: refusal };
    else
      yield {
        kind: "file",
        name,
        modifiedAt: modifiedAt(entry),
        content: contentOf(zip, entry),
        packedBytes: () => packedBytes,
      };
  }
}

function refusalOf(entry: Entry): string | null {
  if (entry.isEncrypted()) return "it is encrypted: unpack the archive with its password";
  if (!entry.canDecodeFileData())
    return `it is packed by method ${entry.compressionMethod}: unpack the archive yourself`;
  return isBomb(entry.uncompressedSize, entry.compressedSize) ? bombMessage : null;
}

/** Made on Unix, where the upper half of the attributes is the file's mode. */
function isLink({ versionMadeBy, externalFileAttributes }: Entry): boolean {
  return versionMadeBy >> 8 === 3 && ((externalFileAttributes >>> 16) & fileTypeMask) === symbolicLink;
}

function modifiedAt(entry: Entry): Micros {
  return (entry.getLastModDate({ timezone: "UTC" }).getTime() * 1000) as Micros;
}

async function* contentOf(zip: ZipFile, entry: Entry): Content {
  try {
    yield* await zip.openReadStreamPromise(entry);
  } catch (error) {
    throw isSystemError(error) ? error : new ArchiveDamage(reasonOf(error));
  }
}

function lostArchive(error: unknown): LostMember {
  if (isSystemError(error)) throw error;
  return {
    kind: "lost",
    name: null,
    message: `the zip archive is broken (${reasonOf(error)}): export or copy it again`,
  };
}

/** Of opening or reading the file. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
