// History and conn_state of flow records, against what Zeek says of the same packets and where it says otherwise.

import { describe, expect, it } from "vitest";
import { batchOf, type PacketText } from "../support/packets.js";
import { project } from "../support/projection.js";
import { talk, tracked } from "../support/zeek.js";

const handshake = `
  0.0  >  S   100    0  0
  0.1  <  SA  500  101  0
  0.2  >  A   101  501  0`;

/** `SF ShADadFf`, a record each, in the order of opening. */
function recordsOf(packets: readonly PacketText[]): string[] {
  return project([], [batchOf(packets)]).flows.map(({ connState, history }) => `${connState} ${history}`.trim());
}

function zeekOf(packets: readonly PacketText[]): string[] {
  return tracked([batchOf(packets)]).map(({ state, history }) => `${state} ${history}`.trim());
}

const alike: readonly (readonly [string, string, string])[] = [
  ["a SYN that nobody answers", "0 > S 100 0 0", "S0 S"],
  ["a SYN sent again", "0 > S 100 0 0\n 1 > S 100 0 0", "S0 S"],
  ["a handshake and nothing else", handshake, "S1 ShA"],
  [
    "a request, an answer, and an orderly close",
    `${handshake}
    0.3  >  PA  101  501  20
    0.4  <  A   501  121   0
    0.5  <  PA  501  121  70
    0.6  >  A   121  571   0
    0.7  >  FA  121  571   0
    0.8  <  FA  571  122   0
    0.9  >  A   122  572   0`,
    "SF ShADadFf",
  ],
  ["a SYN that is refused", "0 > S 100 0 0\n 0.1 < RA 0 101 0", "REJ Sr"],
  ["a reset by the originator", `${handshake}\n 0.3 > RA 101 501 0`, "RSTO ShAR"],
  ["a reset by the responder", `${handshake}\n 0.3 < RA 501 101 0`, "RSTR ShAr"],
  ["a reset that comes again elsewhere", `${handshake}\n 0.3 < R 501 0 0\n 0.4 < R 502 0 0`, "RSTR ShArr"],
  ["a SYN and a reset behind it", "0 > S 100 0 0\n 0.1 > R 101 0 0", "RSTOS0 SR"],
  ["a close by the originator alone", `${handshake}\n 0.3 > FA 101 501 0`, "S2 ShAF"],
  ["a close by the responder alone", `${handshake}\n 0.3 < FA 501 101 0`, "S3 ShAf"],
  ["payload sent again", `${handshake}\n 0.3 > PA 101 501 20\n 0.4 > PA 101 501 20`, "S1 ShADT"],
  ["a window of zero, twice", `${handshake}\n 0.3 < A 501 101 0 w\n 0.4 < A 501 101 0 w`, "S1 ShAaw"],
  ["flags that contradict each other", `${handshake}\n 0.3 > SF 100 0 0\n 0.4 < FR 501 0 0`, "RSTR ShAQi"],
  ["a FIN and a reset behind it", `${handshake}\n 0.3 > FA 101 501 0\n 0.4 > R 102 0 0`, "RSTO ShAFR"],
];

describe("the history of a flow record", () => {
  it.each(alike)("is what Zeek writes of the connection: %s", (_, lines, expected) => {
    const packets = talk(lines);
    expect(recordsOf(packets)).toEqual([expected]);
    expect(zeekOf(packets)).toEqual([expected]);
  });

  it("is that of datagrams as in Zeek, and empty for other protocols", () => {
    const exchange = "0 > . 0 0 10\n 1 < . 0 0 10 c\n 2 > . 0 0 10";
    expect(recordsOf(talk(exchange.replace(" c", ""), { protocol: 17, flags: 0 }))).toEqual(["SF Dd"]);
    expect(zeekOf(talk(exchange.replace(" c", ""), { protocol: 17, flags: 0 }))).toEqual(["SF Dd"]);
    expect(recordsOf(talk(exchange, { protocol: 17 }))).toEqual(["SF Dcd"]);
    expect(recordsOf(talk(exchange, { protocol: 50 }))).toEqual(["OTH"]);
  });

  it("has letters that count at the first, tenth, hundredth and thousandth time, and then no more", () => {
    const again = (count: number) => Array.from({ length: count + 1 }, () => "1 > PA 101 501 20").join("\n");
    const letters = (count: number) => recordsOf(talk(`${handshake}\n${again(count)}`))[0]!.replace("S1 ShAD", "");
    expect([0, 1, 9, 10, 99, 100, 999, 1000].map(letters)).toEqual(["", "T", "T", "TT", "TT", "TTT", "TTT", "TTTT"]);
    expect(letters(10_001)).toBe("TTTT");
  });

  it("ends with 24 letters, and the state goes by all of them", () => {
    const resets = Array.from({ length: 30 }, (_, index) => `1 > R ${900 + index} 0 0`).join("\n");
    expect(recordsOf(talk(`${handshake}\n${resets}`))).toEqual([`RSTO ShA${"R".repeat(21)}`]);
    const close = "2 < FA 501 101 0";
    const syns = Array.from({ length: 30 }, (_, index) => `1 > S ${900 + index} 0 0`).join("\n");
    expect(recordsOf(talk(`${handshake}\n${syns}\n${close}`))).toEqual([`S3 ShA${"S".repeat(21)}`]);
  });

  it("differs from Zeek's where a packet's checksum is wrong: it counts all the same", () => {
    const packets = talk("0 > S 100 0 0 c\n 0.1 < SA 500 101 0\n 0.2 > A 101 501 0 c");
    expect(recordsOf(packets)).toEqual(["S1 CShA"]);
    expect(zeekOf(packets)).not.toEqual(["S1 CShA"]);
  });

  it("begins anew with each record", () => {
    const later = talk(`${handshake}\n 0.3 > RA 101 501 0\n 3600 > S 100 0 0\n 3600.1 < RA 0 101 0`);
    expect(recordsOf(later)).toEqual(["RSTO ShAR", "REJ Sr"]);
  });
});
