// An archive as evidence: a directory of files that somebody packed. What it is, its content shows, never its name.

import type { Micros } from "@conntrail/engine";
import type { Content } from "./content.js";

export type ArchiveKind = "zip" | "tar";

/** A file in an archive: `content` must be read, or left, before the next member is asked for. */
export type ArchiveMember = {
  readonly kind: "file";
  /** As the archive says: a path with `/`. */
  readonly name: string;
  readonly modifiedAt: Micros | null;
  readonly content: Content;
  /** So much of the archive has been read with it, from the beginning; asked when its content has been. */
  packedBytes(): number;
};

/** A member that can't be had; of the archive as a whole, `name` is null. */
export type LostMember = { readonly kind: "lost"; readonly name: string | null; readonly message: string };

/** What was packed ends here, or is packed so as to do harm: what came before is kept. */
export class ArchiveDamage extends Error {}

const tarBlockBytes = 512;
const [checksumAt, checksumEnd] = [148, 156];
const space = 0x20;

/** `head`: of the content, gzip unpacked; `packedHead` as it is in the file. */
export function archiveKindOf(packedHead: Uint8Array, head: Uint8Array): ArchiveKind | null {
  if (packedHead[0] === 0x50 && packedHead[1] === 0x4b && isZipMark(packedHead[2], packedHead[3])) return "zip";
  return isTarHeader(head) ? "tar" : null;
}

/** A first member, or the end of an empty archive. */
function isZipMark(third: number | undefined, fourth: number | undefined): boolean {
  return (third === 0x03 && fourth === 0x04) || (third === 0x05 && fourth === 0x06);
}

/** By the header's checksum (POSIX.1-1988 ustar), which archives older than the magic word have as well. */
function isTarHeader(head: Uint8Array): boolean {
  if (head.length < tarBlockBytes || head[0] === 0) return false;
  const told = Number.parseInt(latin1(head, checksumAt, checksumEnd).replace(/[\0 ]+$/, ""), 8);
  let sum = 0;
  for (let at = 0; at < tarBlockBytes; at++) sum += at >= checksumAt && at < checksumEnd ? space : head[at]!;
  return sum === told;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to)).toString("latin1");
}

/** Hidden files, and what macOS puts beside the files that somebody packed. */
export function isPassedOver(name: string): boolean {
  return name.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
}

/** Real exports pack to a thirtieth at best; a bomb to a thousandth. */
const [suspiciousBytes, suspiciousRatio] = [1024 ** 3, 300];

export function isBomb(bytes: number, packedBytes: number): boolean {
  return bytes > suspiciousBytes && bytes > suspiciousRatio * packedBytes;
}

export const bombMessage =
  "it unpacks to more than three hundred times its size: unpack it yourself if it is to be read";
