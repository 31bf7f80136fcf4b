import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CorruptBatch, decodePacketBatch, encodePacketBatch, type PacketBatch } from "../../src/index.js";
import { crc32 } from "../../src/traffic/crc32.js";
import { anyBatch, downloads, noise } from "../support/batches.js";
import { Random } from "../support/random.js";

describe("the bytes of a batch", () => {
  it("restore every column exactly, whatever its values", () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        expect(decodePacketBatch(encodePacketBatch(batch))).toEqual(batch);
      }),
      { numRuns: 1500 },
    );
  });

  it("restore long columns and large dictionaries", () => {
    const random = new Random(3);
    for (const batch of [noise(20_000, 5000, random), downloads(200, 100, random)]) {
      expect(decodePacketBatch(encodePacketBatch(batch))).toEqual(batch);
    }
  });

  it("are below two a packet in orderly TCP", () => {
    const batch = downloads(100, 200, new Random(5));
    expect(encodePacketBatch(batch).length / batch.count).toBeLessThan(2);
  });

  it("are the same for the same batch, wherever its bytes lay", () => {
    const bytes = encodePacketBatch(downloads(3, 10, new Random(1)));
    const placed = new Uint8Array(bytes.length + 7);
    placed.set(bytes, 7);
    expect(encodePacketBatch(decodePacketBatch(placed.subarray(7)))).toEqual(bytes);
  });

  it("of version 1 still decode", () => {
    const expected = JSON.parse(readFileSync(fixture("packet-batch-v1.json"), "utf8"));
    expect(plain(decodePacketBatch(readFileSync(fixture("packet-batch-v1.bin"))))).toEqual(expected);
  });

  it("are not made of times between microseconds, or of flows that the dictionary lacks", () => {
    const batch = downloads(1, 1, new Random(1));
    const without = (more: Partial<PacketBatch>) => () => encodePacketBatch({ ...batch, ...more });
    expect(without({ time: batch.time.map((time) => time + 0.5) })).toThrow("whole number of microseconds");
    expect(without({ flow: batch.flow.map(() => 2) })).toThrow("not in the dictionary");
    expect(without({ quoted: batch.quoted.map(() => 2) })).toThrow("not in the dictionary");
    expect(without({ quoted: batch.quoted.map(() => -2) })).toThrow("not in the dictionary");
  });
});

describe("damaged bytes", () => {
  const bytes = encodePacketBatch(downloads(4, 20, new Random(9)));

  it("are refused wherever a bit was changed", () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodePacketBatch(changed)).toThrow(CorruptBatch);
    }
  });

  it("are refused wherever they were cut", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodePacketBatch(bytes.subarray(0, length))).toThrow(CorruptBatch);
    }
  });

  it("are told by position and reason", () => {
    const refusal = (damaged: Uint8Array) => {
      try {
        return decodePacketBatch(damaged);
      } catch (error) {
        return error instanceof CorruptBatch ? [error.position, error.reason] : error;
      }
    };
    expect(refusal(new Uint8Array(3))).toEqual([3, "it ends inside its header"]);
    expect(refusal(new Uint8Array(30))).toEqual([0, "it is no packet batch"]);
    expect(refusal(Uint8Array.from(bytes).fill(2, 2, 3))).toEqual([
      2,
      "its version is `2`, and this program reads `1`; use a newer one",
    ]);
    expect(refusal(Uint8Array.from(bytes).fill(0, 9, 10))).toEqual([bytes.length - 4, "its checksum differs"]);
    expect(refusal(sealed(Uint8Array.of(...bytes.subarray(0, -4), 0, 0, 0, 0, 0)))).toEqual([
      bytes.length - 4,
      "bytes are left over",
    ]);
  });

  it("that claim more packets than they have bytes are refused before anything is allocated", () => {
    for (const claim of [
      [0xff, 0xff, 0xff, 0xff, 0x0f],
      [0x80, 0x80, 0x04],
    ]) {
      const claiming = sealed(Uint8Array.of(0x50, 0x42, 1, ...claim, 0, 0, 0, 0));
      expect(() => decodePacketBatch(claiming)).toThrow("can't be in");
    }
  });

  it("with a right checksum are read or refused, in no more memory than they justify", () => {
    const random = new Random(20_261_121);
    const seeds = [bytes, encodePacketBatch(noise(40, 6, random)), encodePacketBatch(noise(0, 0, random))];
    let read = 0;
    for (let run = 0; run < 20_000; run++) {
      const damaged = sealed(mutated(random, random.pick(seeds)));
      const batch = decodedOrNull(damaged);
      if (batch === null) continue;
      read++;
      if (batch.count + batch.flows.count > damaged.length) throw new Error(`run ${run}: ${batch.count} packets`);
    }
    expect(read).toBeGreaterThan(100);
  });
});

it("the checksum is CRC-32", () => {
  const digits = new TextEncoder().encode("123456789");
  expect(crc32(digits, 9)).toBe(0xcbf43926);
  expect(crc32(digits, 0)).toBe(0);
});

function fixture(name: string): URL {
  return new URL(`../fixtures/${name}`, import.meta.url);
}

/** A batch as JSON has it. */
function plain(batch: PacketBatch): unknown {
  return JSON.parse(
    JSON.stringify(batch, (_, value) => (ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value)),
  );
}

/** The bytes with a checksum that is right. */
function sealed(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 4;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(end, crc32(bytes, end), true);
  return bytes;
}

function mutated(random: Random, seed: Uint8Array): Uint8Array {
  const bytes = seed.slice(0, random.chance(0.8) ? seed.length : 7 + random.below(seed.length - 6));
  const changes = 1 + random.below(3);
  for (let change = 0; change < changes; change++) bytes[3 + random.below(bytes.length - 3)] = random.below(256);
  return bytes;
}

function decodedOrNull(bytes: Uint8Array): PacketBatch | null {
  try {
    return decodePacketBatch(bytes);
  } catch (error) {
    if (error instanceof CorruptBatch) return null;
    throw error;
  }
}
