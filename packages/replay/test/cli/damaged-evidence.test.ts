// Files of every format that came to harm, through the whole command: good and bad, packed, in any order, the same case.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Random } from "../../../engine/test/support/random.js";
import { mutated } from "../fuzz/mutation.js";
import { conntrail, json, newCase, temporaryDirectory, verified } from "../support/conntrail.js";
import { contentOf, type RecordFile, recordFiles } from "../support/record-files.js";

const numbers = [1, 2, 3, 4, 5, 6];
const random = new Random(20_261_121);

/** As it was, cut, with a bad record, and with bytes changed anywhere. */
function variants(file: RecordFile): Buffer[] {
  const whole = contentOf(file, numbers.map(file.record));
  const withBad = contentOf(file, [...numbers.map(file.record), file.damaged[0]!, file.record(7)]);
  const others = recordFiles.map((other) => Buffer.from(contentOf(other, [3, 4].map(other.record))));
  const changed = Buffer.from(mutated(Buffer.from(whole), random, random.pick(others)));
  return [Buffer.from(whole), Buffer.from(whole.slice(0, -60)), Buffer.from(withBad), changed];
}

const directory = temporaryDirectory();
const files = recordFiles.flatMap((file, index) =>
  variants(file).map((content, number) => {
    const folder = join(directory, String(index));
    mkdirSync(folder, { recursive: true });
    const packed = number === 1 ? gzipSync(gzipSync(content)) : content;
    const path = join(folder, `${number}.evidence`);
    writeFileSync(path, packed);
    return path;
  }),
);

type Imported = { readonly files: readonly { readonly format: string | null; readonly events: number }[] };

function importAll(order: readonly string[], target: string) {
  return conntrail(["import", ...order, "--case", target, "--taken-at", "2026-03-18T12:00:00Z", "-o", "json"]);
}

test("in any order the views are the same, and imported again they add nothing", () => {
  const [one, other] = [newCase(), newCase()];
  const first = importAll(files, one);
  expect(first.code).toBe(1);
  expect(importAll(random.shuffled(files), other).code).toBe(1);
  expect(verified(other).viewsDigest).toBe(verified(one).viewsDigest);
  importAll(files, one);
  expect(verified(one).viewsDigest).toBe(verified(other).viewsDigest);
  const { files: reports } = json<Imported>(first);
  const whole = recordFiles.map((_, index) => reports[index * 4]!);
  expect(whole.map(({ format, events }) => [format, events])).toEqual(recordFiles.map(({ format }) => [format, 6]));
});
