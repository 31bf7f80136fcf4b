import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentAcknowledged, contentSent, newContent } from "../../src/zeek/content.js";

type Step = { readonly sent: readonly [number, number] } | { readonly acknowledged: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 })).map(([from, length]) => ({
    sent: [from, from + length] as const,
  })),
  fc.integer({ min: 1, max: 80 }).map((acknowledged) => ({ acknowledged })),
);

/** Bytes missing, counted one by one: those acknowledged for the first time that nothing brought before. */
function missingBytes(steps: readonly Step[]): number {
  const seen = new Set<number>();
  let [missing, upTo] = [0, 1];
  for (const one of steps) {
    if ("sent" in one) {
      for (let at = one.sent[0]; at < one.sent[1]; at++) seen.add(at);
      continue;
    }
    for (; upTo < one.acknowledged; upTo++) if (!seen.has(upTo)) missing++;
  }
  return missing;
}

function tracked(steps: readonly Step[]): number {
  const content = newContent();
  let [missing, acknowledged] = [0, 1];
  for (const one of steps) {
    if ("sent" in one) {
      contentSent(content, one.sent[0], one.sent[1], {
        acknowledged,
        nothingAcknowledged: acknowledged === 1,
        size: 0,
      });
      continue;
    }
    acknowledged = Math.max(acknowledged, one.acknowledged);
    contentAcknowledged(content, one.acknowledged, false, (bytes) => {
      missing += bytes;
    });
  }
  return missing;
}

describe("content", () => {
  it("is missing byte by byte where an acknowledgement covers what was not sent", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        expect(tracked(steps)).toBe(missingBytes(steps));
      }),
      { numRuns: 3000 },
    );
  });

  it("is not followed any more where too much stands behind a hole without any acknowledgement", () => {
    const content = newContent();
    const state = { acknowledged: 1, nothingAcknowledged: true, size: 0 };
    contentSent(content, 2, 1 + 16_384, state);
    expect(content.abandoned).toBe(false);
    contentSent(content, 1 + 16_384, 2 + 16_384, state);
    expect(content.abandoned).toBe(true);
    contentAcknowledged(content, 20_000, false, () => expect.unreachable("a gap"));
  });
});
