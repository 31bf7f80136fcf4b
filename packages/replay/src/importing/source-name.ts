// How sources are named (DESIGN 3): a file by its whole content; a capture on standard input, whose end nobody knows, by
// its opening. A file that begins as such a capture went is that capture, so its packets are known.

import { createHash, type Hash } from "node:crypto";
import type { ContentRead } from "@conntrail/engine";
import type { CaptureImporter } from "../importers/importer.js";
import { type Content, headBytes } from "./content.js";

/** SHA-256 of a content, for as far as it has been read. */
export class ContentHash {
  readonly #hash: Hash = createHash("sha256");
  bytes = 0;

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
  }

  soFar(): ContentRead {
    return { bytes: this.bytes, sha256: this.#hash.copy().digest("hex") };
  }
}

/** SHA-256, hex, of header and first record, or of the first 64 KiB; null where `head` ends before both. */
export function openingOf(importer: CaptureImporter, head: Uint8Array): string | null {
  const length = Math.min(importer.openingBytes(head) ?? headBytes, headBytes);
  if (length > head.length) return null;
  return createHash("sha256").update(head.subarray(0, length)).digest("hex");
}

export type HashedContent = {
  readonly sha256: string;
  /** Whether it begins as another content did at each of the places that were given, one of them at least. */
  readonly agrees: boolean;
};

export async function hashContent(content: Content, known: readonly ContentRead[] = []): Promise<HashedContent> {
  const hash = new ContentHash();
  let [next, agrees] = [0, true];
  for await (const chunk of content) {
    let from = 0;
    for (; next < known.length && known[next]!.bytes <= hash.bytes + chunk.length - from; next++) {
      const to = known[next]!.bytes - hash.bytes + from;
      hash.update(chunk.subarray(from, to));
      from = to;
      agrees &&= hash.soFar().sha256 === known[next]!.sha256;
    }
    hash.update(chunk.subarray(from));
  }
  return { sha256: hash.soFar().sha256, agrees: agrees && next > 0 };
}
