import { describe, expect, it } from "vitest";
import { batchOf } from "../support/packets.js";
import { outcomes, talk, tracked } from "../support/zeek.js";

const handshake = `
  0.0  >  S   100    0  0
  0.1  <  SA  500  101  0
  0.2  >  A   101  501  0`;
const close = `
  0.3  >  FA  101  501  0
  0.4  <  FA  501  102  0`;

/** How many connections a server's port sees in it. */
function countOf(text: string, destinationPort = 80): number {
  return outcomes(talk(text, { destinationPort })).length;
}

/** Seconds after the handshake, of packets that keep the connection going. */
const rests: readonly (readonly [number, readonly number[], number])[] = [
  [80, [299], 1],
  [80, [301], 2],
  [80, [200, 400, 600], 1],
  [22, [301], 1],
  [22, [3599], 1],
  [22, [3601], 2],
];

describe("a TCP connection is over", () => {
  it.each(rests)("after five minutes of rest, an hour where people type: port %i, at %j", (port, seconds, count) => {
    const more = seconds.map((second) => `${second + 0.2} > A 101 501 1`).join("\n");
    expect(countOf(`${handshake}\n${more}`, port)).toBe(count);
  });

  it("five seconds after both sides closed", () => {
    expect(outcomes(talk(`${handshake}${close}\n 5.3 > A 102 502 0`))).toHaveLength(1);
    expect(outcomes(talk(`${handshake}${close}\n 5.5 > A 102 502 0`))).toEqual([
      "SF ShAFf 0.4 s 0+0 bytes 3+2 packets",
      "OTH A 0 s 0+0 bytes 1+0 packets",
    ]);
  });

  it("five seconds after a SYN without an answer", () => {
    expect(countOf("0 > S 100 0 0\n 4.9 > S 100 0 0")).toBe(1);
    expect(countOf("0 > S 100 0 0\n 5.1 > S 100 0 0")).toBe(2);
  });

  it("when a SYN with another number opens the next one", () => {
    expect(outcomes(talk(`${handshake}\n 1 > S 7000 0 0`))).toEqual([
      "S1 ShA 0.2 s 0+0 bytes 2+1 packets",
      "S0 S 0 s 0+0 bytes 1+0 packets",
    ]);
  });

  it("when any SYN comes behind a close", () => {
    expect(countOf(`${handshake}${close}\n 1 > S 100 0 0`)).toBe(2);
  });

  it("only when content that a close waits for has come or is given up", () => {
    const early = `${handshake}
      0.3  <  FA  601  101  0`;
    expect(countOf(`${early}\n 20 < A 501 101 100\n 30 > FA 101 602 0`)).toBe(1);
  });
});

describe("connections are handed out", () => {
  it("when time has come to their end, the others in the order in which they were opened", () => {
    const opened = (second: number, sourcePort: number) => talk(`${second} > S 100 0 0`, { sourcePort });
    const packets = [...opened(0, 1001), ...opened(1, 1002), ...opened(4, 1003), ...opened(5.5, 1004)];
    const ports = tracked([batchOf(packets)]).map(({ originator }) => originator.port);
    expect(ports).toEqual([1001, 1002, 1003, 1004]);
    const late = tracked([
      batchOf([...opened(0, 1001), ...talk("1 > A 1 1 1", { sourcePort: 1002 }), ...opened(9, 1003)]),
    ]);
    expect(late.map(({ originator }) => originator.port)).toEqual([1001, 1002, 1003]);
  });

  it("with ids that differ, and are the same another time", () => {
    const packets = talk("0 > S 100 0 0\n 10 > S 100 0 0");
    const uids = () => tracked([batchOf(packets)]).map(({ uid }) => uid);
    expect(uids()).toEqual(uids());
    expect(new Set(uids()).size).toBe(2);
    expect(uids()[0]).toMatch(/^C[0-9A-Za-z]{5,17}$/);
  });
});
