import { describe, expect, it } from "vitest";
import { progressBar, progressLine } from "../../src/cli/progress.js";
import { styleFor } from "../../src/render/style.js";

describe("progress", () => {
  it("of an import tells bytes, packets, their rate and the time left", () => {
    const work = { title: "importing", bytes: 400_000_000, packets: null };
    const line = progressLine(work, { bytes: 100_000_000, packets: 1_000_000 }, { seconds: 1000, total: 400_000_000 });
    expect(line).toMatch(
      /^importing █{8}░{22} 100\.0 MB of 400\.0 MB, 1,000,000 packets, 1,000 packets\/s, 3,000 s left$/,
    );
  });

  it("of standard input, whose length nobody knows, tells no time left", () => {
    const work = { title: "importing", bytes: null, packets: null };
    const line = progressLine(work, { bytes: 1500, packets: 1000 }, { seconds: 100, total: 0 });
    expect(line).toBe("importing 1.5 kB, 1,000 packets, 10 packets/s");
  });

  it("of the views counts packets alone", () => {
    const work = { title: "bringing the views up to date", bytes: null, packets: 4000 };
    const line = progressLine(work, { bytes: 0, packets: 2000 }, { seconds: 100, total: 4000 });
    expect(line).toMatch(/█{15}░{15} 2,000 of 4,000 packets, 20 packets\/s, 100 s left$/);
  });

  it("is quiet where there is no terminal", () => {
    const told: string[] = [];
    const terminal = {
      style: styleFor(false, {}),
      width: null,
      showsProgress: false,
      out: async (text: string) => void told.push(text),
      tell: (message: string) => void told.push(message),
    };
    const bar = progressBar(terminal, { title: "importing", bytes: 10, packets: null });
    bar.bytes(10);
    bar.stop();
    expect(told).toEqual([]);
  });
});
