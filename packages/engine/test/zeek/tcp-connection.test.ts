import { describe, expect, it } from "vitest";
import { batchOf } from "../support/packets.js";
import { endsOf, outcomes, talk, tracked } from "../support/zeek.js";

const handshake = `
  0.0  >  S   100    0  0
  0.1  <  SA  500  101  0
  0.2  >  A   101  501  0`;

/** What happens, and what Zeek's conn.log says of it; states are those of base/protocols/conn/main.zeek. */
const stories: readonly (readonly [string, string, string])[] = [
  ["a SYN that nobody answers", "0 > S 100 0 0", "S0 S 0 s 0+0 bytes 1+0 packets"],
  [
    "a SYN, sent again, and another one with its own number",
    `
    0  >  S  100  0  0
    1  >  S  100  0  0
    3  >  S  900  0  0`,
    "S0 S 1 s 0+0 bytes 2+0 packets | S0 S 0 s 0+0 bytes 1+0 packets",
  ],
  ["a handshake and nothing else", handshake, "S1 ShA 0.2 s 0+0 bytes 2+1 packets"],
  [
    "a request, an answer, and an orderly close; its last acknowledgement is behind the end",
    `${handshake}
    0.3  >  PA  101  501  20
    0.4  <  A   501  121   0
    0.5  <  PA  501  121  70
    0.6  >  A   121  571   0
    0.7  >  FA  121  571   0
    0.8  <  FA  571  122   0
    0.9  >  A   122  572   0`,
    "SF ShADadFf 0.8 s 20+70 bytes 6+4 packets",
  ],
  [
    "a SYN that is refused",
    `
    0.0  >  S   100    0  0
    0.1  <  RA    0  101  0`,
    "REJ Sr 0.1 s 0+0 bytes 1+1 packets",
  ],
  ["a reset by the originator", `${handshake}\n 0.3 > RA 101 501 0`, "RSTO ShAR 0.3 s 0+0 bytes 3+1 packets"],
  ["a reset by the responder", `${handshake}\n 0.3 < RA 501 101 0`, "RSTR ShAr 0.3 s 0+0 bytes 2+2 packets"],
  [
    "a SYN and a reset behind it",
    `
    0.0  >  S  100  0  0
    0.1  >  R  101  0  0`,
    "RSTOS0 SR 0.1 s 0+0 bytes 2+0 packets",
  ],
  [
    "a SYN+ACK that nobody asked for, and a reset behind it",
    `
    0.0  <  SA  500  101  0
    0.1  <  R   501    0  0`,
    "RSTRH ^hr 0.1 s 0+0 bytes 0+2 packets",
  ],
  [
    "a SYN+ACK that is answered with a reset",
    `
    0.0  <  SA  500  101  0
    0.1  >  R   101    0  0`,
    "RSTO ^hR 0.1 s 0+0 bytes 1+1 packets",
  ],
  [
    "SYN and FIN of both sides, and a byte of each that was sent and not seen",
    `${handshake}
    0.3  >  FA  102  501  0
    0.4  <  FA  502  103  0`,
    "SF ShAFfG 0.4 s 1+1 bytes 3+2 packets 1 missed",
  ],
  [
    "a SYN and a FIN behind it",
    `
    0.0  >  S  100  0  0
    0.1  >  F  101  0  0`,
    "SH SF 0.1 s 0+0 bytes 2+0 packets",
  ],
  ["a close by the originator alone", `${handshake}\n 0.3 > FA 101 501 0`, "S2 ShAF 0.3 s 0+0 bytes 3+1 packets"],
  ["a close by the responder alone", `${handshake}\n 0.3 < FA 501 101 0`, "S3 ShAf 0.3 s 0+0 bytes 2+2 packets"],
  [
    "traffic picked up midway",
    `
    0.0  >  PA  101  501  20
    0.1  <  PA  501  121  30`,
    "OTH Dd 0.1 s 20+30 bytes 1+1 packets",
  ],
  [
    "a segment with FIN and RST, and one with SYN and FIN",
    `
    0.0  >  SF  100  0  0
    0.1  >  FR  101  0  0`,
    "OTH QI 0.1 s 0+0 bytes 2+0 packets",
  ],
];

describe("a TCP connection", () => {
  it.each(stories)("of %s", (_, text, expected) => {
    expect(outcomes(talk(text))).toEqual(expected.split(" | "));
  });
});

/** Letters of the history that tell of trouble. */
const troubles: readonly (readonly [string, string, string])[] = [
  [
    "content that is acknowledged and was never seen is a gap",
    `${handshake}
    0.3  <  A   501  101  100
    0.4  <  A   701  101  100
    0.5  >  A   101  801    0`,
    "S1 ShAdg 0.5 s 0+300 bytes 3+3 packets 100 missed",
  ],
  [
    "content that comes late is none",
    `${handshake}
    0.3  <  A   601  101  100
    0.4  <  A   501  101  100
    0.5  >  A   101  701    0`,
    "S1 ShAdt 0.5 s 0+200 bytes 3+3 packets",
  ],
  [
    "of content that was not captured whole all is a gap",
    `${handshake}
    0.3  <  A   501  101  100  cut
    0.5  >  A   101  601    0`,
    "S1 ShAdg 0.5 s 0+100 bytes 3+2 packets 100 missed",
  ],
  [
    "a gap of a connection picked up midway is not believed",
    `
    0.0  >  A   101  501   10
    0.1  <  A   501  111  100
    0.2  <  A   701  111  100
    0.3  >  A   111  801    0`,
    "OTH DdA 0.3 s 10+300 bytes 2+2 packets",
  ],
  [
    "a window of zero is told, but not with a reset",
    `${handshake}
    0.3  <  A   501  101  0  w
    0.4  >  RA  101  501  0  w`,
    "RSTO ShAawR 0.4 s 0+0 bytes 3+2 packets",
  ],
  [
    "a packet with a wrong checksum leaves its letter and nothing else",
    `${handshake}
    0.3  >  PA  101  501  20  c`,
    "S1 ShAC 0.2 s 0+0 bytes 2+1 packets",
  ],
];

describe("the history of a TCP connection", () => {
  it.each(troubles)("%s", (_, text, expected) => {
    expect(outcomes(talk(text))).toEqual([expected]);
  });

  it("tells of payload sent again the first, tenth and hundredth time", () => {
    const again = (times: number) => Array.from({ length: times + 1 }, () => "0.3 > A 101 501 5").join("\n");
    const letters = (times: number) => outcomes(talk(`${handshake}\n${again(times)}`))[0]!.split(" ")[1];
    expect([0, 1, 9, 10, 99, 100].map(letters)).toEqual([...["ShAD", "ShADT", "ShADT", "ShADTT", "ShADTT", "ShADTTT"]]);
  });

  it("has wrong checksums count for nothing where they are ignored", () => {
    const batch = batchOf(talk(`${handshake}\n0.3 > PA 101 501 20 c`));
    expect(tracked([batch], true).map(({ history }) => history)).toEqual(["ShAD"]);
  });
});

describe("sequence numbers", () => {
  it("may pass 2^32", () => {
    const text = `
      0.0  >  S   4294967200           0     0
      0.1  <  SA         500  4294967201     0
      0.2  >  A   4294967201         501  1000
      0.3  <  A          501         905     0
      0.4  >  A          905         501  1000`;
    expect(outcomes(talk(text))).toEqual(["S1 ShDa 0.4 s 2000+0 bytes 3+2 packets"]);
  });
});

describe("the originator of a TCP connection", () => {
  const first = (text: string, ports: { readonly sourcePort: number; readonly destinationPort: number }) =>
    tracked([batchOf(talk(text, ports))]).map((connection) => `${endsOf(connection)} ${connection.history}`);

  it("is who sends the SYN, whatever the ports", () => {
    expect(first("0 > S 1 0 0", { sourcePort: 80, destinationPort: 50_000 })).toEqual([
      "203.0.113.7:80 > 10.0.0.4:50000 S",
    ]);
  });

  it("is without a SYN the one whose port is no server's", () => {
    expect(first("0 > A 1 1 5", { sourcePort: 80, destinationPort: 50_000 })).toEqual([
      "10.0.0.4:50000 > 203.0.113.7:80 ^d",
    ]);
  });

  it("is of two servers' ports the one with the higher", () => {
    const pair = { sourcePort: 80, destinationPort: 443 };
    expect(first("0 > A 1 1 5", pair)).toEqual(["10.0.0.4:443 > 203.0.113.7:80 ^d"]);
    expect(first("0 < A 1 1 5", pair)).toEqual(["10.0.0.4:443 > 203.0.113.7:80 D"]);
  });

  it("sends a SYN+ACK on unknown ports until traffic follows", () => {
    const ports = { sourcePort: 50_000, destinationPort: 50_001 };
    expect(first("0 < SA 500 101 0", ports)).toEqual(["10.0.0.4:50001 > 203.0.113.7:50000 H"]);
    expect(first("0 < SA 500 101 0\n 1 > A 101 501 0", ports)).toEqual(["203.0.113.7:50000 > 10.0.0.4:50001 ^hA"]);
  });

  it("sends the SYN that comes behind its SYN+ACK", () => {
    const text = `
      0.0  <  SA  500  101  0
      0.1  >  S   100    0  0`;
    const ports = { sourcePort: 50_000, destinationPort: 50_001 };
    expect(first(text, ports)).toEqual(["203.0.113.7:50000 > 10.0.0.4:50001 Hs^"]);
  });
});
