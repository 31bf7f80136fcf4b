import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CorruptBatch,
  decodeReportedBatch,
  decodeReportedSubjects,
  encodePacketBatch,
  encodeReportedBatch,
  encodeReportsInParts,
  newReportedFlow,
  type ReportedBatch,
  type ReportedFlow,
  reportAt,
  sliceReports,
} from "../../src/index.js";
import { crc32 } from "../../src/traffic/crc32.js";
import { downloads } from "../support/batches.js";
import { Random } from "../support/random.js";
import { anyReports, batchOfReports } from "../support/reports.js";

describe("a batch of reported flows", () => {
  it("gives back every report that was put into it", () => {
    fc.assert(
      fc.property(anyReports, (reports) => {
        expect(all(batchOfReports(reports))).toEqual(reports);
      }),
    );
  });

  it("comes back from its bytes exactly, and from parts of any size", () => {
    fc.assert(
      fc.property(anyReports, fc.integer({ min: 60, max: 400 }), (reports, maxBytes) => {
        const batch = batchOfReports(reports);
        expect(decodeReportedBatch(encodeReportedBatch(batch))).toEqual(batch);
        const { flows, sensors } = batch;
        expect(decodeReportedSubjects(encodeReportedBatch(batch))).toEqual({ flows, sensors });
        const parts = encodeReportsInParts(batch, maxBytes);
        expect(parts.flatMap(({ columns }) => all(decodeReportedBatch(columns)))).toEqual(reports);
      }),
    );
  });

  it("of version 1 still decodes", () => {
    const fixture = join(import.meta.dirname, "../fixtures/reported-batch-v1");
    const read = all(decodeReportedBatch(readFileSync(`${fixture}.bin`)));
    expect(read.map(plain)).toEqual(JSON.parse(readFileSync(`${fixture}.json`, "utf8")));
  });

  it("is refused where a byte is another, where it is cut, and where it is another batch", () => {
    const bytes = encodeReportedBatch(batchOfReports(fc.sample(anyReports, { seed: 7, numRuns: 30 }).flat()));
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      expect(() => decodeReportedBatch(changed)).toThrow(CorruptBatch);
      expect(() => decodeReportedBatch(bytes.subarray(0, at))).toThrow(CorruptBatch);
    }
    expect(() => decodeReportedBatch(encodePacketBatch(downloads(1, 2, new Random(1))))).toThrow("no reported flow");
  });

  it("is read or refused in words where its bytes are wrong and its checksum is right", () => {
    const bytes = encodeReportedBatch(batchOfReports(fc.sample(anyReports, { seed: 9, numRuns: 20 }).flat()));
    const random = new Random(5);
    for (let round = 0; round < 3000; round++) {
      const changed = bytes.slice();
      changed[3 + random.below(bytes.length - 7)] = random.below(256);
      const checksum = crc32(changed, changed.length - 4);
      for (let byte = 0; byte < 4; byte++) changed[changed.length - 4 + byte] = checksum >>> (byte * 8);
      try {
        all(decodeReportedBatch(changed));
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptBatch);
      }
    }
  });

  it("is cut into batches with the flows and texts that they name alone", () => {
    const reports = fc.sample(anyReports, { seed: 3, numRuns: 10 }).flat();
    const batch = batchOfReports(reports);
    const part = sliceReports(batch, 2, 5);
    expect(all(part)).toEqual(reports.slice(2, 5));
    expect(part.flows.count).toBeLessThanOrEqual(3);
  });
});

function all(batch: ReportedBatch): ReportedFlow[] {
  return Array.from({ length: batch.count }, (_, index) => reportAt(batch, index, newReportedFlow()));
}

function plain({ flow, ...report }: ReportedFlow) {
  return { ...report, flow: { ...flow, words: [...flow.words] } };
}
