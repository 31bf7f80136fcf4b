import { describe, expect, it } from "vitest";
import { inFileOrder, type TrafficBatch } from "../../src/index.js";
import { batchOf } from "../support/packets.js";
import { at, outcome, outcomes, talk, tracked } from "../support/zeek.js";

const conversation = talk(`
  0.0  >  S   100    0   0
  0.1  <  SA  500  101   0
  0.2  >  A   101  501   0
  0.3  >  PA  101  501  20
  0.4  <  A   501  121   0
  9.0  >  FA  121  501   0
  9.1  <  FA  501  122   0
  9.2  >  A   122  502   0`);

/** The batches as the log hands them out, whatever the order in which they came. */
function read(batches: readonly TrafficBatch[]) {
  const spans = batches.map((traffic) => ({
    ...traffic,
    firstFrame: traffic.batch.frame[0]!,
    lastTime: Math.max(...traffic.batch.time),
  }));
  return tracked(inFileOrder(spans)).map((connection) => `${connection.place} ${outcome(connection)}`);
}

describe("a capture", () => {
  it("is read in the order of its file, although its times go back", () => {
    const misordered = conversation.map((part, index) => ({ ...part, time: at(index % 2 === 0 ? 0.1 : 0) }));
    expect(outcomes(misordered)).toEqual(["SF ShADaFf 0 s 20+0 bytes 5+3 packets"]);
    expect(outcomes(conversation)).toEqual(["SF ShADaFf 9.1 s 20+0 bytes 5+3 packets"]);
  });

  it("gives the same connections wherever its batches are cut, and in whatever order they came", () => {
    const whole = read([batchOf(conversation)]);
    for (let cut = 1; cut < conversation.length; cut++) {
      const parts = [conversation.slice(0, cut), conversation.slice(cut)].map((part) => batchOf(part));
      expect(read(parts)).toEqual(whole);
      expect(read(parts.toReversed())).toEqual(whole);
    }
  });

  it("stands beside others of its place by a clock that never goes back", () => {
    const source = (sha256: string, seconds: readonly number[]) => {
      const opening = talk("0 > A 1 1 0")[0]!;
      const packets = seconds.map((second, index) => ({
        ...opening,
        time: at(second),
        frame: index + 1,
        payloadLength: second * 10,
        sourcePort: 50_000 + second * 10,
      }));
      return batchOf(packets, { sha256 });
    };
    const order = read([source("aa", [5, 4]), source("bb", [4.5]), source("cc", [0, 4.8])]);
    expect(order.map((line) => line.split(" ")[5])).toEqual(["0+0", "45+0", "48+0", "50+0", "40+0"]);
  });

  it("is taken together with others of the same place, and apart from those of other places", () => {
    const [one, two] = [conversation.slice(0, 4), conversation.slice(4)];
    const together = read([batchOf(one, { sha256: "aa" }), batchOf(two, { sha256: "bb" })]);
    expect(together).toEqual(read([batchOf(conversation)]));
    const apart = read([batchOf(one, { place: "p" }), batchOf(two, { place: "q" })]);
    expect(apart.map((line) => line.split(" ").slice(0, 3))).toEqual([
      ["p", "S1", "ShAD"],
      ["q", "SF", "^aFfA"],
    ]);
  });
});
