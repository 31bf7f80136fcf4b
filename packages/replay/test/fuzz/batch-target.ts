// Encoded batches: anything but `CorruptBatch` is our fault, and what decodes comes back from its own bytes.

import { isDeepStrictEqual } from "node:util";
import { CorruptBatch, decodePacketBatch, encodeInParts, encodePacketBatch, type PacketBatch } from "@conntrail/engine";
import { crc32 } from "../../../engine/src/traffic/crc32.js";
import { downloads, noise } from "../../../engine/test/support/batches.js";
import { Random } from "../../../engine/test/support/random.js";
import { law, sizeOf, type Target } from "./target.js";

const checksumBytes = 4;

export function batchTarget(): Target {
  const random = new Random(1);
  const batches = [downloads(4, 20, random), noise(40, 6, random), noise(400, 90, random), noise(0, 0, random)];
  return { name: "packet batch", seeds: batches.map(encodePacketBatch), inputsPerRound: 12_000, read };
}

function read(input: Uint8Array, random: Random): string {
  const bytes = input.slice();
  if (random.chance(0.5)) repairChecksum(bytes);
  const batch = decodedOrReason(bytes);
  if (typeof batch === "string") return batch;
  law(batch.count + batch.flows.count <= bytes.length, "a batch has no more packets and flows than bytes");
  expectRoundTrip(batch);
  const parts = encodeInParts(batch, 1 + random.below(bytes.length));
  const packets = parts.reduce((sum, part) => sum + part.batch.count, 0);
  law(packets === batch.count, "the parts of a batch hold all of its packets");
  return `read: ${sizeOf(batch.count)} ${sizeOf(batch.flows.count)} ${sizeOf(parts.length)}`;
}

export function expectRoundTrip(batch: PacketBatch): void {
  law(isDeepStrictEqual(decodePacketBatch(encodePacketBatch(batch)), batch), "a batch comes back from its bytes");
}

function decodedOrReason(bytes: Uint8Array): PacketBatch | string {
  try {
    return decodePacketBatch(bytes);
  } catch (error) {
    if (!(error instanceof CorruptBatch)) throw error;
    law(error.position >= 0 && error.position <= bytes.length, "a refusal names a byte of the batch");
    return `${error.reason.replace(/\d+/g, "#")} at ${sizeOf(error.position)}`;
  }
}

function repairChecksum(bytes: Uint8Array): void {
  const end = bytes.length - checksumBytes;
  if (end >= 0) new DataView(bytes.buffer, bytes.byteOffset).setUint32(end, crc32(bytes, end), true);
}
